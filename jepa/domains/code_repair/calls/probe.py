"""Records calls of functions, or makes them: python probe.py SPEC.

Runs in the project's interpreter, on a copy, confined as a worker is; only
pytest and the standard library are at hand. What it finds goes to a file.
"""

import asyncio
import base64
import collections.abc
import contextlib
import hashlib
import importlib
import importlib.util
import itertools
import json
import os
import pathlib
import pickle
import re
import signal
import sys

_PACKAGE = "_jepa_worker"
_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_CONTAINERS = (list, tuple, set, frozenset)
_MAX_CALLS = 60  # Of one function, recorded.
_MAX_REPR = 600
_MAX_PICKLE = 50_000
_MAX_ITEMS = 100  # Of an iterator.
_MAX_DEPTH = 5
_SHOWN = 120  # Characters.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_NAMES = {"inf": float("inf"), "nan": float("nan")}


class Overdue(BaseException):
  """A call takes too long; no handler of the project's should catch this."""


# --- values ------------------------------------------------------------------


def is_plain(value, depth=_MAX_DEPTH) -> bool:
  """Whether `repr` says all that there is to a value."""
  if type(value) in _PLAIN:
    return True
  if depth == 0:
    return False
  if type(value) in _CONTAINERS:
    return all(is_plain(x, depth - 1) for x in value)
  return type(value) is dict and all(
      is_plain(x, depth - 1) for pair in value.items() for x in pair
  )


def encode(value) -> dict:
  """Returns a value as JSON.

  Raises:
    ValueError: it cannot be carried into another process.
  """
  if is_plain(value) and len(text := repr(value)) <= _MAX_REPR:
    return {"plain": text}
  try:
    content = pickle.dumps(value)
  except Exception as error:
    raise ValueError(f"{type(value)} cannot be pickled") from error
  if len(content) > _MAX_PICKLE:
    raise ValueError(f"{type(value)} is too large")
  return {
      "pickle": base64.b64encode(content).decode(),
      "type": type(value).__name__,
  }


def decode(value: dict):
  if "plain" in value:
    return eval(value["plain"], dict(_NAMES))
  return pickle.loads(base64.b64decode(value["pickle"]))


def describe(value, depth=_MAX_DEPTH) -> str:
  """Says what a value is, the same in every process."""
  if type(value) in (set, frozenset):
    inner = sorted(describe(x, depth - 1) for x in value)
    return f"{{{', '.join(inner)}}}" if inner else "set()"
  if is_plain(value) and type(value) in _PLAIN:
    return repr(value)
  if depth == 0:
    return "..."
  if type(value) is dict:
    pairs = (
        f"{describe(k, depth - 1)}: {describe(v, depth - 1)}"
        for k, v in value.items()
    )
    return f"{{{', '.join(pairs)}}}"
  if type(value) in (list, tuple):
    inner = ", ".join(describe(x, depth - 1) for x in value)
    return f"[{inner}]" if type(value) is list else f"({inner})"
  if isinstance(value, collections.abc.Iterator):
    found = list(itertools.islice(value, _MAX_ITEMS))
    return f"iterator of {describe(found, depth - 1)}"
  if type(value).__repr__ is object.__repr__ and hasattr(value, "__dict__"):
    return f"{type(value).__name__}{describe(vars(value), depth - 1)}"
  return _ADDRESS.sub("", repr(value))


# --- recording ---------------------------------------------------------------


class Recorder:
  """A pytest plugin that notes with what arguments functions are called.

  Args:
    functions: path and qualified name of each.
    max_seen: how many calls to look at.
  """

  def __init__(self, functions, max_seen):
    self._max_seen = max_seen
    self._numbers = {(f["path"], f["qualname"]): i
                     for i, f in enumerate(functions)}
    self._calls = [{} for _ in functions]
    self._modules = [""] * len(functions)
    self._known = {}
    self._num_seen = 0

  def pytest_collection_finish(self, session):
    # Its summary has other plugins import, and rewrite, half of the world.
    session.config.pluginmanager.unregister(name="terminalreporter")

  def pytest_runtest_call(self, item):
    if self._num_seen < self._max_seen:
      sys.setprofile(self._on_event)

  def pytest_runtest_teardown(self, item):
    sys.setprofile(None)

  def _on_event(self, frame, event, unused_argument):
    if event != "call":
      return
    code = frame.f_code
    number = self._known.get(code, -1)
    if number == -1:
      key = (code.co_filename, code.co_qualname)
      number = self._known[code] = self._numbers.get(key)
    if number is None or len(self._calls[number]) >= _MAX_CALLS:
      return
    sys.setprofile(None)
    try:
      self._num_seen += 1
      self._modules[number] = frame.f_globals["__name__"]
      call = _arguments(code, frame.f_locals)
      self._calls[number][json.dumps(call, sort_keys=True)] = call
    except Exception:
      pass  # A call that cannot be told is left out.
    finally:
      if self._num_seen < self._max_seen:
        sys.setprofile(self._on_event)

  def found(self):
    return [
        {"module": module, "calls": list(calls.values())}
        for module, calls in zip(self._modules, self._calls)
    ]


