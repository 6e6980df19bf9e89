"""Runs the probe on copies of a project, confined as the executor's workers."""

from collections.abc import Mapping, Sequence
import dataclasses
import json
import os
import pathlib
import subprocess
from typing import Any

from jepa.domains.code_repair import executor as executor_lib
from jepa.domains.code_repair.executor import process as process_lib
from jepa.domains.code_repair.executor import scratch as scratch_lib
from jepa.domains.code_repair.executor.worker import sandbox

_PROBE = pathlib.Path(__file__).with_name("probe.py")
_WORKER = pathlib.Path(sandbox.__file__).parent
_CALL_SECONDS = 0.5


class Prober:
  """Calls functions of patched programs; a context manager.

  Args:
    project: only ever read.
    limits: of each process.
  """

  def __init__(
      self, project: executor_lib.Project, limits: executor_lib.Limits
  ):
    self._project = project
    self._limits = limits

  def __enter__(self) -> "Prober":
    self._scratch = scratch_lib.Scratch(self._project.root)
    return self

  def __exit__(self, *unused_exc_info) -> None:
    self._scratch.close()

  def record(
      self,
      files: Mapping[str, bytes],
      functions: Sequence[tuple[str, str]],
      tests: Sequence[str],
      seconds: float,
      max_seen: int = 2000,
  ) -> dict[str, Any] | None:
    """Returns calls that tests make, None where that cannot be told.

    Args:
      files: contents to run with, by path.
      functions: path and qualified name of each function.
      tests: node ids.
      seconds: wall time it may take.
      max_seen: how many calls to look at.
    """
    lines = self._run(files, seconds, {
        "mode": "record",
        "max_seen": max_seen,
        "functions": [
            {"path": str(self._scratch.tree / path), "qualname": name}
            for path, name in functions
        ],
        "tests": list(tests),
        "options": list(self._project.options),
    })
    return json.loads(lines[0]) if lines else None

  def replay(
      self,
      files: Mapping[str, bytes],
      functions: Sequence[Mapping[str, Any]],
      path: Sequence[str],
      seconds: float,
  ) -> dict[tuple[int, int], tuple[str, str]]:
    """Returns what calls give: a digest, and words, by function and call.

    Calls that were not reached in time are missing.

    Args:
      files: contents to run with, by path.
      functions: module, qualname and calls of each.
      path: to import from.
      seconds: wall time it may take.
    """
    lines = self._run(files, seconds, {
        "mode": "replay",
        "functions": list(functions),
        "path": list(path),
        "call_seconds": _CALL_SECONDS,
    })
    rows = (json.loads(line) for line in lines if line.endswith("\n"))
    return {(f, call): (digest, text) for f, call, digest, text in rows}

  def _run(
      self, files: Mapping[str, bytes], seconds: float, spec: dict[str, Any]
  ) -> list[str]:
    """Returns the lines that the probe wrote."""
    for path, content in files.items():
      file = self._scratch.tree / path
      file.unlink(missing_ok=True)  # Perhaps a link.
      file.write_bytes(content)
    output = self._scratch.tmp / "found"
    output.unlink(missing_ok=True)
    roots = [
        str(folder)
        for name in self._project.import_roots
        if (folder := self._scratch.tree / name).is_dir()
    ]
    (self._scratch.tmp / "spec").write_text(json.dumps({
        **spec,
        "root": f"{self._scratch.tree}{os.sep}",
        "roots": roots,
        "writable": [str(self._scratch.base)],
        "output": str(output),
        "worker": str(_WORKER),
        "limits": dataclasses.asdict(self._limits),
        "parent": os.getpid(),
    }))
    self._execute(roots, seconds)
    if not output.is_file():
      return []
    with output.open(encoding="utf-8", errors="replace") as lines:
      return list(lines)

  def _execute(self, roots: list[str], seconds: float) -> None:
    scratch = self._scratch
    process = subprocess.Popen(
        [self._project.python, str(_PROBE), str(scratch.tmp / "spec")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=scratch.tree,
        env=sandbox.environment(
            str(scratch.home), str(scratch.tmp), roots, self._project.env
        ),
        start_new_session=True,
    )
    try:
      process.wait(seconds)
    except subprocess.TimeoutExpired:
      pass  # What was written until now counts.
    finally:
      process_lib.kill_group(process.pid)
      process.wait()
