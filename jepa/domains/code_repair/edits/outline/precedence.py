"""Precedence: where an expression needs parentheses and where it does not."""

import ast

# What stands without parentheses in a place of need N is of precedence >= N.
# From https://docs.python.org/3/reference/grammar.html, loosest first.
(NAMED, TUPLE, YIELD, TEST, OR, AND, NOT, COMPARE, BIT_OR, BIT_XOR, BIT_AND,
 SHIFT, ARITHMETIC, TERM, FACTOR, POWER, AWAIT, ATOM) = range(18)

OPERATORS = {
    "|": BIT_OR, "^": BIT_XOR, "&": BIT_AND, "<<": SHIFT, ">>": SHIFT,
    "+": ARITHMETIC, "-": ARITHMETIC, "*": TERM, "/": TERM, "//": TERM,
    "%": TERM, "@": TERM, "**": POWER, "and": AND, "or": OR,
}

SYMBOLS = {
    ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.LShift: "<<",
    ast.RShift: ">>", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.FloorDiv: "//", ast.Mod: "%", ast.MatMult: "@", ast.Pow: "**",
    ast.And: "and", ast.Or: "or",
}

_OF_NODE = {
    ast.NamedExpr: NAMED, ast.Yield: YIELD, ast.YieldFrom: YIELD,
    ast.IfExp: TEST, ast.Lambda: TEST, ast.Compare: COMPARE, ast.Await: AWAIT,
    ast.Starred: NAMED, ast.Slice: NAMED,
}

# The expressions that edits may change, and what each place needs. A field
# that is not here is never entered: annotations, decorators, f-strings,
# patterns and the parameters of functions.
PLACES = {
    ast.Expr: (("value", YIELD),),
    ast.Return: (("value", TUPLE),),
    ast.Assign: (("targets", ATOM), ("value", TUPLE)),
    ast.AnnAssign: (("value", TUPLE),),
    ast.AugAssign: (("target", ATOM), ("value", TUPLE)),
    ast.For: (("target", ATOM), ("iter", TUPLE)),
    ast.AsyncFor: (("target", ATOM), ("iter", TUPLE)),
    ast.While: (("test", TEST),),
    ast.If: (("test", TEST),),
    ast.With: (("items", TEST),),
    ast.AsyncWith: (("items", TEST),),
    ast.withitem: (("context_expr", TEST), ("optional_vars", ATOM)),
    ast.Match: (("subject", TEST),),
    ast.match_case: (("guard", TEST),),
    ast.Raise: (("exc", TEST), ("cause", TEST)),
    ast.Assert: (("test", TEST), ("msg", TEST)),
    ast.ExceptHandler: (("type", TEST),),
    ast.Delete: (("targets", ATOM),),
    ast.IfExp: (("body", OR), ("test", OR), ("orelse", TEST)),
    ast.Lambda: (("body", TEST),),
    ast.Compare: (("left", BIT_OR), ("comparators", BIT_OR)),
    ast.Call: (("func", ATOM), ("args", TEST), ("keywords", TEST)),
    ast.keyword: (("value", TEST),),
    ast.Starred: (("value", BIT_OR),),
    ast.Attribute: (("value", ATOM),),
    ast.Subscript: (("value", ATOM), ("slice", TUPLE)),
    ast.Slice: (("lower", TEST), ("upper", TEST), ("step", TEST)),
    ast.Tuple: (("elts", TEST),),
    ast.List: (("elts", TEST),),
    ast.Set: (("elts", TEST),),
    ast.Dict: (("keys", TEST), ("values", TEST)),
    ast.ListComp: (("elt", TEST), ("generators", OR)),
    ast.SetComp: (("elt", TEST), ("generators", OR)),
    ast.GeneratorExp: (("elt", TEST), ("generators", OR)),
    ast.DictComp: (("key", TEST), ("value", TEST), ("generators", OR)),
    ast.comprehension: (("target", ATOM), ("iter", OR), ("ifs", OR)),
    ast.Await: (("value", ATOM),),
    ast.Yield: (("value", TUPLE),),
    ast.YieldFrom: (("value", TEST),),
    ast.NamedExpr: (("target", ATOM), ("value", TEST)),
}


def of_node(node: ast.expr) -> int:
  """Returns the precedence of an expression, tuples and generators apart.

  Whether those two stand in parentheses of their own, the tree does not say.
  """
  match node:
    case ast.BinOp() | ast.BoolOp():
      return OPERATORS[SYMBOLS[type(node.op)]]
    case ast.UnaryOp():
      return NOT if isinstance(node.op, ast.Not) else FACTOR
    case _:
      return _OF_NODE.get(type(node), ATOM)


def operand_needs(symbol: str) -> tuple[int, int]:
  """Returns what the left and the right operand of an operator need."""
  own = OPERATORS[symbol]
  if symbol == "**":  # Binds to the right, and a sign may follow it.
    return AWAIT, FACTOR
  if symbol in ("and", "or"):  # Nested ones mean what a flat one means.
    return own, own
  return own, own + 1


def places(node: ast.AST) -> tuple[tuple[str, int], ...]:
  """Returns the fields of a node that hold expressions, and their needs."""
  match node:
    case ast.BinOp():
      left, right = operand_needs(SYMBOLS[type(node.op)])
      return ("left", left), ("right", right)
    case ast.BoolOp():
      return (("values", operand_needs(SYMBOLS[type(node.op)])[0]),)
    case ast.UnaryOp():
      return (("operand", of_node(node)),)
    case _:
      return PLACES.get(type(node), ())
