"""Reports of held-out branches as text and as JSON."""

from collections.abc import Mapping
import math
from typing import Any

from jepa import diagnostics
from jepa import stats
from jepa.evaluation import branches

_NOTE = (
    "AUC of successes against failures of the same state, mean over states; "
    "the interval (95 %) draws whole programs. The state-only oracle is told "
    "each state's share of successes; action-only priors are counted over the "
    "other programs of this very set."
)


def format_all(name: str, report: branches.Report) -> str:
  """Returns the three tables on one model."""
  return "\n\n".join((
      format_report(name, report),
      format_signals(report),
      format_health(report),
  ))


def format_report(name: str, report: branches.Report) -> str:
  """Returns the report on one model as text."""
  lines = [
      f"{name}: {report.num_branches} states of {report.num_programs} "
      f"programs, {report.num_actions} executed actions; success differs "
      f"between actions in {100 * report.mixed:.0f} % of the states",
      f"  {'':30} {'within-branch AUC':>24} {'accuracy':>9}",
  ]
  for scorer, row in report.rows.items():
    lines.append(f"  {scorer:30} {_show(row.auc):>24} {row.accuracy:9.3f}")
  return "\n".join([*lines, _NOTE])


def format_signals(report: branches.Report) -> str:
  """Returns how each of the verifier's signals is foretold, and the means."""
  lines = [
      f"  {'signal, over all actions':38} {'count':>6} {'AUC':>6} "
      f"{'within':>6} {'AP':>6} {'prior AP':>8}"
  ]
  for name, signal in report.signals.items():
    lines.append(_signal_line(name, f"{signal.count}", *signal[1:]))
  codes = codes_of(report)
  if codes:
    columns = list(zip(*codes.values()))[1:]
    means = [_mean([x for x in c if x is not None]) for c in columns]
    lines.append(_signal_line(f"mean of {len(codes)} codes", "", *means))
  return "\n".join(lines)


def codes_of(report: branches.Report) -> dict[str, branches.Signal]:
  """Returns the signals that are codes of the verifier: those in capitals."""
  return {n: s for n, s in report.signals.items() if n.isupper()}


def format_health(report: branches.Report) -> str:
  """Returns the diagnostics of the latents, and the alarms they ring."""
  lines = ["latents"]
  lines += [f"  {n:24} {x:.3f}" for n, x in report.health.items()]
  lines.append(
      "  P(success), foretold: what came true (of so many)\n    "
      + diagnostics.format_bins(report.calibration["bins"])
  )
  return "\n".join([*lines, *(f"ALARM: {a}" for a in report.alarms)])


def compare(reports: Mapping[str, branches.Report], seeds: Mapping[str, str]):
  """Returns one line for each model, and one for each arm of several seeds.

  Args:
    reports: by name of the model, all on the same branches.
    seeds: which arm each model is a seed of.
  """
  lines = [f"  {'':30} {'within-branch AUC':>24} {'rank':>6} {'predictor':>9}"]
  by_arm: dict[str, list[float]] = {}
  for name, report in reports.items():
    auc = report.rows[branches.MODEL].auc
    by_arm.setdefault(seeds[name], []).append(auc.estimate)
    lines.append(
        f"  {name:30} {_show(auc):>24} {report.health['rank']:6.1f} "
        f"{report.health['predictor_rank']:9.1f}"
    )
  for arm, values in by_arm.items():
    if len(values) > 1:
      s = stats.summarize_seeds(values)
      lines.append(
          f"  {arm}, {s.num_seeds} seeds: {s.mean:.3f} [{s.low:.3f}, "
          f"{s.high:.3f}], spread {s.max - s.min:.3f}"
      )
  return "\n".join(lines)


def to_json(report: branches.Report) -> dict[str, Any]:
  """Returns the report as plain JSON; what is not finite becomes null."""
  record = report._asdict()
  record["rows"] = {
      name: {"auc": row.auc._asdict(), "accuracy": row.accuracy}
      for name, row in report.rows.items()
  }
  record["signals"] = {n: s._asdict() for n, s in report.signals.items()}
  return _finite(record)


def _finite(value: Any) -> Any:
  if isinstance(value, dict):
    return {key: _finite(v) for key, v in value.items()}
  if isinstance(value, float) and not math.isfinite(value):
    return None
  return value


def _signal_line(name, count, auc, within, precision, prior) -> str:
  show = lambda x: "-" if x is None else f"{x:.3f}"
  return (
      f"  {name:38} {count:>6} {show(auc):>6} {show(within):>6} "
      f"{show(precision):>6} {show(prior):>8}"
  )


def _show(interval: stats.Interval) -> str:
  if not math.isfinite(interval.low):
    return f"{interval.estimate:.3f} [one program]"
  return f"{interval.estimate:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _mean(values) -> float | None:
  return sum(values) / len(values) if values else None
