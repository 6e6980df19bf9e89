"""How beliefs moved while candidates were executed: a picture in a page."""

from collections.abc import Iterator, Sequence
import math

from jepa.planning import repair

_WIDTH, _HEIGHT = 880, 220  # Pixels.
_LEFT, _BOTTOM = 58, 24  # Of these for the axes.
_RADIUS = 3.2
_MAX_TRIALS = 200  # Later ones would lie on each other.
_LEAST = 1e-6  # Beliefs below are drawn there.


def beliefs(trials: Sequence[repair.Trial]) -> str:
  """Returns an SVG: each candidate's belief before and after outcomes.

  Args:
    trials: in the order of execution.
  """
  shown = trials[:_MAX_TRIALS]
  if not shown:
    return ""
  logs = [_log(t.probability, 0.0) for t in shown]
  logs += [_log(t.probability, t.shift) for t in shown]
  low, high = math.floor(min(logs)), math.ceil(max(logs) + 1e-9)
  if low == high:
    low -= 1

  def y(value: float) -> float:
    return 8 + (high - value) / (high - low) * (_HEIGHT - _BOTTOM - 16)

  def x(place: int) -> float:
    return _LEFT + (place - 0.5) / len(shown) * (_WIDTH - _LEFT)

  body = "\n".join((
      *_axes(y, low, high), *_marks(shown, x, y),
      f'<text x="{_WIDTH}" y="{_HEIGHT - 4}" text-anchor="end">executed: '
      f"1 to {len(shown)}</text>",
  ))
  return (
      f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
      f'aria-label="beliefs before and after outcomes">\n{body}\n</svg>'
  )


def _axes(y, low: int, high: int) -> Iterator[str]:
  for power in range(low, high + 1):
    yield (
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y(power):.1f}" '
        f'y2="{y(power):.1f}"/><text x="{_LEFT - 8}" y="{y(power) + 4:.1f}" '
        f'text-anchor="end">{100 * 10.0 ** power:g} %</text>'
    )


def _marks(shown: Sequence[repair.Trial], x, y) -> Iterator[str]:
  for place, trial in enumerate(shown, 1):
    at = f"{x(place):.1f}"
    before = f"{y(_log(trial.probability, 0.0)):.1f}"
    after = f"{y(_log(trial.probability, trial.shift)):.1f}"
    status = trial.execution.status
    yield (
        f'<g class="{status}"><title>{trial.number}: {status}</title>'
        f'<line x1="{at}" x2="{at}" y1="{before}" y2="{after}"/>'
        f'<circle class="before" cx="{at}" cy="{before}" r="{_RADIUS}"/>'
        f'<circle cx="{at}" cy="{after}" r="{_RADIUS}"/></g>'
    )


def _log(probability: float, shift: float) -> float:
  """Returns the logarithm to base 10 of a belief, moved by `shift` nats."""
  moved = math.log10(max(probability, _LEAST)) + shift / math.log(10)
  return min(0.0, max(math.log10(_LEAST), moved))
