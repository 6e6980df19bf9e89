"""The grammar: every kind of edit, in the order of a good static prior.

A kind's place in this table is its number in data sets: append only, or raise
the version of the world's vocabulary.
"""

from collections.abc import Callable, Iterable, Iterator

from jepa.domains.code_repair import source as source_lib
from jepa.domains.code_repair.edits import keys as keys_lib
from jepa.domains.code_repair.edits import records
from jepa.domains.code_repair.edits.kinds import calls
from jepa.domains.code_repair.edits.kinds import conditions
from jepa.domains.code_repair.edits.kinds import exceptions
from jepa.domains.code_repair.edits.kinds import expressions
from jepa.domains.code_repair.edits.kinds import guards
from jepa.domains.code_repair.edits.kinds import imports
from jepa.domains.code_repair.edits.kinds import indentation
from jepa.domains.code_repair.edits.kinds import insertions
from jepa.domains.code_repair.edits.kinds import literals
from jepa.domains.code_repair.edits.kinds import names
from jepa.domains.code_repair.edits.kinds import operators
from jepa.domains.code_repair.edits.kinds import sequences
from jepa.domains.code_repair.edits.kinds import signatures
from jepa.domains.code_repair.edits.kinds import statements
from jepa.domains.code_repair.edits.kinds import swaps
from jepa.domains.code_repair.edits.kinds import terms
from jepa.domains.code_repair.edits.kinds import wrappers
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts

GRAMMAR: dict[str, Callable[[outlines.Outline], Iterator[parts.Span]]] = {
    "cmp_op": operators.cmp_op,
    "swap_args": calls.swap_args,
    "swap_elts": sequences.swap_elts,
    "bool_op": conditions.bool_op,
    "bin_op": operators.bin_op,
    "jump": statements.jump,
    "branch": statements.branch,
    "off_by_one": operators.off_by_one,
    "const": literals.const,
    "var_replace": names.var_replace,
    "func_replace": names.func_replace,
    "attr_replace": names.attr_replace,
    "swap_operands": operators.swap_operands,
    "cmp_boundary": operators.cmp_boundary,
    "negate": conditions.negate,
    "sign": operators.sign,
    "drop_clause": conditions.drop_clause,
    "drop_operand": operators.drop_operand,
    "unwrap_call": wrappers.unwrap_call,
    "default": signatures.default,
    "parameter": signatures.parameter,
    "exception": exceptions.exception,
    "import_name": imports.import_name,
    "indent": indentation.indent,
    "swap_stmts": swaps.swap_stmts,
    "keyword_arg": calls.keyword_arg,
    "call_arg": calls.call_arg,
    "return_expr": expressions.return_expr,
    "cond_replace": conditions.cond_replace,
    "call_to_assign": statements.call_to_assign,
    "target_replace": names.target_replace,
    "delete_stmt": statements.delete_stmt,
    "slice": sequences.slice_,
    "add_clause": conditions.add_clause,
    "wrap_call": wrappers.wrap_call,
    "arith_extend": terms.arith_extend,
    "try_except": exceptions.try_except,
    "guard": guards.guard,
    "expr_copy": expressions.expr_copy,
    "insert_stmt": insertions.insert_stmt,
}

KINDS = tuple(GRAMMAR)


def enumerate_edits(
    function: source_lib.Function,
    pools: records.Pools = records.Pools(),
    kinds: Iterable[str] = KINDS,
) -> list[records.Edit]:
  """Returns the single edits of a function, kind by kind, in source order.

  No two give the same program, none gives the program that is there, and each
  gives a program that compiles. The order is the same on every run.
  """
  outline = outlines.Outline(function, pools)
  return list(index_edits(outline, keys_lib.Keys(outline), kinds).values())


def index_edits(
    outline: outlines.Outline, keys: keys_lib.Keys, kinds: Iterable[str] = KINDS
) -> dict[keys_lib.Key, records.Edit]:
  """Returns the edits of some kinds by the keys of their programs.

  Where two kinds give one program, the first one in `kinds` has it.
  """
  declared = outline.declared
  found = {}
  for kind in kinds:
    for start, end, insert in GRAMMAR[kind](outline):
      if declared and not declared.isdisjoint(insert):
        continue  # Its declaration may come too late for it.
      key = keys.key(start, end, insert)
      if key is not None and key not in found:
        found[key] = records.Edit(
            kind=kind, start=start, end=end, insert=insert)
  return found
