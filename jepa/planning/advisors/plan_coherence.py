"""Plan coherence: do these steps hang together, from here to their end?

The advisor sees the loose ends that a plan leaves and ties and, through a
world model, what the verifier would say on the way. It needs no verdict.
"""

from collections.abc import Sequence
import dataclasses
import random
from typing import NamedTuple

from jepa.domains.orb import derailing
from jepa.domains.orb import loose_ends
from jepa.planning.advisors import advice as advice_lib
from jepa.planning.advisors import calibration as calibration_lib
from jepa.planning.advisors import judge as judge_lib
from jepa.planning.advisors import plan_features
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib
import numpy as np

NAME = "plan coherence"
COHERENT = "coherent"


class Example(NamedTuple):
  """A plan, and what is the matter with it: `COHERENT`, or how it was spoilt.

  written, foreseen: its features; `foreseen` is empty without a model.
  """
  origin: str
  kind: str
  question: advice_lib.Question
  trace: plan_features.Trace
  written: np.ndarray
  foreseen: np.ndarray

  @property
  def is_coherent(self) -> bool:
    return self.kind == COHERENT

  @property
  def features(self) -> np.ndarray:
    return np.concatenate([self.written, self.foreseen])


def make_examples(
    samples: Sequence[samples_lib.Sample],
    reader: reading.Reader | None,
    *,
    per_sample: int = 2,
    seed: int = 0,
) -> list[Example]:
  """Returns plans that complete the samples, each with its spoilt versions."""
  rng = random.Random(f"coherence/{seed}")
  proposals = [
      (sample, proposal)
      for sample in samples
      for _ in range(per_sample)
      if (proposal := sample.proposal(rng)) is not None
  ]
  questions = []
  for sample, proposal in proposals:
    others = [p for s, p in rng.sample(proposals, min(32, len(proposals)))
              if s.origin != sample.origin]
    foreign = [step for p in others for step in p.steps]
    for kind, version in _versions(sample, proposal, foreign, rng):
      question = advice_lib.Question(
          program=version.start, steps=version.steps, intent=sample.intent
      )
      questions.append((sample.origin, kind, question))
  return examine(questions, reader)


def _versions(sample, proposal, foreign, rng):
  """Yields a kind and a proposal: the coherent one first, then spoilt ones."""
  yield COHERENT, proposal
  for kind, derail in derailing.DERAILINGS.items():
    if kind == "dropped":
      spoilt = _dropped(sample, len(proposal.steps), rng)
    else:
      steps = derail(proposal, foreign, rng) if foreign else None
      spoilt = steps and dataclasses.replace(proposal, steps=steps)
    if spoilt:
      yield kind, spoilt


def _dropped(sample, length, rng):
  """Returns a plan that lacks a step, and is as long as a whole one.

  Otherwise the length would give it away.
  """
  for _ in range(8):
    longer = sample.proposal(rng, length + 1)
    steps = longer and derailing.omit(longer, (), rng)
    if steps and abs(len(steps) - length) <= rng.choice((0, 1)):
      return derailing.Proposal(start=longer.start, steps=steps)
  return None


def examine(
    questions: Sequence[tuple[str, str, advice_lib.Question]],
    reader: reading.Reader | None,
) -> list[Example]:
  """Returns examples of (origin, kind, question), with their features."""
  traces = [plan_features.follow(q.program, q.steps) for *_, q in questions]
  foreseen = [np.zeros(0, np.float32)] * len(questions)
  if reader is not None:
    views = [
        plan_features.views(trace, q.steps, q.intent)
        for trace, (*_, q) in zip(traces, questions)
    ]
    readings = reader([view for group in views for view in group])
    ends = np.cumsum([0, *map(len, views)])
    foreseen = [
        plan_features.foreseen(readings[a:b]) for a, b in zip(ends, ends[1:])
    ]
  return [
      Example(
          origin=origin,
          kind=kind,
          question=q,
          trace=trace,
          written=plan_features.written(trace, q.steps),
          foreseen=seen,
      )
      for (origin, kind, q), trace, seen in zip(questions, traces, foreseen)
  ]


class Fitted(NamedTuple):
  judge: judge_lib.Judge
  calibration: calibration_lib.Calibration


def score(
    judge: judge_lib.Judge,
    examples: Sequence[Example],
    features=lambda e: e.features,
) -> np.ndarray:
  """Returns log-odds that each plan is coherent, shape `[n]`."""
  x = np.stack([features(e) for e in examples])
  return judge_lib.score_binary(judge, x)


def is_right(scores: np.ndarray, examples: Sequence[Example]) -> np.ndarray:
  return (scores > 0) == np.array([e.is_coherent for e in examples])


def make_advisor(
    fitted: Fitted, reader: reading.Reader | None
) -> advice_lib.Advisor:
  """Returns the advisor; `reader` as it was when `fitted` was."""

  def advise(question):
    if not question.steps:
      return advice_lib.make_advice(
          NAME, [], threshold=1.0, otherwise="no plan was given"
      )
    example, = examine([("", "", _end(question))], reader)
    logit = float(score(fitted.judge, [example])[0])
    remark = advice_lib.Remark(
        about="the plan is " + ("coherent" if logit > 0 else "not coherent"),
        score=logit,
        confidence=float(fitted.calibration.confidence(abs(logit))),
        reason=_reason(example, len(question.steps)),
    )
    return advice_lib.make_advice(
        NAME, [remark], threshold=fitted.calibration.threshold, otherwise=""
    )

  return advise


_LONGEST = 24  # Steps of the plans that judges are fitted on.


def _end(question: advice_lib.Question) -> advice_lib.Question:
  """Returns what is left to judge of a plan once most of it has been followed.

  Only its end shows whether a plan ties what it opens.
  """
  first = max(len(question.steps) - _LONGEST, 0)
  trace = plan_features.follow(question.program, question.steps[:first])
  return dataclasses.replace(
      question, program=trace.programs[-1], steps=question.steps[first:]
  )


def _reason(example: Example, num_steps: int) -> str:
  """Says what a reader can check; the example is the end of `num_steps`."""
  steps = example.question.steps
  first = num_steps - len(steps)
  failing = [
      f"step {first + i + 1} ({steps[i].kind}) does not apply"
      for i, is_applied in enumerate(example.trace.applied)
      if not is_applied
  ]
  before, after = (
      {(e.role, e.name) for e in loose_ends.loose_ends(p)}
      for p in (example.trace.programs[0], example.trace.programs[-1])
  )
  left = [f"it leaves {role} {name!r} open" for role, name in after - before]
  tied = f"it ties {len(before - after)} of {len(before)} loose ends"
  said = [*failing[:2], *sorted(left)[:3]] or [tied]
  if first:
    said.append(f"judged by its last {len(steps)} steps")
  return "; ".join(said)
