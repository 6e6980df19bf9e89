"""Missing orbital: which kind of orbital does a nearly whole program lack?

The advisor matches the kinds of a catalogue with the loose ends of a program,
with what it says it is for, and with what usually goes together; through a
world model, with what would follow from adding each.
"""

from collections.abc import Sequence
from typing import NamedTuple

from jepa.baselines.orb import inputs as inputs_lib
from jepa.domains.orb import catalogue as catalogue_lib
from jepa.domains.orb import census
from jepa.domains.orb import program as program_lib
from jepa.planning.advisors import advice as advice_lib
from jepa.planning.advisors import calibration as calibration_lib
from jepa.planning.advisors import judge as judge_lib
from jepa.planning.advisors import orbital_features
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
import numpy as np

NAME = "missing orbital"
_MOST_REMARKS = 5
_NUM_KINDS = 192  # Of a catalogue; rarer ones are left out.


class Example(NamedTuple):
  """A program without one of its orbitals.

  program: what is left; whole: what it was; removed: the orbital.
  intent: words that say what is wanted, besides those of the program.
  """
  origin: str
  program: program_lib.Program
  whole: program_lib.Program
  removed: program_lib.Json
  intent: tuple[str, ...]


def make_examples(
    samples: Sequence[samples_lib.Sample], *, with_intent: bool = True
) -> list[Example]:
  """Returns every way to take one of several orbitals out of the samples.

  Args:
    samples: whole programs; those with a single orbital give no example.
    with_intent: keep what the program, or its author, says it is for.
  """
  examples = []
  for sample in samples:
    whole = sample.program if with_intent else _mute(sample.program)
    orbitals = program_lib.items(whole, ("orbitals",))
    for i, orbital in enumerate(orbitals if len(orbitals) > 1 else ()):
      examples.append(
          Example(
              origin=sample.origin,
              program=census.without(whole, i),
              whole=whole,
              removed=orbital,
              intent=sample.intent if with_intent else (),
          )
      )
  return examples


def whole_examples(samples: Sequence[samples_lib.Sample]) -> list[Example]:
  """Returns the samples as they are: nothing is missing from them."""
  return [
      Example(s.origin, s.program, s.program, None, s.intent) for s in samples
  ]


def _mute(program: program_lib.Program) -> program_lib.Program:
  """Returns the program without the words that say what it is for."""
  kept = {k: v for k, v in program.items() if k != "description"}
  return {**kept, "name": "App"}


class Knowledge(NamedTuple):
  """What is learnt by counting, and means of latents.

  prototypes: `[C, D]`, and whole: `[D]`, see `orbital_features.foreseen`;
    None without a model.
  """
  catalogue: catalogue_lib.Catalogue
  company: orbital_features.Company
  prototypes: np.ndarray | None = None
  whole: np.ndarray | None = None


class Fitted(NamedTuple):
  knowledge: Knowledge
  judge: judge_lib.Judge
  calibration: calibration_lib.Calibration


def learn(
    samples: Sequence[samples_lib.Sample],
    examples: Sequence[Example],
    facet: str,
    reader: reading.Reader | None = None,
) -> Knowledge:
  """Counts, and averages what a model makes of the examples."""
  catalogue = catalogue_lib.learn(
      [s.program for s in samples], facet, room=_NUM_KINDS
  )
  company = orbital_features.remember(
      [(s.origin, s.program) for s in samples], catalogue
  )
  if reader is None:
    return Knowledge(catalogue, company)
  z = np.stack([r.z for r in reader([_bare(e, False) for e in examples])])
  whole = [r.z for r in reader([_bare(e, True) for e in examples])]
  kinds = labels(examples, catalogue)
  prototypes = np.zeros((len(catalogue.kinds), z.shape[1]), np.float32)
  for kind in set(kinds) - {-1}:
    prototypes[kind] = z[kinds == kind].mean(axis=0)
  return Knowledge(catalogue, company, prototypes, np.mean(whole, axis=0))


def _bare(example: Example, is_whole: bool) -> reading.View:
  program = example.whole if is_whole else example.program
  return reading.View(program, (), example.intent)


def labels(
    examples: Sequence[Example], catalogue: catalogue_lib.Catalogue
) -> np.ndarray:
  """Returns which kind each example lacks, shape `[n]`; -1 if of none."""
  found = [catalogue.index(e.removed) for e in examples]
  return np.array([-1 if k is None else k for k in found])


class Table(NamedTuple):
  """Examples and the kinds that each may lack.

  kinds: of each example; features: `[n, C, F]`; choice: with masks and, where
  the examples know it, labels `[n, C]`.
  """
  kinds: list[list[catalogue_lib.Kind]]
  features: np.ndarray
  choice: inputs_lib.Choice


