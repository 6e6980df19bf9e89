"""Advice: what every advisor is asked, and what it answers."""

from collections.abc import Callable
import dataclasses
from typing import Any

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import program as program_lib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Question:
  """program: as it is; steps: what is proposed to do next, if anything.

  intent: words that say what is wanted, besides those of the program itself.
  """
  program: program_lib.Program
  steps: tuple[actions_lib.Action, ...] = ()
  intent: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Remark:
  """One thing that an advisor has to say.

  about: what it is said of: a kind of orbital, a step, a place in the program.
  score: how strongly, in the advisor's own units; higher is stronger.
  confidence: probability that the remark is right, as calibrated on programs
    that the advisor was not fitted on.
  reason: why, in words.
  """
  about: str
  score: float
  confidence: float
  reason: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Advice:
  """An advisor's answer: remarks, the most confident first.

  abstained: the first remark is less sure than the advisor has to be; there
    may also be no remark at all.
  reason: why it abstained, or what the remarks are about.
  """
  advisor: str
  remarks: tuple[Remark, ...]
  abstained: bool
  reason: str

  def to_json(self) -> dict[str, Any]:
    return dataclasses.asdict(self)


Advisor = Callable[[Question], Advice]


def make_advice(
    advisor: str,
    remarks: list[Remark],
    *,
    threshold: float,
    otherwise: str,
) -> Advice:
  """Returns advice, which abstains where its first remark is not sure enough.

  Args:
    advisor: who says it.
    remarks: what it would say.
    threshold: the least confidence of advice that does not abstain.
    otherwise: the reason to give if there is nothing to say.
  """
  remarks = sorted(remarks, key=lambda r: -r.confidence)
  best = remarks[0].confidence if remarks else 0.0
  if not remarks:
    reason = otherwise
  elif best < threshold:
    reason = f"not sure enough: {best:.2f}, and it takes {threshold:.2f}"
  else:
    reason = remarks[0].reason
  return Advice(
      advisor=advisor,
      remarks=tuple(remarks),
      abstained=best < threshold,
      reason=reason,
  )


def format_advice(advice: Advice) -> str:
  """Returns advice as a small table, without remarks that nobody believes."""
  head = f"{advice.advisor}: "
  if advice.abstained:
    head += f"abstains ({advice.reason})"
  elif advice.remarks:
    head += advice.remarks[0].about
  lines = [head]
  for i, remark in enumerate(advice.remarks):
    if i and remark.confidence < 0.01:
      continue
    lines.append(
        f"  {100 * remark.confidence:3.0f} %  {remark.about}: {remark.reason}"
    )
  # JSON may hold what no terminal can show: half of a surrogate pair.
  return "\n".join(lines).encode("utf-8", "replace").decode()
