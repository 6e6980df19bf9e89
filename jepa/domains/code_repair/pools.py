"""Arguments for edits that the function under repair does not hold itself."""

import itertools

from jepa.domains.code_repair import edits
from jepa.domains.code_repair import failure as failure_lib
from jepa.domains.code_repair import lexer

_CONSTANTS = frozenset(("None", "True", "False"))
_MAX_LITERALS = 8
_MAX_TOKENS = 400


def make_pools(failure: failure_lib.Failure | None) -> edits.Pools:
  """Returns the literals of the failing test and of its expected value."""
  if failure is None:
    return edits.Pools()
  texts = itertools.chain(
      lexer.tokens(failure.expected, _MAX_TOKENS),
      lexer.tokens(_failing_line(failure), _MAX_TOKENS),
  )
  literals = dict.fromkeys(t for t in texts if _is_literal(t))
  return edits.Pools(literals=tuple(literals)[:_MAX_LITERALS])


def _failing_line(failure: failure_lib.Failure) -> str:
  lines = failure.test.splitlines()
  i = failure.line - failure.test_lineno
  return lines[i] if 0 <= i < len(lines) else failure.test


def _is_literal(text: str) -> bool:
  return text[0].isdigit() or text[-1] in "'\"" or text in _CONSTANTS
