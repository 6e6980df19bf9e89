"""Tests made of what functions return: inputs and outputs, nothing else.

A package's own tests are few, and mostly of another shape than those of small
programs, which call a function and compare. So what its tests call functions
with is recorded and varied, and what they return for it becomes a test each:
`assert f(x) == y`. The function as it is says what is right.
"""

import ast
from collections.abc import Mapping, Sequence
import dataclasses
import itertools
import pathlib
import re
import shutil
import tempfile
from typing import Any

from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import source
from jepa.domains.code_repair.calls import inputs
from jepa.domains.code_repair.calls import process

TESTS = "fuzzed_tests"
_NUM_CALLS = 36  # Made of each function.
_MAX_TESTS = 12  # Kept of them.
_MAX_SEEN = 20_000  # Calls of a package that are looked at.
_MAX_TEXT = 100  # Characters of a call, and of what it returns.
_SECONDS = 120.0
_RETURNS = "returns "


def write_project(
    checkout: settings_lib.Checkout, root: pathlib.Path
) -> settings_lib.Checkout:
  """Copies a package and gives the copy such tests, unless it is there.

  <root>/...                       the package
  <root>/fuzzed_tests/test_m.py    of module m

  Args:
    checkout: has tests that pass.
    root: of the copy.

  Returns:
    The copy; with no tests where nothing could be called.
  """
  if not root.exists():
    tests = make_tests(checkout)
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
      copy = pathlib.Path(scratch, "copy")
      shutil.copytree(checkout.root, copy)
      (copy / TESTS).mkdir()
      for name, text in tests.items():
        (copy / TESTS / name).write_text(text)
      copy.rename(root)
  tests = sorted((root / TESTS).glob("test_*.py"))
  return dataclasses.replace(
      checkout,
      name=f"{checkout.name}-fuzzed",
      root=root,
      tests=(TESTS,) if tests else (),
  )


def make_tests(checkout: settings_lib.Checkout) -> dict[str, str]:
  """Returns test files by name: one for each module that can be called."""
  functions = _functions(checkout)
  project = executor_lib.Project(
      root=checkout.root, tests=checkout.tests, env={"PYTHONHASHSEED": "0"}
  )
  limits = executor_lib.Limits(allow_unsafe=True)
  with process.Prober(project, limits) as prober:
    recorded = prober.record(
        {}, functions, checkout.tests, _SECONDS, _MAX_SEEN
    )
    if recorded is None:
      return {}
    calls = _calls(functions, recorded)
    once, twice = (
        prober.replay({}, calls, recorded["path"], _SECONDS)
        for _ in range(2)
    )
  steady = {k: text for k, (_, text) in once.items() if twice.get(k) == once[k]}
  return _write(calls, steady)


def _functions(checkout) -> list[tuple[str, str]]:
  """Returns path and name of what a test can call: no methods."""
  return [
      (path, function.qualname)
      for path in checkout.files
      for function in source.functions(
          (checkout.root / path).read_bytes(), path
      )
      if "." not in function.qualname
  ]


def _calls(functions, recorded) -> list[dict[str, Any]]:
  found = []
  for (_, qualname), seen in zip(functions, recorded["functions"]):
    calls = [call for call in seen["calls"] if _is_plain(call)]
    if calls:
      found.append({
          "module": seen["module"],
          "qualname": qualname,
          "calls": inputs.vary(calls, _NUM_CALLS),
      })
  return found


def _is_plain(call: Mapping[str, Any]) -> bool:
  values = [
      *call["positional"].values(), *call["keyword"].values(), *call["star"]
  ]
  return all(_is_literal(value.get("plain", "?")) for value in values)


def _is_literal(text: str) -> bool:
  try:
    ast.literal_eval(text)
  except (ValueError, SyntaxError):
    return False
  return True


def _write(
    calls: Sequence[Mapping[str, Any]], returned: Mapping[tuple[int, int], str]
) -> dict[str, str]:
  modules: dict[str, list[str]] = {}
  for i, function in enumerate(calls):
    name, module = function["qualname"], function["module"]
    pairs = [
        (inputs.text(name, call), returned[i, k].removeprefix(_RETURNS))
        for k, call in enumerate(function["calls"])
        if returned.get((i, k), "").startswith(_RETURNS)
    ]
    tests = [
        f"def test_{name.strip('_')}_{k}():\n  assert {call} == {output}"
        for k, (call, output) in enumerate(_choose(pairs))
    ]
    if tests:
      lines = modules.setdefault(module, [])
      lines.append(f"from {module} import {name}")
      lines.extend(tests)
  return {
      f"test_{re.sub(r'[^a-zA-Z0-9]+', '_', module).strip('_')}.py": (
          "\n\n\n".join(lines) + "\n"
      )
      for module, lines in modules.items()
  }


def _choose(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
  """Returns calls, sorted: as many as can be that give different things."""
  groups: dict[str, list[tuple[str, str]]] = {}
  for call, output in pairs:
    if max(len(call), len(output)) <= _MAX_TEXT and _is_literal(output):
      groups.setdefault(output, []).append((call, output))
  if len(groups) < 2:
    return []  # Whatever it is given, it says the same.
  turns = itertools.zip_longest(*groups.values())
  in_turn = [pair for turn in turns for pair in turn if pair is not None]
  return sorted(in_turn[:_MAX_TESTS])
