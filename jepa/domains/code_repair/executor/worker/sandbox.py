"""Confinement of a worker, in layers that each work without the others.

The candidate is an edit of the user's own code, run by the user's own tests.
What can go wrong is deleted files, runaway loops, memory, forks and calls to
the network; a determined attacker is not what these layers are for. Files
can be read anywhere, and as root the number of processes is not limited.

A host may lack a layer. Of those in `_NEEDED` that is told to the parent, who
refuses to run anything unless `Limits.allow_unsafe` says otherwise.

`confine` is called by the worker on itself before it runs any code of the
project, because a process that may hold threads must not fork to do it.
"""

from collections.abc import Collection, Mapping, Sequence
import ctypes
import os
import resource
import signal
import sys
from typing import NamedTuple

from . import landlock
from . import network

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITIES_VERSION = 0x20080522
# What root keeps: to own, read and write files, and to become someone else.
_KEPT_CAPABILITIES = sum(1 << n for n in (0, 1, 2, 3, 4, 6, 7, 10))

# Variables that tests may need and that hold no secret.
_KEPT = ("PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH")


def environment(
    home: str, tmp: str, roots: Sequence[str], extra: Mapping[str, str]
) -> dict[str, str]:
  """Returns the variables of a worker: no secrets, nothing random.

  Args:
    home, tmp: folders.
    roots: folders to import from; those that `extra` names come after them.
    extra: variables that the project asks for.
  """
  paths = [*roots, *filter(None, [extra.get("PYTHONPATH")])]
  kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
  locale = {k: v for k, v in os.environ.items() if k.startswith("LC_")}
  return {
      **kept,
      **locale,
      "HOME": home,
      "TMPDIR": tmp,
      "PYTHONHASHSEED": "0",
      "PYTHONDONTWRITEBYTECODE": "1",
      **extra,
      "PYTHONPATH": os.pathsep.join(paths),
  }


class Confinement(NamedTuple):
  """layers are in force; missing says what each missing one would need."""
  layers: tuple[str, ...]
  missing: dict[str, str]


# Without one of these a candidate could do lasting harm. The network may be
# shut in two ways; against TCP alone is what landlock can do.
_NEEDED = {
    "no new privileges": (("no new privileges",), "Linux 3.5"),
    "landlock": (
        ("landlock",),
        "Linux 5.13 with landlock among its security modules; it keeps "
        "candidates from writing outside their copy",
    ),
    "network namespace": (
        ("network namespace", "landlock TCP rules"),
        "a kernel and a container that allow one, or Linux 6.7 with landlock; "
        "it keeps candidates off the network",
    ),
}


def confine(
    limits: Mapping[str, float], writable: Sequence[str], parent: int
) -> Confinement:
  """Applies every layer this kernel allows.

  Args:
    limits: the fields of `project.Limits`.
    writable: folders, the only ones that may be written to.
    parent: process id of the process to die with.
  """
  limit_resources(limits)
  layers = ["resource limits"]
  for name, applied in (
      ("no new privileges", renounce_privileges()),
      ("network namespace", network.leave()),
      ("parent death signal", die_with(parent)),
  ):
    layers += [name] if applied else []
  layers += landlock.restrict(writable, tcp="network namespace" not in layers)
  layers += ["no capabilities"] if drop_capabilities() else []
  return Confinement(tuple(layers), missing(layers))


def missing(layers: Collection[str]) -> dict[str, str]:
  """Returns what is needed and not among `layers`, and what it would take."""
  return {
      name: wanted
      for name, (alternatives, wanted) in _NEEDED.items()
      if not any(each in layers for each in alternatives)
  }


def limit_resources(limits: Mapping[str, float]) -> None:
  """Sets the limits that the kernel keeps for each process."""
  wanted = {
      resource.RLIMIT_AS: limits["memory_bytes"],
      resource.RLIMIT_CPU: limits["cpu_seconds"],
      resource.RLIMIT_FSIZE: limits["file_bytes"],
      resource.RLIMIT_NOFILE: limits["open_files"],
      resource.RLIMIT_CORE: 0,
  }
  if sys.platform == "linux":
    wanted[resource.RLIMIT_NPROC] = _num_tasks() + limits["processes"]
  for kind, value in wanted.items():
    hard = resource.getrlimit(kind)[1]
    value = int(value)
    if hard != resource.RLIM_INFINITY:
      value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _num_tasks() -> int:
  """Threads that this user runs already: the kernel counts them all."""
  count = 0
  for name in os.listdir("/proc"):
    if name.isdigit():
      try:
        if os.stat(f"/proc/{name}").st_uid == os.getuid():
          count += os.stat(f"/proc/{name}/task").st_nlink - 2
      except OSError:
        continue  # It has just ended.
  return count


def _prctl(option: int, value: int) -> bool:
  if sys.platform != "linux":
    return False
  return ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0


def die_with(parent: int) -> bool:
  """Kills this process when the thread that started it ends."""
  applied = _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
  if os.getppid() != parent:  # It ended before the line above.
    os._exit(1)
  return applied


def adopt_orphans() -> bool:
  """Makes this process the parent of descendants whose parent has ended."""
  return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def renounce_privileges() -> bool:
  """No program started from here on gains privileges from its file."""
  return _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> bool:
  """Takes from root what is not about files: the clock, mounts, devices."""
  if sys.platform != "linux":
    return False
  libc = ctypes.CDLL(None)
  header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
  sets = (ctypes.c_uint32 * 6)()  # Effective, permitted, inheritable, twice.
  if libc.capget(header, sets) != 0:
    return False
  kept = (_KEPT_CAPABILITIES, _KEPT_CAPABILITIES, 0, 0, 0, 0)
  for i, mask in enumerate(kept):
    sets[i] &= mask
  return libc.capset(header, sets) == 0
