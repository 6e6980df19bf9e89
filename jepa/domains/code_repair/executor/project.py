"""What to execute, and how much of the machine it may take."""

from collections.abc import Mapping
import dataclasses
import pathlib
import sys


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
  """What one worker process may use.

  cpu_seconds: CPU time of a worker before it must be replaced.
  memory_bytes: address space of each process.
  file_bytes: size of any file written.
  processes: processes and threads beside those that the user already runs;
    the kernel does not hold root to it.
  open_files: file descriptors of each process.
  budget_floor, budget_factor: a test of a candidate may take
    `max(floor, factor * its own time on the program as it is)` CPU seconds,
    and `wall_factor` times that by the clock, not counting time in which the
    machine ran others in its place.
  test_seconds: what a test of the program as it is may take.
  suite_seconds: what the whole suite may take.
  start_seconds: what starting the worker and collecting the tests may take.
  check_every: candidates between two checks for leaked state.
  renew_every: candidates after which a worker is replaced by a new fork,
    whatever the checks say; 1 gives each candidate a process of its own.
  allow_unsafe: run tests even where this host lacks a layer of the sandbox
    that keeps them from files outside the copy, or off the network; by
    default that is a `ConfinementError`. What the host has is still applied.
  """
  cpu_seconds: int = 7200
  memory_bytes: int = 4 << 30
  file_bytes: int = 64 << 20
  processes: int = 256
  open_files: int = 1024
  budget_floor: float = 0.3
  budget_factor: float = 5.0
  wall_factor: float = 5.0
  test_seconds: float = 20.0
  suite_seconds: float = 600.0
  start_seconds: float = 120.0
  check_every: int = 50
  renew_every: int = 2000
  allow_unsafe: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Project:
  """A tree with tests, and the interpreter that can run them.

  root: the project's folder; only ever read, and copied before each use.
  tests: arguments to pytest relative to `root` (folders, files, node ids);
    by default whatever pytest collects.
  python: interpreter that has pytest and what the project needs. It need not
    have this package.
  import_roots: folders of `root` to import from, first one first, whether
    or not the interpreter has the project installed; those missing are
    skipped.
  options: further arguments to pytest. `addopts` of the project's settings
    is reduced to what selects and imports tests, then these are added.
  env: variables set in the otherwise scrubbed environment.
  tolerant: go on with the tests that could be collected where others could
    not be.
  """
  root: pathlib.Path
  tests: tuple[str, ...] = ()
  python: str = sys.executable
  import_roots: tuple[str, ...] = ("", "src", "lib")
  options: tuple[str, ...] = ()
  env: Mapping[str, str] = dataclasses.field(default_factory=dict)
  tolerant: bool = False
