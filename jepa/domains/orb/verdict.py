"""What the compiler said of a program, as plain records."""

from collections.abc import Mapping
import dataclasses
import functools
import re
from typing import Any

_PATH_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Issue:
  """One error or warning.

  code: the compiler's code, such as "ORB_T_NO_INITIAL_STATE".
  path: where, in the compiler's words: "orbitals[0].entity.fields[2].name",
    "traits.TaskList", or "" for the whole program.
  """
  code: str
  path: str = ""

  @functools.cached_property
  def parts(self) -> tuple[str | int, ...]:
    """`path` split up: ("orbitals", 0, "entity", "fields", 2, "name")."""
    return tuple(
        int(index) if index else name
        for name, index in _PATH_PART.findall(self.path)
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Verdict:
  """All that the compiler says of one program.

  compiles: false where `valid` alone would be a lie: the validator passes
    some programs that the compiler rejects.
  passed, failed, total: generated tests; `total` includes skipped ones.
    All zero where the program does not compile.
  """
  errors: tuple[Issue, ...] = ()
  warnings: tuple[Issue, ...] = ()
  compiles: bool = False
  passed: int = 0
  failed: int = 0
  total: int = 0

  @property
  def is_valid(self) -> bool:
    """The strict label: no error, no warning, compiles, no failed test."""
    return (
        self.compiles
        and not self.errors
        and not self.warnings
        and not self.failed
    )

  @property
  def codes(self) -> frozenset[str]:
    return frozenset(i.code for i in self.errors + self.warnings)

  def to_json(self) -> dict[str, Any]:
    return {
        "errors": [[i.code, i.path] for i in self.errors],
        "warnings": [[i.code, i.path] for i in self.warnings],
        "compiles": self.compiles,
        "tests": [self.passed, self.failed, self.total],
    }

  @classmethod
  def from_json(cls, record: Mapping[str, Any]) -> "Verdict":
    """Reads what `to_json` wrote; raises KeyError, ValueError otherwise."""
    passed, failed, total = record["tests"]
    return cls(
        errors=tuple(Issue(code=c, path=p) for c, p in record["errors"]),
        warnings=tuple(Issue(code=c, path=p) for c, p in record["warnings"]),
        compiles=record["compiles"],
        passed=passed,
        failed=failed,
        total=total,
    )
