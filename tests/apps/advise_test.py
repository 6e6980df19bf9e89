"""Tests of `python -m jepa.apps.advise`, as people run it."""

import json
import random
import subprocess
import sys

from absl.testing import absltest
from absl.testing import parameterized
from jepa.planning.advisors import samples as samples_lib
from tests.domains.orb import samples


def _run(*args):
  return subprocess.run(
      [sys.executable, "-m", "jepa.apps.advise", *args],
      capture_output=True,
      text=True,
      timeout=120,
      check=False,
  )


class AdviseTest(parameterized.TestCase):

  def _file(self, content):
    return self.create_tempfile(content=json.dumps(content)).full_path

  def test_prints_a_table_and_json(self):
    sample = samples_lib.generated(1, seed=3)[0]
    proposal = sample.proposal(random.Random(1))
    done = _run(
        f"--program={self._file(proposal.start)}",
        f"--plan={self._file([s.to_json() for s in proposal.steps])}",
        "--json",
    )
    self.assertEqual(done.returncode, 0, done.stderr)
    advice = json.loads(done.stdout)["advice"]
    self.assertEqual(
        [a["advisor"].split(" (")[0] for a in advice],
        ["plan coherence", *["missing orbital"] * 2, "off-manifold"],
    )
    for a in advice:
      self.assertIn(a["advisor"], done.stderr)
      self.assertIsInstance(a["abstained"], bool)
      for remark in a["remarks"]:
        self.assertBetween(remark["confidence"], 0, 1)

  def test_loads_no_framework(self):
    """Tests that advice starts at once: JAX alone takes seconds to import."""
    code = (
        "import sys, jepa.apps.advise; "
        "print([m for m in ('jax', 'flax', 'optax') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True,
    )
    self.assertEqual(done.stdout.strip(), "[]")

  @parameterized.named_parameters(
      ("program", "program", "cannot read"),
      ("plan", "plan", "cannot read"),
      ("advisors", "advisors", "No advisors at"),
      ("checkpoint", "checkpoint", "No checkpoint at"),
  )
  def test_names_the_file_that_is_missing(self, flag, message):
    arguments = {"program": self._file(samples.wired()), flag: "/no/such.json"}
    done = _run(*(f"--{k}={v}" for k, v in arguments.items()))
    self.assertEqual(done.returncode, 2)
    self.assertStartsWith(done.stderr, "error: ")
    self.assertIn(message, done.stderr)
    self.assertIn("/no/such.json", done.stderr)


if __name__ == "__main__":
  absltest.main()
