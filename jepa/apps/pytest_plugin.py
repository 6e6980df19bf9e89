"""pytest --jepa-repair: verified patches under the failures they repair.

The repair is a process of its own: this one has imported the project already.
"""

import json
import shlex
import subprocess
import sys
import tempfile

import pytest

_TITLE = "jepa-repair"
_REPAIR, _CHECKPOINT = "--jepa-repair", "--jepa-checkpoint"
_SHOWN_WITHOUT_TRACEBACKS = ("no", "line")


def pytest_addoption(parser):
  group = parser.getgroup("jepa")
  group.addoption(
      _REPAIR,
      action="store_true",
      help="search for edits that turn failing tests green, and show those "
      "that a clean process confirms; nothing is written",
  )
  group.addoption(
      _CHECKPOINT,
      default="",
      metavar="PATH",
      help="a trained model for --jepa-repair",
  )


def pytest_configure(config):
  is_worker = hasattr(config, "workerinput")  # Of pytest-xdist.
  if config.getoption(_REPAIR) and not is_worker:
    config.pluginmanager.register(Repair(config), "jepa-repair-session")


class Repair:
  """Repairs after the last test, before the failures are shown."""

  def __init__(self, config):
    self._config = config
    self._files = set()
    self._failed = []
    self._lines = []

  def pytest_runtest_logreport(self, report):
    self._files.add(report.nodeid.partition("::")[0])
    if report.failed:
      self._failed.append(report)

  @pytest.hookimpl(tryfirst=True)
  def pytest_sessionfinish(self, exitstatus):
    # Who has interrupted the tests does not want to wait now.
    if not self._failed or exitstatus != pytest.ExitCode.TESTS_FAILED:
      return
    try:
      found = self._repair()
    except KeyboardInterrupt:
      found = {"error": "interrupted"}
    for number, patch in enumerate(found.get("patches", ()), 1):
      text = "\n".join(_patch_lines(patch))
      for report in self._failed:
        if report.nodeid in patch["fixed"]:
          report.sections.append((f"{_TITLE}: patch {number}", text))
    self._lines += _summary(found)
    if self._config.option.tbstyle in _SHOWN_WITHOUT_TRACEBACKS:
      for patch in found.get("patches", ()):
        self._lines += ["", *_patch_lines(patch)]

  def pytest_terminal_summary(self, terminalreporter):
    if self._lines:
      terminalreporter.section(_TITLE)
    for line in self._lines:
      terminalreporter.write_line(line)

  def _repair(self):
    """Returns the JSON that the command line prints."""
    with tempfile.TemporaryFile() as out:
      with subprocess.Popen(
          [
              sys.executable, "-m", "jepa.apps.repair", "--json",
              f"--repo={self._config.rootpath}",
              f"--test_command={shlex.join(self._test_command())}",
              f"--python={sys.executable}",
              f"--checkpoint={self._config.option.jepa_checkpoint}",
          ],
          stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE,
          text=True,
      ) as process:
        try:
          self._show_progress(process.stderr)
        except BaseException:
          process.terminate()  # It tidies up.
          raise
      out.seek(0)
      try:
        return json.loads(out.read())
      except ValueError:
        return {"error": f"it ended with exit code {process.returncode}"}

  def _test_command(self):
    """Returns what collects the tests that ran, and with them others."""
    # Late: most sessions have no use for it.
    from jepa.planning.repair import command

    words = ["python", "-m", "pytest", *_without_ours(self._config)]
    try:
      options = command.parse(
          shlex.join(words), self._config.invocation_params.dir
      ).options
    except command.errors.RepairError:  # A test that is named in another way.
      options = ()
    return [*words[:3], *options, *sorted(self._files)]

  def _show_progress(self, lines):
    reporter = self._config.pluginmanager.getplugin("terminalreporter")
    for number, line in enumerate(lines):
      if reporter:
        if not number:
          reporter.ensure_newline()
        reporter.write_line(f"{_TITLE}: {line.rstrip()}")


def _without_ours(config):
  """Yields the words after `pytest` as they were typed."""
  words = map(str, config.invocation_params.args)
  for word in words:
    if word == _CHECKPOINT:
      next(words, None)
    elif not word.startswith((_REPAIR, f"{_CHECKPOINT}=")):
      yield word


def _patch_lines(patch):
  yield f"{patch['description']}, confirmed in a clean process:"
  if patch["doubts"]:
    yield f"look twice: it {'; it '.join(patch['doubts'])}"
  yield ""
  yield from patch["diff"].splitlines()


def _summary(found):
  if "error" in found:
    yield found["error"]
    return
  spent = f"{found['executions']} executions, {found['seconds']:.1f} s"
  if not found["patches"]:
    yield f"no patch found in {spent}"
  for number, patch in enumerate(found["patches"], 1):
    yield f"patch {number} ({spent}): {patch['description']}"
    if patch["remaining"]:
      yield f"still failing, as before: {', '.join(patch['remaining'])}"
