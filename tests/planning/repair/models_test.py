"""Tests for `models`: which model, when, and what if it is of another kind."""

import json
import os
import pathlib
import subprocess
import sys
from unittest import mock
import zipfile

from absl.testing import absltest
from configs import pretrain
import jax
from jax.experimental.compilation_cache import compilation_cache
from jepa import checkpoint
from jepa import manifest as manifest_lib
from jepa import types
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import vocabulary as vocabulary_lib
from jepa.domains.orb import vocabulary as orb
from jepa.models import world_model
from jepa.planning import rank
from jepa.planning import repair
from jepa.planning.repair import models
import numpy as np
from tests.planning.repair import queue_test

_HERE = pathlib.Path(__file__).parents[3]
_SMALL = {
    "model.encoder": dict(width=8, depth=1, num_heads=2, num_queries=1),
    "model.predictor": dict(hidden=8, depth=1, num_heads=2),
    "model.head": dict(hidden=8),
}


def export(path):
  """Writes a model that has learned nothing."""
  config = pretrain.get_config("code_repair")
  config.update_from_flattened_dict(_SMALL)
  vocabulary = vocabulary_lib.VOCABULARY
  model = world_model.make_world_model(config.model, vocabulary)
  (suspect, _) = queue_test.make_suspects()
  program = rank.encode_state(
      observation.encode_state(suspect.state), vocabulary
  )
  spec = types.Branch(
      program, rank.encode_actions([], vocabulary, 1), *[None] * 4
  )
  shapes = jax.eval_shape(model.init, jax.random.key(0), spec)
  rng = np.random.default_rng(0)
  params = jax.tree.map(lambda x: rng.normal(size=x.shape), shapes)
  manifest = manifest_lib.make_manifest(config, vocabulary)
  checkpoint.export_model(str(path), params, manifest)


def alter(path, **fields):
  """Changes what a model says of itself."""
  with zipfile.ZipFile(path) as archive:
    files = {name: archive.read(name) for name in archive.namelist()}
  manifest = {**json.loads(files["manifest.json"]), **fields}
  with zipfile.ZipFile(path, "w") as archive:
    for name, content in files.items():
      if name == "manifest.json":
        content = json.dumps(manifest)
      archive.writestr(name, content)


def set_jax_cache(enabled):
  jax.config.update("jax_enable_compilation_cache", enabled)
  compilation_cache.reset_cache()


class ModelsTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    # What comes out of JAX's own cache cannot be kept once more.
    set_jax_cache(False)
    self.addCleanup(set_jax_cache, True)
    self.folder = pathlib.Path(self.create_tempdir().full_path)
    self.shipped = self.folder / "code_repair.npz"
    self.enter_context(mock.patch.object(models, "SHIPPED", self.shipped))
    self.enter_context(mock.patch.dict(
        os.environ, {"XDG_CACHE_HOME": str(self.folder / "cache")}
    ))

  def test_the_shipped_model_is_the_default(self):
    self.assertEqual(models.Loader("").wait().name, "the static prior")
    export(self.shipped)
    self.assertEqual(
        models.Loader("").wait().name, "the model code_repair.npz"
    )
    self.assertEqual(models.Loader("none").wait().name, "the static prior")

  def test_the_second_time_nothing_is_traced(self):
    export(self.shipped)
    suspect = queue_test.make_suspects()[0]
    first = models.load(self.shipped).score(suspect)
    with mock.patch.object(
        world_model, "make_world_model", side_effect=AssertionError
    ):
      self.assertEqual(models.load(self.shipped).score(suspect), first)

  def test_a_model_of_another_kind_is_refused(self):
    for name, fields, message in (
        ("later", {"format": 99}, "format 99"),
        ("vocabulary", {"fingerprint": "0"}, "another vocabulary"),
        ("world", {
            "world": "orb",
            "fingerprint": orb.VOCABULARY.fingerprint,
        }, "trained on the world 'orb'"),
    ):
      export(self.shipped)
      alter(self.shipped, **fields)
      for wanted in ("", str(self.shipped)):
        with self.subTest(name, wanted=wanted):
          with self.assertRaises(repair.RepairError) as e:
            models.Loader(wanted).wait()
          self.assertEqual(e.exception.reason, "bad_checkpoint")
          self.assertIn(message, str(e.exception))
          self.assertIn("--checkpoint=none", str(e.exception))

  def test_nothing_is_loaded_where_no_test_fails(self):
    self.shipped.write_bytes(b"nobody looks into it")
    root = self.folder / "green"
    root.mkdir()
    (root / "test_a.py").write_text("def test_a():\n  pass\n")
    code = (
        "import pathlib, sys\n"
        "from jepa import repair\n"
        f"root, how = {str(root)!r}, {{'checkpoint': {str(self.shipped)!r}}}\n"
        "print(repair.propose(root, **how))\n"
        "try:\n"
        "  repair.repair(root, **how)\n"
        "except repair.RepairError as error:\n"
        "  print(error.reason, 'jax' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_HERE, capture_output=True, text=True
    )
    self.assertEqual(done.stdout, "[]\ntests_pass False\n", done.stderr)


if __name__ == "__main__":
  absltest.main()