def _arguments(code, variables) -> dict:
  """Returns the arguments of a call that has just begun."""
  num_named = code.co_argcount + code.co_kwonlyargcount
  names = code.co_varnames
  star, stars = [], {}
  rest = num_named
  if code.co_flags & 0x04:
    star, rest = variables[names[rest]], rest + 1
  if code.co_flags & 0x08:
    stars = variables[names[rest]]
  return {
      "positional": {
          n: encode(variables[n]) for n in names[:code.co_argcount]
      },
      "keyword": {
          n: encode(variables[n]) for n in names[code.co_argcount:num_named]
      } | {n: encode(x) for n, x in stars.items()},
      "star": [encode(x) for x in star],
  }


def record(spec) -> dict:
  """Runs tests; returns the calls of each function that they make."""
  import pytest

  options = importlib.import_module(f"{_PACKAGE}.options")
  recorder = Recorder(spec["functions"], spec["max_seen"])
  arguments = options.arguments(
      pathlib.Path(spec["root"]), spec["tests"], spec["options"]
  )
  pytest.main(arguments, plugins=[recorder])
  sys.setprofile(None)
  return {"functions": recorder.found(), "path": sys.path}


# --- replaying ---------------------------------------------------------------


def replay(spec, output) -> None:
  """Makes calls one after another, and writes a line on each."""
  sys.path[:] = spec["path"]
  signal.signal(signal.SIGALRM, _ring)
  for number, function in enumerate(spec["functions"]):
    try:
      module = importlib.import_module(function["module"])
      target = _find(module, function["qualname"])
    except Exception:
      continue
    for index, call in enumerate(function["calls"]):
      text = _outcome(target, call, spec["call_seconds"])
      digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
      output.write(
          json.dumps([number, index, digest, text[:_SHOWN]]) + "\n"
      )
      output.flush()


def _ring(*unused_arguments):
  raise Overdue


def _find(module, qualname):
  """Returns the function itself, without what decorators put around it."""
  found = module
  for name in qualname.split("."):
    found = vars(found)[name]
  while True:
    for attribute in ("__func__", "fget", "__wrapped__", "func"):
      inner = getattr(found, attribute, None)
      if callable(inner) and getattr(found, "__code__", None) is None:
        found = inner
        break
      if attribute == "__wrapped__" and inner is not None:
        found = inner
        break
    else:
      return found


def _outcome(target, call, seconds) -> str:
  """Returns in words what a call gives, and what it does to its arguments."""
  try:
    named = {k: decode(v) for k, v in call["positional"].items()}
    keyword = {k: decode(v) for k, v in call["keyword"].items()}
    star = [decode(v) for v in call["star"]]
  except Exception:
    return "cannot be called"
  before = {k: describe(v) for k, v in named.items()}
  try:
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
      result = target(*named.values(), *star, **keyword)
      if asyncio.iscoroutine(result):
        result = asyncio.run(result)
      text = f"returns {describe(result)}"
    finally:
      signal.setitimer(signal.ITIMER_REAL, 0)
  except Overdue:
    return "does not end"
  except BaseException as error:
    text = f"raises {type(error).__name__}"
  with contextlib.suppress(Exception):
    for name, value in named.items():
      now = describe(value)
      if now != before[name]:
        text += f"; {name} becomes {now}"
  return text


# --- the process -------------------------------------------------------------


def _load_package(folder: str) -> None:
  """Makes the worker's modules importable, without its folder's neighbours."""
  spec = importlib.util.spec_from_file_location(
      _PACKAGE,
      os.path.join(folder, "__init__.py"),
      submodule_search_locations=[folder],
  )
  package = importlib.util.module_from_spec(spec)
  sys.modules[_PACKAGE] = package
  spec.loader.exec_module(package)


def main() -> None:
  with open(sys.argv[1], encoding="utf-8") as file:
    spec = json.load(file)
  if not sys.flags.safe_path:
    del sys.path[0]
  _load_package(spec["worker"])
  sandbox = importlib.import_module(f"{_PACKAGE}.sandbox")
  sandbox.confine(spec["limits"], spec["writable"], spec["parent"])
  sys.path[:0] = [r for r in spec["roots"] if r not in sys.path]
  with open(spec["output"], "w", encoding="utf-8") as output:
    if spec["mode"] == "record":
      json.dump(record(spec), output)
    else:
      replay(spec, output)
  os._exit(0)  # Threads of the project must not keep it alive.


if __name__ == "__main__":
  main()
