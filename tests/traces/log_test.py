"""Tests that no acknowledged trace is ever lost."""

import json
import multiprocessing
import os
import pathlib
import random
import signal
import subprocess
import sys

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa.traces import log

# Appends without end; says each number only after it was acknowledged.
_WRITER = """
import sys
from jepa.traces import log
with log.TraceLog(sys.argv[1], sync=False) as traces:
  for i in range(10**9):
    traces.append(world="orb", state={"text": "x" * (i % 977)}, action=i,
                  next_state=None, signals=[i], meta={"writer": sys.argv[2]})
    sys.stdout.write(f"{i}\\n")
    sys.stdout.flush()
"""
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def _append_many(path, writer, count):
  with log.TraceLog(path, sync=False) as traces:
    for i in range(count):
      traces.append(
          world=writer, state=i, action="a" * 5000, next_state=i, signals={}
      )


class LogTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    self.path = pathlib.Path(self.create_tempdir().full_path, "traces.log")

  def test_killed_writers_lose_nothing_acknowledged(self):
    rng = random.Random(0)
    acknowledged = {}
    for run in map(str, range(8)):
      with subprocess.Popen(
          [sys.executable, "-c", _WRITER, self.path, run],
          stdout=subprocess.PIPE,
      ) as writer:
        for _ in range(rng.randrange(1, 300)):
          writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split(b"\n")
      said = [line for line in rest[:-1] if line]
      acknowledged[run] = int(said[-1]) if said else 0
    kept = {run: [] for run in acknowledged}
    for trace in log.read(self.path):
      kept[trace.meta["writer"]].append(trace.action)
    for run, last in acknowledged.items():
      # In order, without a gap, and at least as far as was said.
      self.assertEqual(kept[run], list(range(len(kept[run]))))
      self.assertGreater(len(kept[run]), last)

  @hypothesis.settings(max_examples=40, deadline=None)
  @hypothesis.given(st.data())
  def test_is_readable_wherever_it_is_cut(self, data):
    self.path.unlink(missing_ok=True)
    with log.TraceLog(self.path) as traces:
      for i in range(3):
        traces.append(
            world="orb", state=i, action={}, next_state="é", signals=0
        )
    content = self.path.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    self.path.write_bytes(content[:cut])
    whole = content[:cut].count(b"\n")
    self.assertEqual([t.state for t in log.read(self.path)], [*range(whole)])
    with log.TraceLog(self.path) as traces:
      traces.append(
          world="orb", state="after", action={}, next_state=0, signals=0
      )
    # A record that lacks but its newline is whole once the line is closed.
    whole += content[cut : cut + 1] == b"\n"
    states = [t.state for t in log.read(self.path)]
    self.assertEqual(states, [*range(whole), "after"])

  @hypothesis.settings(max_examples=40, deadline=None)
  @hypothesis.given(st.lists(st.tuples(_JSON, _JSON), max_size=4))
  def test_reads_what_was_written(self, pairs):
    self.path.unlink(missing_ok=True)
    written = [
        log.Trace(
            world="orb", state=a, action=b, next_state=a, signals=b,
            meta={"pair": [a, b]},
        )
        for a, b in pairs
    ]
    with log.TraceLog(self.path) as traces:
      traces.extend(written)
    self.assertEqual(list(log.read(self.path)), written)

  def test_counts_each_world(self):
    with log.TraceLog(self.path) as traces:
      for world, times in (("orb", 3), ("code_repair", 2)):
        for _ in range(times):
          traces.append(
              world=world, state=0, action=0, next_state=0, signals=0
          )
        self.assertEqual(log.count(self.path, world), times)  # While open.
    self.assertEqual(log.count(self.path), 5)
    self.assertEqual(log.count(self.path, "chess"), 0)
    self.assertEqual(log.worlds(self.path), {"orb": 3, "code_repair": 2})
    self.assertLen(list(log.read(self.path, "orb")), 3)

  def test_parallel_writers_do_not_mix(self):
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_append_many, args=(self.path, name, 200))
        for name in ("a", "b")
    ]
    for writer in writers:
      writer.start()
    for writer in writers:
      writer.join()
    self.assertEqual(log.worlds(self.path), {"a": 200, "b": 200})
    for name in ("a", "b"):
      states = [t.state for t in log.read(self.path, name)]
      self.assertEqual(states, [*range(200)])

  def test_passes_over_damage(self):
    with log.TraceLog(self.path) as traces:
      for i in range(3):
        traces.append(
            world="orb", state=i, action=0, next_state=0, signals=0
        )
    lines = self.path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"state":1', b'"state":7')
    self.path.write_bytes(b"".join(lines))
    self.assertEqual([t.state for t in log.read(self.path)], [0, 2])

  def test_refuses_later_formats(self):
    content = b"%d orb {}\n" % (log.VERSION + 1)
    self.path.write_bytes(log._checksum(content) + b" " + content)
    with self.assertRaisesRegex(log.TraceError, "format 2"):
      log.count(self.path)

  @parameterized.parameters(
      dict(world="two words", state=0),
      dict(world="", state=0),
      dict(world="orb", state=float("nan")),
      dict(world="orb", state=object()),
  )
  def test_refuses_what_it_could_not_read(self, world, state):
    with log.TraceLog(self.path) as traces:
      with self.assertRaises(log.TraceError):
        traces.append(
            world=world, state=state, action=0, next_state=0, signals=0
        )
    self.assertEqual(os.path.getsize(self.path), 0)

  def test_is_plain_text(self):
    with log.TraceLog(self.path) as traces:
      traces.append(world="orb", state=1, action=2, next_state=3, signals=4)
    record = json.loads(self.path.read_text().split(" ", 3)[3])
    self.assertEqual(record["state"], 1)


if __name__ == "__main__":
  absltest.main()
