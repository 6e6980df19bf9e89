"""Tests for `programs`: a program is traced once, whoever runs it later."""

import os
import pathlib
import time

from absl.testing import absltest
import jax
from jax.experimental.compilation_cache import compilation_cache
import jax.numpy as jnp
from jepa.planning import programs
import numpy as np

_X = np.arange(4, dtype=np.float32)


def set_jax_cache(enabled):
  jax.config.update("jax_enable_compilation_cache", enabled)
  compilation_cache.reset_cache()


class StoreTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    # What comes out of JAX's own cache cannot be kept once more.
    set_jax_cache(False)
    self.addCleanup(set_jax_cache, True)
    self.folder = pathlib.Path(self.create_tempdir().full_path, "programs")
    self.num_traced = 0

  def _run(self, *arguments, salt="", folder=None):
    def function(params, x):
      self.num_traced += 1
      return {"y": jnp.sin(params["w"] * x)}

    kept = programs.Store(folder or self.folder, salt).keep("f", function)
    return [
        np.asarray(kept({"w": np.float32(2.0)}, x)["y"]) for x in arguments
    ]

  def test_it_is_traced_once_a_shape(self):
    first = self._run(_X, _X, _X[:2])
    self.assertEqual(self.num_traced, 2)
    again = self._run(_X, _X, _X[:2])
    self.assertEqual(self.num_traced, 2)
    for one, other, x in zip(first, again, (_X, _X, _X[:2])):
      np.testing.assert_array_equal(one, other)
      np.testing.assert_allclose(one, np.sin(2.0 * x), rtol=1e-6)

  def test_what_it_depends_on_decides(self):
    self._run(_X, salt="one model")
    self._run(_X, salt="another")
    self.assertEqual(self.num_traced, 2)

  def test_spoilt_files_are_compiled_anew(self):
    (expected,) = self._run(_X)
    (kept,) = self.folder.iterdir()
    for content in (b"", b"no pickle", kept.read_bytes()[:-100]):
      kept.write_bytes(content)
      np.testing.assert_array_equal(self._run(_X)[0], expected)
    self.assertEqual(self.num_traced, 4)
    self._run(_X)
    self.assertEqual(self.num_traced, 4)

  def test_a_folder_that_cannot_be_written_is_no_obstacle(self):
    self.folder.write_text("a file")
    self.assertLen(self._run(_X), 1)

  def test_old_programs_are_thrown_away(self):
    self._run(_X, salt="old")
    (old,) = self.folder.iterdir()
    year = 365 * 24 * 3600
    os.utime(old, (time.time() - year,) * 2)
    self._run(_X, salt="new")
    self.assertFalse(old.exists())
    self.assertLen(list(self.folder.iterdir()), 1)


if __name__ == "__main__":
  absltest.main()
