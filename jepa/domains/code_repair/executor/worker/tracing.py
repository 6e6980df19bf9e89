"""Which lines run: line coverage cheap enough to do it for every test."""

from collections.abc import Callable
import sys
import threading
from types import CodeType
from types import FrameType

_TOOL = 4  # Free by convention: debuggers, coverage, profilers have 0-2.
_OPTIMIZED = 0x1  # Set for functions, not for modules and class bodies.


def is_function(code: CodeType) -> bool:
  """Whether `code` runs because a function was called."""
  return bool(code.co_flags & _OPTIMIZED) or "<locals>" in code.co_qualname


class _Tracer:
  """Records the lines of the code objects that `wanted` admits.

  start, stop: begin and end tracing, of all threads started in between.
  take: returns `{file name: lines}` since the last call.
  """

  def __init__(self, wanted: Callable[[CodeType], bool]):
    self._wanted = wanted
    self.is_active = False
    # By id, because hashing a code object reads all of it; the objects are
    # kept so that no id is used twice.
    self._seen: dict[int, set[int] | None] = {}
    self._codes: dict[int, CodeType] = {}

  def _lines_of(self, code: CodeType) -> set[int] | None:
    key = id(code)
    if key not in self._seen:
      self._codes[key] = code
      self._seen[key] = set() if self._wanted(code) else None
    return self._seen[key]

  def take(self) -> dict[str, set[int]]:
    taken: dict[str, set[int]] = {}
    for key, lines in self._seen.items():
      if lines:
        name = self._codes[key].co_filename
        taken.setdefault(name, set()).update(lines)
        lines.clear()
    return taken


class SettraceTracer(_Tracer):
  """For Python 3.11: a trace function in every thread."""

  def __init__(self, wanted: Callable[[CodeType], bool]):
    super().__init__(wanted)
    self._local: dict[int, Callable] = {}

  def start(self) -> None:
    self.is_active = True
    threading.settrace(self._on_call)
    sys.settrace(self._on_call)

  def stop(self) -> None:
    self.is_active = False
    sys.settrace(None)
    threading.settrace(None)

  def _on_call(self, frame: FrameType, unused_event, unused_arg):
    code = frame.f_code
    local = self._local.get(id(code))
    if local is None:
      lines = self._lines_of(code)
      if lines is None:
        return None
      local = self._local[id(code)] = _line_recorder(code, lines)
    return local


def _line_recorder(code: CodeType, lines: set[int]) -> Callable:
  """Returns a trace function that rests once every line has run."""
  num_lines = len({line for _, _, line in code.co_lines() if line})
  add = lines.add

  def record(frame, event, unused_arg):
    if event == "line":
      add(frame.f_lineno)
    return record if len(lines) < num_lines else None

  return record


class MonitoringTracer(_Tracer):
  """For Python 3.12 on: a line is reported once, then it costs nothing."""

  def start(self) -> None:
    self.is_active = True
    monitoring = sys.monitoring
    monitoring.use_tool_id(_TOOL, "jepa")
    monitoring.register_callback(
        _TOOL, monitoring.events.LINE, self._on_line
    )
    monitoring.restart_events()
    monitoring.set_events(_TOOL, monitoring.events.LINE)

  def stop(self) -> None:
    if self.is_active:
      self.is_active = False
      sys.monitoring.set_events(_TOOL, 0)
      sys.monitoring.free_tool_id(_TOOL)

  def take(self) -> dict[str, set[int]]:
    sys.monitoring.restart_events()
    return super().take()

  def _on_line(self, code: CodeType, line: int):
    lines = self._lines_of(code)
    if lines is not None:
      lines.add(line)
    return sys.monitoring.DISABLE


LineTracer = (
    MonitoringTracer if hasattr(sys, "monitoring") else SettraceTracer
)