def tabulate(
    examples: Sequence[Example],
    knowledge: Knowledge,
    reader: reading.Reader | None = None,
) -> Table:
  """Returns what speaks for each kind in each example.

  An example's own program does not count in what goes with what.
  """
  catalogue = knowledge.catalogue
  kinds = [orbital_features.candidates(e.program, catalogue) for e in examples]
  rows = [
      orbital_features.written(
          e.program, e.intent, k, catalogue, knowledge.company, e.origin
      )
      for e, k in zip(examples, kinds)
  ]
  if reader is not None:
    readings = reader([
        orbital_features.view(e.program, e.intent, k)
        for e, k in zip(examples, kinds)
    ])
    rows = [
        np.concatenate([row, _foreseen(knowledge, seen)], axis=1)
        for row, seen in zip(rows, readings)
    ]
  room = _NUM_KINDS + orbital_features.NUM_OPEN
  features = np.zeros((len(examples), room, rows[0].shape[1]), np.float32)
  mask = np.zeros((len(examples), room), bool)
  for i, row in enumerate(rows):
    features[i, : len(row)] = row
    mask[i, : len(row)] = True
  right = _right(examples, kinds, catalogue, room)
  return Table(kinds, features, inputs_lib.Choice(right, mask))


def _foreseen(knowledge: Knowledge, seen: reading.Reading) -> np.ndarray:
  """Pads the prototypes to the kinds that are not in the catalogue."""
  prototypes = np.zeros_like(seen.z_hat)
  prototypes[: len(knowledge.prototypes)] = knowledge.prototypes
  return orbital_features.foreseen(seen, prototypes, knowledge.whole)


def _right(examples, kinds, catalogue, room) -> np.ndarray:
  right = np.zeros((len(examples), room), np.float32)
  known_labels = labels(examples, catalogue)
  for i, (example, known) in enumerate(zip(examples, known_labels)):
    if known < 0 and catalogue.facet == "subject":
      names = [kind.label for kind in kinds[i]]
      subject = census.subject(example.removed or {})
      known = names.index(subject) if subject in names else -1
    if known >= 0:
      right[i, known] = 1.0
  return right


def score(judge: judge_lib.Judge, table: Table) -> np.ndarray:
  """Returns a score of each kind, shape `[n, C]`; of none, -inf."""
  scores = judge_lib.score_choice(judge, table.features)
  return np.where(table.choice.mask, scores, -np.inf)


def margins(scores: np.ndarray) -> np.ndarray:
  """Returns log-odds of the best kind against all others, shape `[n]`."""
  rest = np.sort(scores, axis=1)[:, :-1]
  odds = scores.max(axis=1) - np.logaddexp.reduce(rest, axis=1)
  return np.clip(odds, -30.0, 30.0)


def is_right(scores: np.ndarray, right: inputs_lib.Choice) -> np.ndarray:
  rows = np.arange(len(scores))
  return right.labels[rows, scores.argmax(axis=1)] > 0


def make_advisor(
    fitted: Fitted, reader: reading.Reader | None
) -> advice_lib.Advisor:
  """Returns the advisor; `reader` as it was when `fitted` was."""
  knowledge = fitted.knowledge

  def advise(question):
    if not _is_familiar(question.program, knowledge.catalogue):
      return advice_lib.make_advice(
          f"{NAME} ({knowledge.catalogue.facet})",
          [],
          threshold=1.0,
          otherwise="no orbital of the program is of a kind that was seen",
      )
    example = Example(
        "", question.program, question.program, None, question.intent
    )
    table = tabulate([example], knowledge, reader)
    kinds, scores = table.kinds[0], score(fitted.judge, table)[0]
    order = np.argsort(-scores, kind="stable")[:_MOST_REMARKS]
    remarks = [
        advice_lib.Remark(
            about=f"lacks {knowledge.catalogue.facet} {kinds[i].label!r}",
            score=float(scores[i]),
            confidence=_confidence(fitted, scores, int(i)),
            reason=_reason(table.features[0, i], kinds[i]),
        )
        for i in order[: len(kinds)]
    ]
    return advice_lib.make_advice(
        f"{NAME} ({knowledge.catalogue.facet})",
        remarks,
        threshold=fitted.calibration.threshold,
        otherwise="",
    )

  return advise


def _is_familiar(
    program: program_lib.Program, catalogue: catalogue_lib.Catalogue
) -> bool:
  """Whether some orbital is in the catalogue, or subjects can be read anyway.

  Subjects are words, which a program's loose ends name; shapes are known from
  the catalogue or not at all.
  """
  if catalogue.facet == "subject":
    return bool(catalogue.kinds)
  orbitals = program_lib.orbitals(program)
  return any(catalogue.index(o) is not None for _, o in orbitals)


def _confidence(fitted: Fitted, scores: np.ndarray, kind: int) -> float:
  """Returns the calibrated probability that `kind` is what is missing."""
  others = np.logaddexp.reduce(np.delete(scores, kind))
  odds = np.clip(scores[kind] - others, -30.0, 30.0)
  return float(fitted.calibration.confidence(odds))


def _reason(row: np.ndarray, kind: catalogue_lib.Kind) -> str:
  """Says which of the features that a reader can check speak for the kind."""
  shown = dict(zip(orbital_features.NAMES, row))
  said = [
      f"a loose {name.removeprefix('loose ')} names it"
      for name, value in shown.items()
      if name.startswith("loose ") and value
  ]
  if shown["is wanted and not there"]:
    said.append("it is asked for and not there")
  if shown["company"] > 0.5:
    said.append("it often goes with what is there")
  return "; ".join(said) or f"seen {kind.count} times elsewhere"
