"""Training bugs: edits that break a function and the edits that repair it.

Breaking at random starves the fixes that add something, which are close to
half of the real ones. So the kind of the *fix* is drawn first, and a breaking
edit is looked for that only such a fix undoes.
"""

import ast
import collections
from collections.abc import Callable, Iterator, Mapping, Sequence
import dataclasses
import random
from typing import TypeVar

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits import grammar
from jepa.domains.code_repair.edits import keys as keys_lib
from jepa.domains.code_repair.edits import records
from jepa.domains.code_repair.edits import render
from jepa.domains.code_repair.edits.breaking import likelihood
from jepa.domains.code_repair.edits.kinds import conditions
from jepa.domains.code_repair.edits.kinds import literals
from jepa.domains.code_repair.edits.kinds import nesting
from jepa.domains.code_repair.edits.kinds import signatures
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import usage

_T = TypeVar("_T")

_ATTEMPTS = 4  # For each break that is asked for.
_SHARE_OF_LONGER = 0.75  # Of fixes that add, where a kind adds and drops.

# Kinds of fixes that an edit of a kind may need; others need their own kind.
_FIXES = {
    "insert_stmt": ("delete_stmt",),
    "guard": ("delete_stmt", "indent"),
    "indent": ("indent", "guard"),
    "import_name": ("delete_stmt",),
    "add_clause": ("drop_clause",),
    "drop_clause": ("add_clause",),
    "wrap_call": ("unwrap_call",),
    "unwrap_call": ("wrap_call",),
    "arith_extend": ("drop_operand",),
    "off_by_one": ("drop_operand",),
    "drop_operand": ("off_by_one", "arith_extend"),
    "delete_stmt": ("insert_stmt", "guard", "import_name"),
}

