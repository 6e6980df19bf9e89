"""The records of the grammar: edits, splices of bytes, argument pools."""

import dataclasses
from typing import Any


class StaleSourceError(ValueError):
  """The bytes that a splice would remove are not in the file any more."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
  """A structured edit of one function: what the model calls an action.

  kind: one of `KINDS`.
  start, end: half-open span of `Function.tokens` that is replaced; equal where
    the edit only inserts.
  insert: texts of the tokens that replace the span.
  """
  kind: str
  start: int
  end: int
  insert: tuple[str, ...]

  def to_json(self) -> dict[str, Any]:
    return {
        "kind": self.kind, "start": self.start, "end": self.end,
        "insert": list(self.insert),
    }

  @classmethod
  def from_json(cls, fields: dict[str, Any]) -> "Edit":
    return cls(**{**fields, "insert": tuple(fields["insert"])})


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Splice:
  """An edit as bytes: `removed`, found at `offset`, becomes `inserted`."""
  offset: int
  removed: bytes
  inserted: bytes

  def apply(self, source: bytes) -> bytes:
    """Returns the source with the splice made.

    Raises:
      StaleSourceError: `removed` is not what the source has at `offset`.
    """
    end = self.offset + len(self.removed)
    found = source[self.offset:end]
    if found != self.removed:
      raise StaleSourceError(
          f"expected {self.removed!r} at byte {self.offset}, found {found!r}: "
          "the file changed after the edit was made"
      )
    return source[:self.offset] + self.inserted + source[end:]

  def inverse(self) -> "Splice":
    """Returns the splice that restores every byte."""
    return Splice(
        offset=self.offset, removed=self.inserted, inserted=self.removed
    )

  def to_json(self) -> dict[str, Any]:
    return {
        "offset": self.offset, "removed": self.removed.decode(),
        "inserted": self.inserted.decode(),
    }

  @classmethod
  def from_json(cls, fields: dict[str, Any]) -> "Splice":
    return cls(
        offset=fields["offset"], removed=fields["removed"].encode(),
        inserted=fields["inserted"].encode(),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pools:
  """What edits may mention beside what the function itself says.

  names: names of the module that are usable in the function.
  attributes: attribute names, without the dot.
  literals: literals as source text, for example from the failing test.
  """
  names: tuple[str, ...] = ()
  attributes: tuple[str, ...] = ()
  literals: tuple[str, ...] = ()
