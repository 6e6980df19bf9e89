"""Confinement of a worker, in layers that each work without the others.

The candidate is an edit of the user's own code, run by the user's own tests.
What can go wrong is deleted files, runaway loops, memory, forks and calls to
the network; a determined attacker is not what these layers are for. Files
can be read anywhere, and as root the number of processes is not limited.

`confine` is called by the worker on itself before it runs any code of the
project, because a process that may hold threads must not fork to do it.
"""

from collections.abc import Mapping, Sequence
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

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


def confine(
    limits: Mapping[str, float], writable: Sequence[str], parent: int
) -> tuple[str, ...]:
  """Applies every layer this kernel allows and returns their names.

  Args:
    limits: the fields of `project.Limits`.
    writable: folders, the only ones that may be written to.
    parent: process id of the process to die with.
  """
  limit_resources(limits)
  layers = {
      "no new privileges": renounce_privileges(),
      "network namespace": leave_network(),
      "landlock": write_only_in(writable),
      "parent death signal": die_with(parent),
  }
  return ("resource limits", *(k for k, applied in layers.items() if applied))


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


def renounce_privileges() -> bool:
  """No program started from here on gains privileges from its file."""
  return _prctl(_PR_SET_NO_NEW_PRIVS, 1)


# --- network -----------------------------------------------------------------

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def leave_network() -> bool:
  """Enters a network of its own, where only the loopback device exists.

  It is tried in a child first: some kernels refuse half way, and there is no
  way back.
  """
  if sys.platform != "linux":
    return False
  child = os.fork()
  if child == 0:
    try:
      _enter_network()
    except BaseException:
      os._exit(1)
    os._exit(0)
  if os.waitpid(child, 0)[1] != 0:
    return False
  _enter_network()
  return True


def _enter_network() -> None:
  uid, gid = os.getuid(), os.getgid()
  flags = _CLONE_NEWNET if uid == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
  if ctypes.CDLL(None).unshare(flags) != 0:
    raise OSError("the kernel refuses a network namespace")
  if uid != 0:
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")
  with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
    request = struct.pack("16sh14x", b"lo", _IFF_UP)
    fcntl.ioctl(probe, _SIOCSIFFLAGS, request)


def _write(path: str, text: str) -> None:
  with open(path, "w") as file:
    file.write(text)


# --- landlock ----------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULESET_VERSION = 1
_PATH_BENEATH = 1
_READ = 0b1101  # Execute, read files, read folders.
_WRITE_FILE = 0b10
_MAKE_DEVICES = (1 << 6) | (1 << 11)
# What each version of the interface added to the rights it can withhold.
_ALL_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}


def write_only_in(folders: Sequence[str]) -> bool:
  """Withholds writing, making and removing files outside `folders`.

  Devices and shared memory stay writable: multiprocessing needs them.
  """
  if sys.platform != "linux":
    return False
  libc = ctypes.CDLL(None, use_errno=True)
  version = libc.syscall(_CREATE_RULESET, None, 0, _RULESET_VERSION)
  if version < 1:
    return False
  rights = _ALL_RIGHTS[min(version, max(_ALL_RIGHTS))]
  attributes = ctypes.c_uint64(rights)
  ruleset = libc.syscall(
      _CREATE_RULESET, ctypes.byref(attributes),
      ctypes.sizeof(attributes), 0,
  )
  if ruleset < 0:
    return False
  try:
    _allow(libc, ruleset, "/", _READ & rights)
    _allow(libc, ruleset, "/dev", (_READ | _WRITE_FILE) & rights)
    for folder in (*folders, "/dev/shm"):
      _allow(libc, ruleset, folder, rights & ~_MAKE_DEVICES)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
  finally:
    os.close(ruleset)


def _allow(libc, ruleset: int, path: str, rights: int) -> None:
  try:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
  except FileNotFoundError:
    return
  try:
    rule = struct.pack("=Qi", rights, fd)
    if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) != 0:
      raise OSError(ctypes.get_errno(), f"landlock refuses a rule for {path}")
  finally:
    os.close(fd)
