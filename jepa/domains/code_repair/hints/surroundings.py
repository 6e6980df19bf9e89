"""What is around each token: its logical line, and its innermost bracket."""

from collections.abc import Sequence

from jepa.domains.code_repair import tokens as tokens_lib

_BLANK = tokens_lib.Token(
    text="", start=0, end=0, line=0, depth=0, syntax="newline"
)


def heads(tokens: Sequence[tokens_lib.Token]) -> list[str]:
  """Returns "if", "return", ... of each token's line, "expression" if none."""
  found, head = [], "expression"
  for token, following in zip(tokens, (*tokens[1:], _BLANK)):
    if token.syntax == "newline":
      is_keyword = following.syntax == "keyword"
      head = following.text if is_keyword else "expression"
    found.append(head)
  return found


def brackets(tokens: Sequence[tokens_lib.Token]) -> list[str]:
  """Returns what the innermost bracket around each token is of."""
  found, opened = [], []
  for token, before in zip(tokens, (_BLANK, *tokens)):
    if token.text in (")", "]", "}") and opened:
      opened.pop()
    found.append(opened[-1] if opened else "nothing")
    if token.text in ("(", "[", "{"):
      opened.append(_bracket(token.text, before))
  return found


def _bracket(text: str, before: tokens_lib.Token) -> str:
  """Returns what a bracket opens, by the token before it."""
  if text == "{":
    return "braces"
  if before.syntax in ("call_name", "method"):
    name = before.syntax.removesuffix("_name")
    return f"{name} {before.text}" if text == "(" else "subscript"
  is_value = before.text in (")", "]", "}") or before.syntax not in (
      "operator", "keyword", "newline", "delimiter"
  )
  if text == "(":
    return "call" if is_value else "group"
  return "subscript" if is_value else "list"
