"""Calls to compare programs on: those that tests made, and variations.

A strategy for each argument is read off its observed values, so that a list of
short words begets other lists of words like them. Objects are never made up,
only taken from one call into another.
"""

import ast
from collections.abc import Sequence
from typing import Any

_MARGIN = 3  # Beyond the observed numbers and sizes.
_MAX_SIZE = 8
_KEPT = {"kept": True}


def vary(calls: Sequence[dict[str, Any]], count: int) -> list[dict[str, Any]]:
  """Returns distinct calls, the observed ones first; the same every time.

  Args:
    calls: observed, as `probe` records them.
    count: how many to return at most.
  """
  found = {_key(call): call for call in calls}
  for base, changes in _draws(calls, count):
    call = dict(base)
    for part in ("positional", "keyword"):
      call[part] = {
          name: changes.get((part, name)) or value
          for name, value in base[part].items()
      }
    found.setdefault(_key(call), call)
  return list(found.values())[:count]


def text(qualname: str, call: dict[str, Any]) -> str:
  """Returns a call as it would be written."""
  arguments = [_text(x) for x in call["positional"].values()]
  arguments += [_text(x) for x in call["star"]]
  arguments += [f"{k}={_text(x)}" for k, x in call["keyword"].items()]
  return f"{qualname}({', '.join(arguments)})"


def _text(value: dict[str, Any]) -> str:
  return value["plain"] if "plain" in value else f"<{value['type']}>"


def _key(call: dict[str, Any]) -> str:
  return repr([*call["positional"].items(), *call["keyword"].items(),
               call["star"]])


def _draws(calls: Sequence[dict[str, Any]], count: int) -> list[tuple]:
  """Returns pairs of an observed call and arguments to replace in it."""
  import hypothesis  # A third of a second, and only wanted for several patches.
  from hypothesis import strategies as st

  arguments = {
      (part, name): _strategy([c[part][name] for c in calls if name in c[part]])
      for call in calls
      for part in ("positional", "keyword")
      for name in call[part]
  }
  made = {k: s for k, s in arguments.items() if s is not None}
  if not made:
    return []
  drawn = []

  @hypothesis.settings(
      max_examples=2 * count, derandomize=True, database=None, deadline=None,
      phases=[hypothesis.Phase.generate],
      suppress_health_check=list(hypothesis.HealthCheck),
  )
  @hypothesis.given(
      base=st.sampled_from(calls),
      values=st.fixed_dictionaries(
          {k: st.one_of(st.none(), s) for k, s in made.items()}
      ),
  )
  def draw(base, values):
    changes = {
        k: {"plain": repr(v.value)} for k, v in values.items() if v is not None
    }
    drawn.append((base, changes))

  draw()
  return drawn


class _Drawn:
  """A value that was drawn; None is a value, too."""

  def __init__(self, value: Any):
    self.value = value


def _strategy(encoded: Sequence[dict[str, Any]]):
  """Returns a strategy for one argument, None where it is to be kept."""
  values = []
  for value in encoded:
    try:
      values.append(ast.literal_eval(value["plain"]))
    except (KeyError, ValueError, SyntaxError):
      return None  # An object, or a number without a literal.
  return _like(values).map(_Drawn)


def _like(values: Sequence[Any]):
  """Returns a strategy for values like these."""
  from hypothesis import strategies as st

  kinds = {type(v): [] for v in values}
  for value in values:
    kinds[type(value)].append(value)
  made = [_MAKERS[kind](found) for kind, found in kinds.items()]
  return st.one_of(st.sampled_from(list(values)), *made)


def _integers(values):
  from hypothesis import strategies as st

  return st.integers(min(values) - _MARGIN, max(values) + _MARGIN)


def _floats(values):
  from hypothesis import strategies as st

  return st.floats(
      min(values) - _MARGIN, max(values) + _MARGIN, allow_nan=False
  )


def _strings(values):
  from hypothesis import strategies as st

  letters = sorted({*"".join(values), *"a 1"})
  return st.text(st.sampled_from(letters), max_size=_size(values))


def _sequences(make):
  def strategy(values):
    from hypothesis import strategies as st

    items = [item for value in values for item in value]
    if not items:
      return st.sampled_from(values)
    made = st.lists(_like(items), max_size=_size(values))
    return made.map(make)

  return strategy


def _tuples(values):
  from hypothesis import strategies as st

  if len({len(value) for value in values}) > 1:
    return _sequences(tuple)(values)
  return st.tuples(*(_like(column) for column in zip(*values)))


def _dictionaries(values):
  from hypothesis import strategies as st

  keys = [key for value in values for key in value]
  if not keys:
    return st.sampled_from(values)
  inner = [x for value in values for x in value.values()]
  return st.dictionaries(_like(keys), _like(inner), max_size=_size(values))


def _size(values) -> int:
  return min(_MAX_SIZE, max(map(len, values)) + _MARGIN)


def _same(values):
  from hypothesis import strategies as st

  return st.sampled_from(values)


def _booleans(unused_values):
  from hypothesis import strategies as st

  return st.booleans()


_MAKERS = {
    bool: _booleans,
    int: _integers,
    float: _floats,
    complex: _same,
    str: _strings,
    bytes: _same,
    type(None): _same,
    list: _sequences(list),
    tuple: _tuples,
    set: _same,
    dict: _dictionaries,
}