# So that fixes are of all kinds, those most often that real bugs need most:
# `tests/benchmarks/code_repair_balance.py` counts them. Where the first kinds
# can be had at all they are taken, since few functions have room for them.
_KINDS_OF_WEIGHT = {
    40.0: ("add_clause", "arith_extend", "cmp_boundary", "default", "guard",
           "import_name", "jump", "off_by_one", "target_replace",
           "try_except"),
    16.0: ("attr_replace", "bool_op", "branch", "cond_replace", "insert_stmt",
           "parameter", "swap_stmts"),
    8.0: ("bin_op", "exception", "expr_copy", "indent", "return_expr",
          "swap_operands", "wrap_call"),
    4.0: ("call_to_assign", "cmp_op", "const", "func_replace", "keyword_arg",
          "swap_elts", "var_replace"),
    2.0: ("call_arg", "negate", "swap_args"),
    1.0: ("delete_stmt", "drop_clause", "drop_operand", "sign", "unwrap_call"),
    0.5: ("slice",),
}
DEFAULT_WEIGHTS = {
    kind: weight for weight, kinds in _KINDS_OF_WEIGHT.items()
    for kind in kinds
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Break:
  """A bug and its repair.

  edit: what breaks the function; not always one that `enumerate_edits` gives.
  kind: the kind of `fix`.
  fix: one of the edits of the broken function; gives the original program. None
    where the tests have to say what repairs it.
  """
  edit: records.Edit
  kind: str
  fix: records.Edit | None


def sample_breaks(
    function: source_lib.Function,
    rng: random.Random,
    count: int,
    weights: Mapping[str, float] | None = None,
    pools: records.Pools = records.Pools(),
) -> list[Break]:
  """Returns at most `count` distinct bugs, balanced over the kinds of fixes.

  Whether a test notices them is for the tests to say.

  Args:
    weights: how often a fix of each kind is wanted, `DEFAULT_WEIGHTS` if None;
      a kind that is not there has weight 0.
  """
  weights = DEFAULT_WEIGHTS if weights is None else weights
  groups = _by_fix(function, pools, weights)
  found = {}
  for _ in range(_ATTEMPTS * count):
    if len(found) == count or not groups:
      break
    kinds = list(dict.fromkeys(kind for kind, _ in groups))
    kind, = rng.choices(kinds, [weights[k] for k in kinds])
    # Rather a slice that is missing than one that is too many, and so on.
    is_longer = (kind, True) in groups and (
        (kind, False) not in groups or rng.random() < _SHARE_OF_LONGER)
    group = kind, is_longer
    candidates = groups[group]
    edit = candidates.pop(rng.randrange(len(candidates)))
    if not candidates:
      del groups[group]
    try:
      fix = find_fix(function, edit, kind, pools)
    except source_lib.SourceError:
      continue  # It broke the grammar of the language, not the function.
    if fix is not None:
      found.setdefault(edit, Break(edit=edit, kind=kind, fix=fix))
  return list(found.values())


def weighted_order(
    items: Sequence[_T], weight: Callable[[_T], float], rng: random.Random
) -> list[_T]:
  """Shuffles items, those of great weight rather to the front.

  The largest of u ** (1 / weight) are a weighted sample (Efraimidis 2006).
  """
  keys = [rng.random() ** (1 / weight(item)) for item in items]
  order = sorted(range(len(items)), key=lambda i: -keys[i])
  return [items[i] for i in order]


def find_fix(
    function: source_lib.Function,
    edit: records.Edit,
    kind: str,
    pools: records.Pools,
) -> records.Edit | None:
  """Returns the edit of that kind that undoes `edit`, None if none does."""
  inverse = render.invert(function, edit)
  outline = outlines.Outline(render.apply_edit(function, edit), pools)
  keys = keys_lib.Keys(outline)
  key = keys.key(inverse.start, inverse.end, inverse.insert)
  fix = grammar.index_edits(outline, keys, (kind,)).get(key)
  if fix is not None:
    # A program that two kinds give is the earlier one's.
    earlier = grammar.KINDS[:grammar.KINDS.index(kind)]
    if key in grammar.index_edits(outline, keys, earlier):
      return None
  return fix


def _by_fix(
    function, pools, weights
) -> dict[tuple[str, bool], list[records.Edit]]:
  """Groups edits that may break a function by what may fix them.

  By the kind of the fix, and by whether the fix makes the function longer.
  """
  outline = outlines.Outline(function, pools)
  groups = collections.defaultdict(list)
  edits = grammar.index_edits(outline, keys_lib.Keys(outline)).values()
  for edit in (*edits, *_more(outline)):
    # A line to be shifted counts too: an `if` too many is a seldom bug.
    is_fix_longer = edit.kind == "indent" or (
        len(edit.insert) < edit.end - edit.start)
    for kind in _FIXES.get(edit.kind, (edit.kind,)):
      if weights.get(kind) and likelihood.may_fix(outline, edit, kind):
        groups[kind, is_fix_longer].append(edit)
  return dict(groups)


def _more(outline: outlines.Outline) -> Iterator[records.Edit]:
  """Yields breaking edits that no one would make to repair something."""
  for site in conditions.tests(outline):
    if not isinstance(site.node, ast.Constant) and (
        isinstance(site.parent, (ast.If, ast.While))):
      yield records.Edit(kind="cond_replace", start=site.start, end=site.end,
                 insert=("True",))
  for start, end, insert in nesting.into_else(outline):
    yield records.Edit(kind="branch", start=start, end=end, insert=insert)
  for site in outline.of_type(ast.List):
    if not site.node.elts and isinstance(site.parent, ast.Assign):
      for atom in outline.atoms(site.scope, site.line)[:1]:
        yield records.Edit(
            kind="arith_extend", start=site.start + 1, end=site.start + 1,
            insert=atom)
  dropped = signatures.last_required(outline)
  if dropped is not None:
    start, end, _ = dropped
    yield records.Edit(kind="parameter", start=start, end=end, insert=())
  for i, text in enumerate(outline.texts):
    identity = _IDENTITIES.get(text)
    if identity:
      yield records.Edit(kind="cmp_op", start=i, end=i + 1, insert=identity)
  yield from _constants(outline)


def _constants(outline: outlines.Outline) -> Iterator[records.Edit]:
  """Yields edits that put a constant in place of a variable."""
  uses = usage.uses(outline)
  for site in outline.of_type(ast.Name, ast.UnaryOp):
    if not literals.is_variable_place(site) or not parts.is_load(site):
      continue
    if isinstance(site.node, ast.Name):
      is_number = uses.get(outline.text(site)) == usage.NUMBER
      insert = "0" if is_number else "None"
      if not outline.holds_value(site):
        continue
    elif isinstance(site.node.op, ast.Not):
      insert = "True"
    else:
      continue
    yield records.Edit(
        kind="const", start=site.start, end=site.end, insert=(insert,))


_IDENTITIES = {"==": ("is",), "!=": ("is", "not")}
