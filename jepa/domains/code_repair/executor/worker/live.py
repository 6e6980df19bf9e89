"""The function objects that run the code of a file, wherever they hide."""

import functools
import gc
from types import CodeType
from types import FunctionType


class LiveFunctions:
  """An index from code to the functions that run it.

  Asking the garbage collector for every function finds them behind
  `staticmethod`, `property`, `functools.wraps`, `partial`, `lru_cache`,
  registries and closures alike, and in modules imported twice: an edit of
  the source would change all of them.
  """

  def __init__(self, root: str):
    self._root = root
    self._functions: dict[CodeType, list[FunctionType]] = {}
    self._caches: list = []

  def scan(self) -> None:
    """Indexes what lives now. Must precede `gc.freeze`, which hides it."""
    gc.unfreeze()
    self._functions.clear()
    self._caches.clear()
    for thing in gc.get_objects():
      if type(thing) is FunctionType:
        code = thing.__code__
        if code.co_filename.startswith(self._root):
          self._functions.setdefault(code, []).append(thing)
      elif type(thing) is functools._lru_cache_wrapper:
        self._caches.append(thing)
    self._caches = [c for c in self._caches if self._is_ours(c)]
    gc.freeze()

  def _is_ours(self, cache) -> bool:
    code = getattr(cache.__wrapped__, "__code__", None)
    return code is not None and code.co_filename.startswith(self._root)

  def clear_caches(self) -> None:
    """Forgets what functions of the project computed and cached."""
    for cache in self._caches:
      cache.cache_clear()

  def of(self, code: CodeType) -> list[FunctionType]:
    """Functions that run `code`, or an equal one from a second import."""
    return [
        function
        for function in self._functions.get(code, ())
        if function.__code__.co_filename == code.co_filename
    ]

  def named(
      self, filename: str, qualname: str, lineno: int
  ) -> list[FunctionType]:
    """Functions of that name whose definition starts on that line."""
    return [
        function
        for code, functions in self._functions.items()
        if code.co_firstlineno == lineno
        and code.co_qualname == qualname
        and code.co_filename == filename
        for function in functions
    ]

  def imported_from(self, filename: str) -> bool:
    """Whether any function of that file lives."""
    return any(c.co_filename == filename for c in self._functions)
