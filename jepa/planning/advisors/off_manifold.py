"""Off-manifold knobs and wires: what is set as nobody would set it?

The advisor looks at every point of a program: how such points are usually set,
whether what they name is there, and whether the two ends of a wire fit; through
a world model, at the latent of the place and at what would follow from taking
the point out. The compiler accepts many of these in silence.
"""

from collections.abc import Sequence
import random
from typing import NamedTuple

from jepa.domains.orb import points as points_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import tampering
from jepa.planning.advisors import advice as advice_lib
from jepa.planning.advisors import calibration as calibration_lib
from jepa.planning.advisors import judge as judge_lib
from jepa.planning.advisors import point_features
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
import numpy as np

Point = points_lib.Point

NAME = "off-manifold"
CLEAN = "clean"
_MOST_REMARKS = 5
_RARE = 4.0  # Worth a word in a reason; in nats.
# Points of a program that are looked at, in fitting and measuring.
_KNOBS, _WIRES = 24, 40


class Example(NamedTuple):
  """A program, and what is the matter with it: `CLEAN`, or one tampered point.

  points: those that are looked at; tampered: index of the spoilt one, or -1.
  """
  origin: str
  kind: str
  program: program_lib.Program
  intent: tuple[str, ...]
  points: tuple[Point, ...]
  tampered: int


def make_examples(
    samples: Sequence[samples_lib.Sample], *, seed: int = 0
) -> list[Example]:
  """Returns each sample as it is, and tampered with in every possible way."""
  rng = random.Random(f"off-manifold/{seed}")
  pools = {
      s.origin: _some(points_lib.points(s.program), rng) for s in samples
  }
  examples = []
  for sample in samples:
    others = [o for o in rng.sample(sorted(pools), min(24, len(pools)))
              if o != sample.origin]
    donors = [point for origin in others for point in pools[origin]]
    examples.append(_example(sample, CLEAN, sample.program, None, rng))
    for kind in tampering.KINDS:
      spoilt = tampering.tamper(sample.program, kind, donors, rng)
      if spoilt is not None:
        examples.append(
            _example(sample, kind, spoilt.program, spoilt.point, rng)
        )
  return [e for e in examples if e.points]


def _example(sample, kind, program, point, rng):
  points = _some(points_lib.points(program), rng)
  if point is not None:
    points = [p for p in points if p.path != point.path]
    points.insert(rng.randrange(len(points) + 1), point)
  return Example(
      origin=sample.origin,
      kind=kind,
      program=program,
      intent=sample.intent,
      points=tuple(points),
      tampered=-1 if point is None else points.index(point),
  )


def _some(points: Sequence[Point], rng: random.Random) -> list[Point]:
  """Returns some of the points: large programs have hundreds."""
  knobs = [p for p in points if p.role == "knob"]
  wires = [p for p in points if p.role != "knob"]
  return [
      *rng.sample(wires, min(_WIRES, len(wires))),
      *rng.sample(knobs, min(_KNOBS, len(knobs))),
  ]


class Knowledge(NamedTuple):
  """What is learnt by counting, and the main directions of latents.

  mean, directions: `[D]` and `[D, R]` of the latents of places; and scale:
    `[R]`, how far they spread. None without a model.
  """
  habits: point_features.Habits
  mean: np.ndarray | None = None
  directions: np.ndarray | None = None
  scale: np.ndarray | None = None


class Fitted(NamedTuple):
  knowledge: Knowledge
  judge: judge_lib.Judge
  calibration: calibration_lib.Calibration


def read(
    examples: Sequence[Example], reader: reading.Reader | None
) -> list[np.ndarray]:
  """Returns what a model makes of the points of each example, `[P, F]`.

  Tampering changes one part of a program; the others are read once.
  """
  if reader is None:
    return [np.zeros((len(e.points), 0), np.float32) for e in examples]
  views: dict[tuple, reading.View] = {}
  rows: dict[tuple, tuple[tuple, int]] = {}
  for i, example in enumerate(examples):
    homes: dict[program_lib.Path, list[Point]] = {}
    for point in example.points:
      homes.setdefault(point_features.home(point), []).append(point)
    for home, points in homes.items():
      content = program_lib.digest(program_lib.find(example.program, home))
      places = tuple(point.path for point in points)
      key = example.origin, home, content, places
      views.setdefault(
          key, point_features.view(example.program, points, example.intent)
      )
      rows.update({(i, p.path): (key, j) for j, p in enumerate(points)})
  seen = dict(zip(views, map(point_features.foreseen,
                             reader(list(views.values())))))
  return [
      np.stack([_row(seen, rows[i, p.path]) for p in e.points])
      for i, e in enumerate(examples)
  ]


def _row(seen, place):
  key, j = place
  return seen[key][j]


