"""Landlock: the kernel refuses what no rule allows, for good."""

from collections.abc import Sequence
import ctypes
import os
import struct
import sys

_PR_SET_NO_NEW_PRIVS = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULESET_VERSION = 1
_PATH_BENEATH = 1
_READ = 0b1101  # Execute, read files, read folders.
_WRITE_FILE = 0b10
_MAKE_DEVICES = (1 << 6) | (1 << 11)
# What each version of the interface added to the rights it can withhold.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
_TCP_VERSION, _TCP_RIGHTS = 4, 0b11  # Bind and connect.
_SCOPE_VERSION, _SCOPE_SIGNALS = 6, 0b10


def restrict(folders: Sequence[str], *, tcp: bool) -> list[str]:
  """Withholds writing, making and removing files outside `folders`.

  Devices and shared memory stay writable: multiprocessing needs them. Where
  the kernel can, processes that are not descendants of this one are out of
  reach of signals, too.

  Args:
    folders: that may be written to.
    tcp: whether to withhold TCP, the loopback device included.

  Returns:
    Names of the layers now in force, none where the kernel has no landlock.
  """
  if sys.platform != "linux":
    return []
  libc = ctypes.CDLL(None, use_errno=True)
  version = libc.syscall(_CREATE_RULESET, None, 0, _RULESET_VERSION)
  if version < 1:
    return []
  rights = _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]
  layers, attributes = ["landlock"], [rights]
  if version >= _TCP_VERSION:
    attributes.append(_TCP_RIGHTS if tcp else 0)
    layers += ["landlock TCP rules"] if tcp else []
  if version >= _SCOPE_VERSION:
    attributes.append(_SCOPE_SIGNALS)
    layers.append("landlock signal scope")
  attributes = (ctypes.c_uint64 * len(attributes))(*attributes)
  ruleset = libc.syscall(
      _CREATE_RULESET, attributes, ctypes.sizeof(attributes), 0
  )
  if ruleset < 0:
    return []
  try:
    _allow(libc, ruleset, "/", _READ & rights)
    _allow(libc, ruleset, "/dev", (_READ | _WRITE_FILE) & rights)
    for folder in (*folders, "/dev/shm"):
      _allow(libc, ruleset, folder, rights & ~_MAKE_DEVICES)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    restricted = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    return layers if restricted else []
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
