"""A repair as one HTML page: no script, no network, readable when printed."""

from collections.abc import Iterator
import html
import math
import string

from jepa.apps import display
from jepa.planning import repair

_PAGE = string.Template("""<!doctype html>
<meta charset="utf-8">
<title>jepa-repair: $status</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto;
         max-width: 60em; padding: 0 1em; color: #222; background: #fff; }
  pre { background: #f6f6f6; padding: 1em; overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  td, th { text-align: left; padding: .15em .8em .15em 0;
           border-bottom: 1px solid #eee; vertical-align: top; }
  td.number { text-align: right; }
  .added, .passed { color: #0a6b2d; } .removed, .failed { color: #a3211b; }
  .place { color: #355c9b; } .hang, .crash, .invalid { color: #8a6d00; }
  code { font-size: 13px; }
</style>
<h1>$heading</h1>
<p>$summary</p>
<ul>$notes</ul>
$patches
$comparison
$leads
<h2>Where the candidates were</h2>
<table>
<tr><th>function</th><th>suspicion</th><th>executed</th><th>belief</th></tr>
$places
</table>
<h2>What was executed</h2>
<p>In this order. Belief is the probability that the ranker gave a candidate
before anything was executed, and then what outcomes had made of it: a model
ranks anew, knowing what was tried; beliefs fall where others like it failed,
and rise where one made progress.</p>
<table>
<tr><th>#</th><th>belief</th><th>then</th><th>places</th><th>candidate</th>
<th>outcome</th></tr>
$trials
</table>
""")

_HEADINGS = {
    "fixed": "A verified patch",
    "partial": "A patch of some of the failures",
    "not_found": "No patch found",
}
_LINES = {"+": "added", "-": "removed", "@": "place"}
_MAX_TRIALS = 2000


def render(report: repair.Report) -> str:
  """Returns the page of a report."""
  failing = ", ".join(f"<code>{_text(t)}</code>" for t in report.failing)
  return _PAGE.substitute(
      status=report.status,
      heading=_HEADINGS[report.status],
      summary=(
          f"Failing: {failing}. {report.executions} of {report.candidates} "
          f"candidates executed in {report.seconds:.1f} s, in the order of "
          f"{_text(report.ranker)}."
      ),
      notes="".join(f"<li>{_text(note)}" for note in report.notes),
      patches="".join(map(_patch, report.patches)),
      comparison="".join(
          f"<p>{_text(line)}</p>" for line in display.comparison(report)
      ),
      leads="".join(_leads(report)),
      places="\n".join(_places(report)),
      trials="\n".join(_trials(report)),
  )


def _leads(report: repair.Report) -> Iterator[str]:
  for heading, lines in display.leads(report):
    yield f"<p>{_text(heading)}</p>"
    if lines:
      yield f"<ul>{''.join(f'<li>{_text(line)}' for line in lines)}</ul>"


def _patch(patch: repair.Patch) -> str:
  remarks = ""
  if patch.remaining:
    names = ", ".join(map(_text, patch.remaining))
    remarks = f"<p>Still failing, as before: {names}</p>"
  if patch.doubts:
    remarks += f"<p>Look twice: it {_text('; it '.join(patch.doubts))}</p>"
  lines = patch.diff.decode("utf-8", "replace").splitlines()
  return (
      f"<h2>{_text(patch.description)}</h2>{remarks}"
      f"<pre>{chr(10).join(map(_diff_line, lines))}</pre>"
  )


def _diff_line(line: str) -> str:
  style = _LINES.get(line[:1])
  return f'<span class="{style}">{_text(line)}</span>' if style else _text(line)


def _places(report: repair.Report) -> Iterator[str]:
  """Yields a row for each function of which an edit was executed."""
  places: dict[tuple[str, str], list] = {}
  for trial in report.trials:
    suspect = trial.proposal.suspect
    name = "" if suspect.statement else suspect.function.qualname
    key = (suspect.function.path, name)
    places.setdefault(key, []).append(trial)
  for (path, name), trials in sorted(
      places.items(), key=lambda x: -x[1][0].proposal.suspect.suspicion
  ):
    belief = 100 * sum(t.probability for t in trials)
    yield (
        f"<tr><td><code>{_text(path)} {_text(name)}</code>"
        f'<td class="number">{trials[0].proposal.suspect.suspicion:.2f}'
        f'<td class="number">{len(trials)}<td class="number">{belief:.2g} %'
    )


def _trials(report: repair.Report) -> Iterator[str]:
  trials = report.trials[:_MAX_TRIALS]
  by_belief = sorted(trials, key=lambda t: -t.probability)
  places = {id(t): place for place, t in enumerate(by_belief, 1)}
  for trial in trials:
    moved = places[id(trial)] - trial.number
    execution = trial.execution
    outcome = execution.status
    if execution.failed_test:
      outcome += f" at {execution.failed_test}"
    if execution.exception:
      outcome += f": {execution.exception}"
    path = trial.proposal.suspect.function.path
    what = f"{path} {repair.describe(trial.proposal)}"
    yield (
        f'<tr><td class="number">{trial.number}'
        f'<td class="number">{100 * trial.probability:.2g} %'
        f'<td class="number">{_factor(trial.shift)}'
        f'<td class="number">{f"{moved:+d}" if moved else ""}'
        f"<td><code>{_text(what)}</code>"
        f'<td class="{execution.status}">{_text(outcome)}'
    )


def _factor(shift: float) -> str:
  return f"&times; {math.exp(shift):.2g}" if shift else ""


def _text(text: str) -> str:
  return html.escape(text, quote=False)
