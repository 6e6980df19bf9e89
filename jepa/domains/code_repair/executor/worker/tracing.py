"""Which lines run, and how functions leave: cheap enough for every test."""

from collections.abc import Callable
import sys
import threading
from types import CodeType
from types import FrameType
from typing import Any, NamedTuple

_TOOL = 4  # Free by convention: debuggers, coverage, profilers have 0-2.
_OPTIMIZED = 0x1  # Set for functions, not for modules and class bodies.


def is_function(code: CodeType) -> bool:
  """Whether `code` runs because a function was called."""
  return bool(code.co_flags & _OPTIMIZED) or "<locals>" in code.co_qualname


class Exit(NamedTuple):
  """How a function left: the values are its own, not copies of them.

  line: where it returned, yielded or raised.
  names: its local variables.
  value: what it returned or yielded; None if it raised.
  """
  code: CodeType
  line: int
  names: dict[str, Any]
  value: Any


class _Tracer:
  """Records the lines of the code objects that `wanted` admits.

  start, stop: begin and end tracing, of all threads started in between.
  take: returns `{file name: lines}` since the last call.
  take_exits: returns the last exit of each function since the last call, the
    last one last.
  """

  def __init__(self, wanted: Callable[[CodeType], bool]):
    self._wanted = wanted
    self.is_active = False
    # By id, because hashing a code object reads all of it; the objects are
    # kept so that no id is used twice.
    self._seen: dict[int, set[int] | None] = {}
    self._codes: dict[int, CodeType] = {}
    self._exits: dict[int, Exit] = {}

  def _note_exit(self, frame: FrameType, value: Any) -> None:
    code = frame.f_code
    if code.co_name[0] != "<":  # Not a lambda or a comprehension.
      self._exits.pop(id(code), None)
      names = dict(frame.f_locals)
      self._exits[id(code)] = Exit(code, frame.f_lineno, names, value)

  def take_exits(self) -> list[Exit]:
    exits = list(self._exits.values())
    self._exits.clear()
    return exits

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
    self._on_call = self._make_on_call()

  def start(self) -> None:
    self.is_active = True
    threading.settrace(self._on_call)
    sys.settrace(self._on_call)

  def stop(self) -> None:
    self.is_active = False
    sys.settrace(None)
    threading.settrace(None)

  def _make_on_call(self) -> Callable:
    """Returns what every call of a test goes through: a single look-up."""
    local: dict[int, Callable | None] = {}

    def on_call(frame: FrameType, unused_event, unused_arg):
      try:
        return local[id(frame.f_code)]
      except KeyError:
        lines = self._lines_of(frame.f_code)
        found = None
        if lines is not None:
          found = _recorder(lines.add, self._note_exit)
        local[id(frame.f_code)] = found
        return found

    return on_call


def _recorder(add: Callable, note_exit: Callable) -> Callable:
  """Returns a trace function for the frames of one code object."""

  def record(frame, event, arg):
    if event == "line":
      add(frame.f_lineno)
    elif event == "return":  # It yielded or raised, perhaps.
      note_exit(frame, arg)
    return record

  return record


class MonitoringTracer(_Tracer):
  """For Python 3.12 on: a line is reported once, then it costs nothing."""

  def start(self) -> None:
    self.is_active = True
    monitoring, events = sys.monitoring, sys.monitoring.events
    monitoring.use_tool_id(_TOOL, "jepa")
    callbacks = {
        events.LINE: self._on_line,
        events.PY_RETURN: self._on_return,
        events.PY_YIELD: self._on_return,
        events.PY_UNWIND: self._on_unwind,
    }
    for event, callback in callbacks.items():
      monitoring.register_callback(_TOOL, event, callback)
    monitoring.restart_events()
    monitoring.set_events(_TOOL, sum(callbacks))

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

  def _on_return(self, code: CodeType, unused_offset: int, value: Any):
    if self._lines_of(code) is None:
      return sys.monitoring.DISABLE
    self._note_exit(sys._getframe(1), value)

  def _on_unwind(self, code: CodeType, unused_offset: int, unused_error: Any):
    if self._lines_of(code) is not None:
      self._note_exit(sys._getframe(1), None)


LineTracer = (
    MonitoringTracer if hasattr(sys, "monitoring") else SettraceTracer
)
