"""One pytest session: collected once, then handed to whoever runs tests."""

import gc
import os
import pathlib
import sys
import traceback
from typing import Any
import warnings

import _pytest.assertion.rewrite
import _pytest.config
import pytest

from . import alarm as alarm_lib
from . import live
from . import options
from . import runner as runner_lib
from . import server
from . import single
from . import tracing
from . import wire as wire_lib
from . import zygote

_MAX_TEXT = 20_000


def run(
    config: dict[str, Any],
    wire: wire_lib.Wire,
    page: wire_lib.Page,
    layers: tuple[str, ...],
) -> None:
  """Runs one session, and says why if it does not come to its tests.

  Args:
    config: what the parent sent.
    wire, page: to the parent.
    layers: names of the sandbox's layers.
  """
  log = os.path.join(config["writable"][0], "log")
  _redirect(log)
  host = Host(config, wire, page, layers)
  try:
    code = host.run()
  except BaseException:
    traceback.print_exc()
    code = -1
  if not host.has_collected:
    sys.stdout.flush()
    sys.stderr.flush()
    with open(log, encoding="utf-8", errors="replace") as file:
      text = file.read()[-_MAX_TEXT:]
    wire.send({"op": "unusable", "code": code, "text": text})


def _redirect(path: str) -> None:
  """Sends what is printed to `path`, from any program started here too."""
  fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
  os.dup2(fd, 1)
  os.dup2(fd, 2)
  os.close(fd)


class Host:
  """A pytest plugin that replaces the loop over the tests."""

  def __init__(
      self,
      config: dict[str, Any],
      wire: wire_lib.Wire,
      page: wire_lib.Page,
      layers: tuple[str, ...],
  ):
    self._config = config
    self._wire = wire
    self._page = page
    self._layers = layers
    self._root = config["root"]
    self._serves = config["mode"] == "serve"
    self._errors: list[str] = []
    self._tracer = tracing.LineTracer(self._runs_at_import)
    self.has_collected = False
    sys.path[:0] = [r for r in config["roots"] if r not in sys.path]
    os.chdir(self._root)

    self._arguments = options.arguments(
        pathlib.Path(self._root), config["tests"], config["options"]
    )
    sys.argv = ["pytest", *self._arguments]

  def run(self) -> int:
    """Runs the session and returns pytest's exit code."""
    if self._serves:
      _pause_while_rewriting(self._tracer)
      self._tracer.start()
    return int(pytest.main(self._arguments, plugins=[self]))

  def _runs_at_import(self, code) -> bool:
    return code.co_filename.startswith(self._root) and tracing.is_function(
        code
    )

  def pytest_configure(self, config) -> None:
    config.addinivalue_line("markers", "timeout: ignored here")

  def pytest_collectreport(self, report) -> None:
    if report.failed:
      self._errors.append(f"{report.nodeid}: {report.longreprtext}")

  @pytest.hookimpl(tryfirst=True)
  def pytest_runtestloop(self, session) -> bool:
    if self._serves:
      self._tracer.stop()
    self.has_collected = True
    _steady_hypothesis(session.items)
    _silence(session.config)
    self._wire.send({
        "op": "collected",
        "tests": [item.nodeid for item in session.items],
        "errors": [error[-_MAX_TEXT:] for error in self._errors],
        "layers": self._layers,
    })
    with warnings.catch_warnings():
      _filter_warnings(session.config)
      if self._serves:
        self._serve(session)
      else:
        single.run(session, self._config, self._wire, self._page)
    return True

  def _serve(self, session) -> None:
    alarm = alarm_lib.Alarm(self._page, self._config["limits"]["wall_factor"])
    runner = runner_lib.Runner(session, alarm)
    functions = live.LiveFunctions(self._root)
    gc.collect()
    functions.scan()
    once = server.Server(
        config=self._config,
        wire=self._wire,
        page=self._page,
        alarm=alarm,
        runner=runner,
        functions=functions,
        import_lines=self._tracer.take(),
    )
    zygote.keep_serving(once.run, self._wire)


def _pause_while_rewriting(tracer) -> None:
  """Leaves pytest's own work on test files, most of collecting, untraced."""
  rewrite = getattr(_pytest.assertion.rewrite, "_rewrite_test", None)
  if rewrite is None:
    return

  def rewrite_untraced(*args, **kwargs):
    is_tracing = tracer.is_active
    tracer.stop()
    try:
      return rewrite(*args, **kwargs)
    finally:
      if is_tracing:
        tracer.start()

  _pytest.assertion.rewrite._rewrite_test = rewrite_untraced


def _silence(config) -> None:
  """Drops all output from now on, and the reports kept for a summary."""
  # pytest 8 and 9.0 need it to explain an assertion, and ask the reporter.
  writer = config.get_terminal_writer()
  config.get_terminal_writer = lambda: writer
  config.pluginmanager.unregister(name="terminalreporter")
  _redirect(os.devnull)


def _filter_warnings(config) -> None:
  """Applies the project's filters to tests that are called directly."""
  arguments = getattr(config.known_args_namespace, "pythonwarnings", None)
  _pytest.config.apply_warning_filters(
      config.getini("filterwarnings"), arguments or []
  )
  # A candidate that compares with `is` is no reason to stop.
  warnings.filterwarnings("ignore", category=SyntaxWarning)


def _steady_hypothesis(items: list[pytest.Item]) -> None:
  """Makes hypothesis draw the same examples in every run, at any speed."""
  if "hypothesis" not in sys.modules:  # Importing it takes a second.
    return
  import hypothesis
  from hypothesis import core

  core.global_force_seed = 0
  settings = hypothesis.settings
  settings.register_profile("jepa", settings(), deadline=None, database=None)
  settings.load_profile("jepa")
  name = "_hypothesis_internal_use_settings"
  for item in items:
    own = getattr(getattr(item, "obj", None), name, None)
    if own is not None:
      test = getattr(item.obj, "__func__", item.obj)
      setattr(test, name, settings(own, deadline=None, database=None))
