"""How much to execute, and of what."""

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
  """What decides which records a package gives, beside its sources.

  seed: of every random choice.
  num_states: broken states of a package, at the most.
  num_candidates: executed in each state; None means all, see `max_executed`.
  max_executed: where all are executed, a state with more candidates than this
    keeps the fix and a uniform sample of the others.
  num_next: states after a candidate that are observed too.
  max_tests: of a function that its states are run on; an edit that passes these
    has to pass the others, too.
  max_tokens: of a function; longer ones are left out.
  skip: of a list of bugs, how many are left to another job.
  kinds: of the fixes that are wanted, () for all of them.
  """
  seed: int = 0
  num_states: int = 100
  num_candidates: int | None = 32
  max_executed: int = 2000
  num_next: int = 2
  max_tests: int = 32
  max_tokens: int = 176
  skip: int = 0
  kinds: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Checkout:
  """An unpacked package.

  name: and version.
  root: of its files.
  files: those to break, relative to the root.
  tests: pytest's arguments.
  bugs: file with wrong functions to repair in place of breaking any, see
    `bugs`; "" where there is none.
  """
  name: str
  root: pathlib.Path
  files: tuple[str, ...]
  tests: tuple[str, ...]
  bugs: str = ""
