"""Training bugs: edits that break a function and the edits that repair it.

Breaking at random starves the fixes that add something, which are close to
half of the real ones. So the kind of the *fix* is drawn first, and a breaking
edit is looked for that only such a fix undoes.
"""

import ast
import collections
from collections.abc import Callable, Iterator, Mapping
import dataclasses
import random

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits import conditions
from jepa.domains.code_repair.edits import grammar
from jepa.domains.code_repair.edits import keys as keys_lib
from jepa.domains.code_repair.edits import render
from jepa.domains.code_repair.edits import statements
from jepa.domains.code_repair.edits.edit import Edit
from jepa.domains.code_repair.edits.edit import Pools
from jepa.domains.code_repair.edits.outline import Outline

_ATTEMPTS = 4  # For each break that is asked for.

# Kinds of fixes that an edit of a kind may need; others need their own kind.
_FIXES = {
    "insert_stmt": ("delete_stmt",),
    "guard": ("delete_stmt",),
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

DEFAULT_WEIGHTS = {kind: 1.0 for kind in grammar.KINDS}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Break:
  """A bug and its repair.

  edit: what breaks the function; not always one that `enumerate_edits` gives.
  kind: the kind of `fix`.
  fix: one of the edits of the broken function; gives the original program.
  """
  edit: Edit
  kind: str
  fix: Edit


def sample_breaks(
    function: source_lib.Function,
    rng: random.Random,
    count: int,
    weights: Mapping[str, float] | None = None,
    pools: Pools = Pools(),
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
    kinds = list(groups)
    kind, = rng.choices(kinds, [weights[k] for k in kinds])
    group = groups[kind]
    edit = group.pop(rng.randrange(len(group)))
    if not group:
      del groups[kind]
    fix = find_fix(function, edit, kind, pools)
    if fix is not None:
      found.setdefault(edit, Break(edit=edit, kind=kind, fix=fix))
  return list(found.values())


def find_fix(
    function: source_lib.Function, edit: Edit, kind: str, pools: Pools
) -> Edit | None:
  """Returns the edit of that kind that undoes `edit`, None if none does."""
  inverse = render.invert(function, edit)
  outline = Outline(render.apply_edit(function, edit), pools)
  key = keys_lib.Keys(outline).key(
      inverse.start, inverse.end, inverse.insert)
  fix = grammar.index_edits(outline, (kind,)).get(key)
  if fix is not None:
    # A program that two kinds give is the earlier one's.
    earlier = grammar.KINDS[:grammar.KINDS.index(kind)]
    if key in grammar.index_edits(outline, earlier):
      return None
  return fix


def _by_fix(function, pools, weights) -> dict[str, list[Edit]]:
  """Groups edits that may break a function by the kind that may fix them."""
  outline = Outline(function, pools)
  groups = collections.defaultdict(list)
  for edit in (*grammar.index_edits(outline).values(), *_more(outline)):
    for kind in _FIXES.get(edit.kind, (edit.kind,)):
      if weights.get(kind) and _MAY_FIX.get(kind, _always)(outline, edit):
        groups[kind].append(edit)
  return dict(groups)


def _always(outline, edit) -> bool:
  return True


def _dropped(outline, edit) -> tuple[str, ...]:
  """Returns what follows the left operand that a `drop_operand` keeps."""
  span = tuple(outline.texts[edit.start:edit.end])
  kept = len(edit.insert)
  return span[kept:] if span[:kept] == edit.insert else ("",)


def _drops_one(outline, edit) -> bool:
  return _dropped(outline, edit) in (("+", "1"), ("-", "1"))


def _drops_term(outline, edit) -> bool:
  symbol, *term = _dropped(outline, edit)
  line = outline.line(edit.start)
  return symbol in ("*", "//", "**") and term == ["2"] or (
      symbol in ("+", "-", "*") and any(
          tuple(term) in outline.atoms(scope, line)
          for _, scope in outline.parameters))


def _statement(outline, edit) -> ast.stmt | None:
  for block in outline.blocks:
    for statement in block.statements:
      if (statement.start, statement.end) == (edit.start, edit.end):
        return statement.node
  return None


def _deletes_guard(outline, edit) -> bool:
  node = _statement(outline, edit)
  return isinstance(node, ast.If) and not node.orelse and (
      len(node.body) == 1 and isinstance(node.body[0], statements.LEAVING))


def _deletes_simple(outline, edit) -> bool:
  return not hasattr(_statement(outline, edit), "body")


def _deletes_import(outline, edit) -> bool:
  return isinstance(
      _statement(outline, edit), (ast.Import, ast.ImportFrom))


# Whether a fix of a kind can be expected at all: sparing a vain search.
_MAY_FIX: dict[str, Callable[[Outline, Edit], bool]] = {
    "off_by_one": _drops_one,
    "arith_extend": _drops_term,
    "guard": _deletes_guard,
    "insert_stmt": _deletes_simple,
    "import_name": _deletes_import,
}


def _more(outline: Outline) -> Iterator[Edit]:
  """Yields breaking edits that no one would make to repair something."""
  for site in conditions.tests(outline):
    if not isinstance(site.node, ast.Constant) and (
        isinstance(site.parent, (ast.If, ast.While))):
      yield Edit(kind="cond_replace", start=site.start, end=site.end,
                 insert=("True",))
  for i, text in enumerate(outline.texts):
    if text in _IDENTITIES:
      yield Edit(kind="cmp_op", start=i, end=i + 1, insert=_IDENTITIES[text])


_IDENTITIES = {"==": ("is",), "!=": ("is", "not")}
