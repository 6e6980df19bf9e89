"""The worker's first steps: confine itself, then do what it was made for."""

import os

from . import clean
from . import host
from . import sandbox
from . import wire as wire_lib


def main(read_fd: int, write_fd: int, page_fd: int) -> None:
  """Runs one worker from its first message to its end.

  Where a needed layer of the sandbox is missing, and that is not allowed, it
  ends before it runs any code of the project.

  The message's `mode` is "serve" for hot-swapped candidates, "clean" for
  fresh imports in forks of a bare process, "single" for one run.
  """
  wire = wire_lib.Wire(read_fd, write_fd)
  page = wire_lib.Page(page_fd)
  config = wire.receive()
  layers, missing = sandbox.confine(
      config["limits"], config["writable"], config["parent"]
  )
  wire.send({"op": "started", "missing": missing})
  if missing and not config["limits"]["allow_unsafe"]:
    os._exit(1)
  if config["mode"] == "clean":
    clean.keep_serving(config, wire, page, layers)
  else:
    host.run(config, wire, page, layers)
  os._exit(0)  # Threads of the project must not keep it alive.