def learn(
    samples: Sequence[samples_lib.Sample], foreseen: Sequence[np.ndarray]
) -> Knowledge:
  """Counts habits, and finds where the latents of places mostly lie.

  Args:
    samples: programs as they should be.
    foreseen: what `read` made of the training examples.
  """
  habits = point_features.count_habits(
      (s.origin, s.program) for s in samples
  )
  sites = _sites(np.concatenate(foreseen))
  if not sites.shape[1]:
    return Knowledge(habits)
  mean = sites.mean(axis=0)
  _, spread, directions = np.linalg.svd(sites - mean, full_matrices=False)
  spread = spread[:_RANK] / len(sites) ** 0.5
  return Knowledge(habits, mean, directions[:_RANK].T, spread + 1e-6)


_RANK = 16  # Directions that are kept: there are few programs to learn from.
_NUM_FORESEEN = 11  # Columns of `point_features.foreseen` before the latents.


def _sites(foreseen: np.ndarray) -> np.ndarray:
  return foreseen[:, _NUM_FORESEEN:]


def features(
    example: Example,
    foreseen: np.ndarray,
    knowledge: Knowledge,
    forgotten: float = 0.0,
) -> np.ndarray:
  """Returns the features of an example's points, shape `[P, F]`.

  Args:
    example: a program and its points.
    foreseen: what `read` made of them.
    knowledge: see `learn`.
    forgotten: see `point_features.Habits.without`.
  """
  shown = point_features.written(
      example.program,
      example.points,
      knowledge.habits,
      example.origin,
      forgotten,
  )
  if knowledge.mean is None:
    return shown
  away = _sites(foreseen) - knowledge.mean
  along = away @ knowledge.directions
  beside = np.linalg.norm(away - along @ knowledge.directions.T, axis=1)
  along = along / knowledge.scale
  distance = np.linalg.norm(along, axis=1)
  return np.concatenate(
      [
          shown,
          foreseen[:, :_NUM_FORESEEN],
          along,
          np.stack([distance, beside], axis=1),
      ],
      axis=1,
  ).astype(np.float32)


def score(
    fitted: Fitted, all_features: Sequence[np.ndarray]
) -> list[np.ndarray]:
  """Returns log-odds that each point is spoilt, for each example `[P]`."""
  ends = np.cumsum([len(x) for x in all_features])[:-1]
  scores = judge_lib.score_binary(fitted.judge, np.concatenate(all_features))
  return np.split(scores, ends)


def is_right(
    scores: Sequence[np.ndarray], examples: Sequence[Example]
) -> np.ndarray:
  """Returns whether the most suspicious point is the tampered one.

  In a program as it is, nothing should be suspicious: never right.
  """
  return np.array(
      [int(s.argmax()) == e.tampered for s, e in zip(scores, examples)]
  )


def make_advisor(
    fitted: Fitted, reader: reading.Reader | None
) -> advice_lib.Advisor:
  """Returns the advisor; `reader` as it was when `fitted` was."""

  def advise(question):
    points = points_lib.points(question.program)
    if not points:
      return advice_lib.make_advice(
          NAME, [], threshold=1.0, otherwise="nothing is tuned or wired here"
      )
    example = Example(
        "", CLEAN, question.program, question.intent, points, -1
    )
    x = features(example, read([example], reader)[0], fitted.knowledge)
    scores, = score(fitted, [x])
    order = np.argsort(-scores, kind="stable")[:_MOST_REMARKS]
    remarks = [
        advice_lib.Remark(
            about=f"{program_lib.show(points[i].path)} = {points[i].value!r}",
            score=float(scores[i]),
            confidence=float(fitted.calibration.confidence(scores[i])),
            reason=_reason(question.program, points[i], fitted.knowledge),
        )
        for i in order
    ]
    return advice_lib.make_advice(
        NAME, remarks, threshold=fitted.calibration.threshold, otherwise=""
    )

  return advise


def _reason(program, point: Point, knowledge: Knowledge) -> str:
  """Says what a reader can check."""
  around = point_features.Surroundings(program)
  count = knowledge.habits.without("")
  said = [
      f"{role} {point.value!r} is nowhere in the program"
      for i in range(len(point.path) - 1, len(point.path) + 1)
      for role in sorted(around.loose.get(point.path[:i], ()))
      if role == point.role or point.role == "reference"
  ]
  context = ".".join(c for c in point.context if c)
  seen = count("context", *point.context)
  is_rare = point_features.rarity(count, point) > _RARE
  if not seen:
    said.append(f"{context} was never seen")
  elif is_rare and point.role in ("knob", "scope"):
    said.append(f"{context} is hardly ever set to that ({seen} seen)")
  return "; ".join(said) or "the place is unlike those that were seen"
