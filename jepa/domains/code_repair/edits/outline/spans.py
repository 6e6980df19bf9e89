"""Which tokens the nodes of a function's tree are."""

import ast

from jepa.domains.code_repair import source as source_lib


class Spans:
  """Finds tokens of one function by node and by line."""

  def __init__(self, function: source_lib.Function):
    self._function = function
    self._tokens = function.tokens
    own = [(i, t) for i, t in enumerate(self._tokens) if t.syntax != "newline"]
    self._begins = {token.start: i for i, token in own}
    self._ends = {token.end: i + 1 for i, token in own}
    self._lines = []
    for i, token in enumerate(self._tokens):
      self._lines.append(i if token.syntax == "newline" else self._lines[-1])

  def begin(self, node: ast.AST) -> int:
    """Returns the index of a node's first token."""
    return self._begins[
        self._function.offset(node.lineno, node.col_offset)]

  def end(self, node: ast.AST) -> int:
    """Returns the index after a node's last token."""
    return self._ends[
        self._function.offset(node.end_lineno, node.end_col_offset)]

  def line(self, index: int) -> int:
    """Returns the index of the token that starts the line of a token."""
    return self._lines[index]

  def is_call_parenthesis(self, index: int) -> bool:
    """Whether the "(" at `index` belongs to what is left of it."""
    before = self._tokens[index - 1]
    if before.syntax in ("newline", "keyword", "operator"):
      return before.text in ("None", "True", "False")
    return before.syntax != "delimiter" or before.text in (")", "]", "}")

  def parentheses(self, start: int, end: int) -> tuple[int, int]:
    """Returns a span with the parentheses that are put around it."""
    tokens = self._tokens
    while (end < len(tokens) and tokens[start - 1].text == "("
           and tokens[end].text == ")"
           and not self.is_call_parenthesis(start - 1)):
      start, end = start - 1, end + 1
    return start, end
