"""The clocks, out of reach of tests that replace those of `time`.

Freezing libraries look for them in modules; an object they leave alone.
"""

import time
import types

clock = types.SimpleNamespace(
    monotonic=time.monotonic,
    perf_counter=time.perf_counter,
    process_time=time.process_time,
)
