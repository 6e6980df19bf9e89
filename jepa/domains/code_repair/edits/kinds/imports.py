"""Imports of names that a function reads and nothing binds."""

from collections.abc import Iterator
import sys

from jepa.domains.code_repair import tokens as tokens_lib
from jepa.domains.code_repair.edits.outline import outlines
from jepa.domains.code_repair.edits.outline import parts
from jepa.domains.code_repair.edits.outline import positions

# Where the names come from that people forget to import.
_MODULES_OF_NAMES = {
    "defaultdict": "collections", "Counter": "collections",
    "deque": "collections", "OrderedDict": "collections",
    "namedtuple": "collections", "reduce": "functools",
    "partial": "functools", "lru_cache": "functools", "wraps": "functools",
    "chain": "itertools", "product": "itertools", "islice": "itertools",
    "permutations": "itertools", "combinations": "itertools",
    "groupby": "itertools", "sqrt": "math", "floor": "math", "ceil": "math",
    "gcd": "math", "log": "math", "inf": "math", "deepcopy": "copy",
    "heappush": "heapq", "heappop": "heapq", "heapify": "heapq",
    "bisect_left": "bisect", "bisect_right": "bisect", "Path": "pathlib",
    "StringIO": "io", "BytesIO": "io", "datetime": "datetime",
    "timedelta": "datetime", "Decimal": "decimal", "Fraction": "fractions",
    "suppress": "contextlib", "contextmanager": "contextlib",
}


def import_name(outline: outlines.Outline) -> Iterator[parts.Span]:
  """An import, at the top of the function, of a name that nothing binds."""
  top = positions.top(outline)
  if top is None:
    return
  start = tokens_lib.newline(top.depth)
  for name in outline.unbound_names():
    if name in _MODULES_OF_NAMES:
      yield top.index, top.index, (
          start, "from", _MODULES_OF_NAMES[name], "import", name)
    if name in sys.stdlib_module_names:
      yield top.index, top.index, (start, "import", name)
