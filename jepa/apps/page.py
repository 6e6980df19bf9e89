"""A repair as one HTML page: no script, no network, readable when printed."""

from collections.abc import Iterable, Iterator, Sequence
import html
import math
import re
import string

from jepa.apps import chart
from jepa.apps import display
from jepa.planning import repair

_PAGE = string.Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>jepa-repair: $heading</title>
<style>
  :root { color-scheme: light dark;
    --text: #1f2328; --soft: #656d76; --line: #d8dee4; --page: #fff;
    --box: #f6f8fa; --good: #116329; --good-box: #dafbe1; --bad: #a40e26;
    --bad-box: #ffebe9; --odd: #7d4e00; --mark: #0550ae; }
  @media (prefers-color-scheme: dark) { :root {
    --text: #d7dde4; --soft: #8d96a0; --line: #30363d; --page: #0d1117;
    --box: #161b22; --good: #57c26b; --good-box: #12311c; --bad: #ff8178;
    --bad-box: #3a1618; --odd: #d29922; --mark: #79b8ff; } }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2.5em auto 4em;
         max-width: 56em; padding: 0 1em; color: var(--text);
         background: var(--page); }
  h1 { font-size: 1.9em; line-height: 1.2; margin: 0 0 .2em; }
  h2 { font-size: 1.25em; margin: 2.2em 0 .6em; }
  h3 { font-size: 1em; margin: 0 0 .7em; }
  code, pre { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
  p, .soft { color: var(--soft); }
  p.facts strong { color: var(--text); font-size: 1.15em; }
  p.facts span { margin-right: 2em; }
  section { border: 1px solid var(--line); border-radius: 8px;
            padding: 1em 1.2em; margin: 1em 0; break-inside: avoid; }
  pre { margin: 0; overflow-x: auto; }
  code { background: var(--box); border-radius: 4px; padding: .15em .35em; }
  section p { margin: .8em 0 0; }
  pre span { display: block; padding: 0 .6em; }
  .added { background: var(--good-box); color: var(--good); }
  .removed { background: var(--bad-box); color: var(--bad); }
  .place, .kind { color: var(--mark); }
  ul { padding-left: 1.2em; }
  table { border-collapse: collapse; width: 100%; }
  th { font-weight: 600; color: var(--soft); }
  td, th { text-align: left; padding: .25em 1em .25em 0; vertical-align: top;
           border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
  .number { text-align: right; white-space: nowrap; }
  td.passed { color: var(--good); font-weight: 600; }
  td.failed { color: var(--bad); }
  td.hang, td.crash, td.invalid { color: var(--odd); }
  svg { width: 100%; height: auto; } svg text { font-size: 11px;
        fill: var(--soft); } svg line { stroke: currentColor; }
  svg line.grid { stroke: var(--line); } svg circle { fill: currentColor;
        stroke: currentColor; } svg circle.before { fill: var(--page); }
  svg g { color: var(--soft); } svg g.passed { color: var(--good); }
  svg g.failed { color: var(--bad); } svg g.hang, svg g.crash {
        color: var(--odd); }
</style>
<h1>$heading</h1>
<p class="facts">$facts</p>
<p>Failing: $failing</p>
$notes
$patches
$comparison
$leads
<h2>Where the candidates were</h2>
<table>
<tr><th>function<th class="number">suspicion<th class="number">executed
<th class="number">belief
$places
</table>
<h2>How beliefs moved</h2>
<p>Belief is the probability that the ranker gave a candidate before anything
was executed (hollow), and then what outcomes had made of it (full): a model
ranks anew, knowing what was tried; beliefs fall where others like it failed,
and rise where one made progress.</p>
$chart
<h2>What was executed</h2>
<table>
<tr><th class="number">#<th class="number">belief<th class="number">then
<th class="number">places<th>candidate<th>outcome
$trials
</table>
$rest
</html>
""")

_LINES = {"+": "added", "-": "removed", "@": "place"}
_MAX_TRIALS = 2000
_MAX_NAMES = 12  # Of tests.


def render(report: repair.Report) -> str:
  """Returns the page of a report."""
  return _PAGE.substitute(
      heading=_heading(report),
      facts=_facts(report),
      failing=_codes(report.failing),
      notes=_list(report.notes),
      patches="".join(
          _patch(number, p) for number, p in enumerate(report.patches, 1)
      ),
      comparison=_list(display.comparison(report)),
      leads="".join(_leads(report)),
      places="\n".join(_places(report)),
      chart=chart.beliefs(report.trials),
      trials="\n".join(_trials(report)),
      rest=_rest(report),
  )


def _leads(report: repair.Report) -> Iterator[str]:
  for heading, lines in display.leads(report):
    yield f"<p>{_text(heading)}</p>"
    if lines:
      yield f"<ul>{''.join(f'<li>{_text(line)}' for line in lines)}</ul>"


def _heading(report: repair.Report) -> str:
  if report.status == "not_found":
    return "No patch found"
  count = len(report.patches)
  found = "A verified patch" if count == 1 else f"{count} verified patches"
  some = " of some of the failures"
  return found + some * (report.status == "partial")


def _facts(report: repair.Report) -> str:
  facts = (
      (
          f"{report.executions}",
          "candidates until the first patch" if report.patches
          else "candidates executed",
      ),
      (f"{report.candidates}", "in all"),
      (f"{report.seconds:.1f} s", ""),
  )
  shown = "".join(
      f"<span><strong>{value}</strong> {what}</span>" for value, what in facts
  )
  return f"{shown}<span>in the order of {_text(report.ranker)}</span>"


def _patch(number: int, patch: repair.Patch) -> str:
  lines = patch.diff.decode("utf-8", "replace").splitlines()
  fixed = f"fixes {_codes(patch.fixed)}"
  if patch.remaining:
    fixed += f"; still failing, as before: {_codes(patch.remaining)}"
  doubts = ""
  if patch.doubts:
    doubts = f"<p>Look twice: it {_text('; it '.join(patch.doubts))}</p>"
  return (
      f"<section><h3>{number}. {_prose(patch.description)}</h3>"
      f"<pre>{''.join(map(_diff_line, lines))}</pre>"
      f'<p class="soft">Executed as number {patch.rank}, believed at '
      f"{display.percent(patch.probability)}, {fixed}</p>{doubts}</section>"
  )


def _diff_line(line: str) -> str:
  style = "soft" if line.startswith(("+++", "---")) else _LINES.get(line[:1])
  return f'<span class="{style or ""}">{_text(line) or " "}</span>'


def _list(lines: Iterable[str]) -> str:
  items = "".join(f"<li>{_text(line)}" for line in lines)
  return f"<ul>{items}</ul>" if items else ""


def _codes(names: Sequence[str]) -> str:
  shown = ", ".join(f"<code>{_text(n)}</code>" for n in names[:_MAX_NAMES])
  left = len(names) - _MAX_NAMES
  return f"{shown} and {left} more" if left > 0 else shown


def _rest(report: repair.Report) -> str:
  left = len(report.trials) - _MAX_TRIALS
  return f"<p>and {left} more</p>" if left > 0 else ""


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
    belief = display.percent(sum(t.probability for t in trials))
    yield (
        f"<tr><td><code>{_text(path)} {_text(name)}</code>"
        f'<td class="number">{trials[0].proposal.suspect.suspicion:.2f}'
        f'<td class="number">{len(trials)}<td class="number">{belief}'
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
        f'<td class="number">{display.percent(trial.probability)}'
        f'<td class="number">{_factor(trial.shift)}'
        f'<td class="number">{f"{moved:+d}" if moved else ""}'
        f"<td>{_prose(what)}"
        f'<td class="{execution.status}">{_text(outcome)}'
    )


def _factor(shift: float) -> str:
  return f"&times; {math.exp(shift):.2g}" if shift else ""


def _prose(text: str) -> str:
  """Returns text with what stands in backquotes as code."""
  return re.sub("`([^`]*)`", r"<code>\1</code>", _text(text))


def _text(text: str) -> str:
  return html.escape(text, quote=False)
