"""Calling a test without pytest's protocol, where that means the same.

The protocol costs a hundred times what a small test costs. It is needed for
fixtures, marks that change the outcome, and hooks of the project; everything
else is a function call.
"""

import collections
from collections.abc import Callable
import copy
import inspect
import unittest

from _pytest.unittest import TestCaseFunction
import pytest

_MARKS = ("skip", "skipif", "xfail", "usefixtures", "filterwarnings")
_HOOKS = (
    "pytest_runtest_protocol",
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_runtest_makereport",
    "pytest_pyfunc_call",
)
_PARAMETER_HOOK = "pytest_fixture_setup"  # Parameters count as fixtures.
# Their hooks change nothing for a plain test without their marks, nor for
# parameters that are not of their own types.
_INERT = frozenset({
    "_hypothesis_pytestplugin", "_jepa_worker", "_pytest", "anyio", "pytest",
    "pytest_asyncio", "pytest_benchmark", "pytest_cov", "pytest_lazy_fixtures",
    "pytest_mock", "pytest_subtests", "xdist",
})


def direct_call(item: pytest.Item) -> Callable[[], None] | None:
  """Returns a function that runs the test, or None where pytest must."""
  if not isinstance(item, pytest.Function) or _is_marked(item):
    return None
  if _is_hooked(item):
    return None
  if isinstance(item, TestCaseFunction):
    return _unittest_call(item)
  if type(item) is not pytest.Function or _is_special(item.obj):
    return None
  arguments = _direct_arguments(item)
  if arguments is None or any(map(_is_lazy, arguments.values())):
    return None
  return _function_call(item, arguments)


def _is_marked(item: pytest.Item) -> bool:
  return any(item.get_closest_marker(mark) for mark in _MARKS)


def _is_hooked(item: pytest.Item) -> bool:
  """Whether a conftest or a plugin takes part in running the test."""
  hooks = _HOOKS
  if hasattr(item, "callspec"):
    hooks = (*_HOOKS, _PARAMETER_HOOK)
  for name in hooks:
    for implementation in getattr(item.ihook, name).get_hookimpls():
      module = implementation.function.__module__
      if module.split(".")[0] not in _INERT:
        return True
  return False


def _is_special(test: Callable) -> bool:
  """Whether calling `test` is not all there is to running it."""
  return (
      inspect.iscoroutinefunction(test)
      or inspect.isgeneratorfunction(test)
      or inspect.isasyncgenfunction(test)
      or hasattr(test, "is_hypothesis_test")
  )


def _direct_arguments(item: pytest.Function) -> dict | None:
  """Arguments given by `parametrize`; None if any fixture is involved."""
  call = getattr(item, "callspec", None)
  given = {}
  if call is not None:
    # Before pytest 8 direct arguments were kept apart.
    given = {**call.params, **getattr(call, "funcargs", {})}
  definitions = item._fixtureinfo.name2fixturedefs
  for name in item.fixturenames:
    if name not in given:
      return None
    if name in definitions and not _is_parameter(definitions[name][-1]):
      return None
  return {name: given[name] for name in item._fixtureinfo.argnames}


def _is_lazy(value) -> bool:
  """Whether a plugin puts something else in the place of the argument."""
  if isinstance(value, (list, tuple, set)):
    return any(map(_is_lazy, value))
  if isinstance(value, dict):
    return _is_lazy([*value.keys(), *value.values()])
  return type(value).__module__.startswith("pytest_lazy_fixtures.")


def _is_parameter(definition) -> bool:
  return definition.func.__name__ == "get_direct_param_fixture_func"


def _function_call(item: pytest.Function, arguments: dict) -> Callable:
  if item.cls is None:
    test = item.obj
    if not arguments:
      return test
    if all(renewed(v) is v for v in arguments.values()):
      return lambda: test(**arguments)
    originals = copy.copy(renewed(arguments))
    return lambda: test(**renewed(originals))
  make, name = item.cls, item.originalname
  originals = renewed(arguments)
  return lambda: getattr(make(), name)(**renewed(originals))


def renewed(value):
  """Copies built-in containers that a test could change; keeps the rest."""
  kind = type(value)
  if kind in (list, set, collections.deque):
    return kind(map(renewed, value))
  if kind is dict:
    return {key: renewed(each) for key, each in value.items()}
  if kind is bytearray:
    return bytearray(value)
  if kind is tuple:
    copies = tuple(map(renewed, value))
    same = all(a is b for a, b in zip(copies, value, strict=True))
    return value if same else copies
  return value


# --- unittest ----------------------------------------------------------------


class _Result:
  """The first thing that went wrong in one run of a `TestCase`."""

  shouldStop = False
  failfast = True  # Ends the test at the first failing `subTest`.

  def __init__(self):
    self.error: BaseException | None = None

  def addError(self, unused_test, exc_info) -> None:
    if self.error is None:
      self.error = exc_info[1]

  addFailure = addError

  def addSubTest(self, unused_test, unused_subtest, exc_info) -> None:
    if exc_info is not None and self.error is None:
      self.error = exc_info[1]

  def addSkip(self, unused_test, reason) -> None:
    if self.error is None:
      self.error = unittest.SkipTest(reason)

  def addUnexpectedSuccess(self, unused_test) -> None:
    self.error = AssertionError("Unexpected success")

  def _ignore(self, *unused_args) -> None:
    pass

  startTest = stopTest = addSuccess = addExpectedFailure = _ignore
  addDuration = _ignore


def _unittest_call(item: TestCaseFunction) -> Callable[[], None] | None:
  make, name = item.cls, item.name
  if _has_shared_fixtures(make) or not _only_class_fixture(item):
    return None

  def call():
    result = _Result()
    make(name).run(result)
    if result.error is not None:
      raise result.error

  return call


def _has_shared_fixtures(make: type) -> bool:
  plain = unittest.TestCase
  return any(
      getattr(make, name).__func__ is not getattr(plain, name).__func__
      for name in ("setUpClass", "tearDownClass")
  )


def _only_class_fixture(item: TestCaseFunction) -> bool:
  """Whether pytest adds just the fixture that calls `setUpClass`."""
  return all(
      name.startswith("_unittest_setUpClass_fixture")
      for name in item.fixturenames
  )
