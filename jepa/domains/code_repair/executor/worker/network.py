"""A network of the worker's own, which leads nowhere."""

import ctypes
import fcntl
import os
import socket
import struct
import sys

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def leave() -> bool:
  """Enters a network of its own, where only the loopback device exists.

  It is tried in a child first: some kernels refuse half way, and there is no
  way back.
  """
  if sys.platform != "linux":
    return False
  child = os.fork()
  if child == 0:
    try:
      _enter()
    except BaseException:
      os._exit(1)
    os._exit(0)
  if os.waitpid(child, 0)[1] != 0:
    return False
  _enter()
  return True


def _enter() -> None:
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
