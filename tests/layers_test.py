"""Tests that imports point one way only."""

import ast
import pathlib

from absl.testing import absltest

_ROOT = pathlib.Path(__file__).parents[1]

_ARRAYS = ["types", "encoding", "losses", "models", "state", "step",
           "controls", "optimizer", "sharding", "input_pipeline", "checkpoint",
           "manifest", "metrics", "augmentation", "label_budget", "compiler"]

# A layer may import itself and what its line names; nothing else of `jepa`.
_LAYERS = {
    "types": [],
    "domains": [],
    "traces": [],
    "encoding": ["domains"],
    "datasets": ["domains", "encoding", "traces"],
    "losses": ["types"],
    "models": ["types", "domains"],
    "controls": ["types"],
    "augmentation": ["types"],
    "state": ["types", "models"],
    "step": ["types", "losses", "models", "state", "controls",
             "augmentation"],
    "optimizer": [],
    "compiler": [],
    "sharding": [],
    "label_budget": [],
    "input_pipeline": ["types", "label_budget"],
    "manifest": ["domains"],
    "checkpoint": ["types", "manifest", "domains"],
    "snapshots": ["state"],
    "metrics": ["types"],
    "stats": [],
    "diagnostics": ["losses", "types"],
    "train": [*_ARRAYS, "domains", "diagnostics", "snapshots"],
    "baselines": ["domains", "stats"],
    "planning": [*_ARRAYS, "domains", "baselines", "traces", "stats"],
    "repair": ["planning"],
    "evaluation": [*_ARRAYS, "planning", "baselines", "stats", "domains",
                   "datasets", "diagnostics"],
    "apps": ["train", "evaluation", "planning", "datasets", "domains",
             "checkpoint", "baselines", "traces", "manifest"],
}

# Packages that only these layers may import.
_ONLY = {
    "flax": {"models", "state", "checkpoint"},
    "tensorflow_datasets": {"datasets"},
    "tensorflow": set(),
}


def _imports(path):
  for node in ast.walk(ast.parse(path.read_text())):
    if isinstance(node, ast.Import):
      yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
      if node.module == "jepa":
        yield from (f"jepa.{alias.name}" for alias in node.names)
      else:
        yield node.module


class LayersTest(absltest.TestCase):

  def test_imports_point_down(self):
    for path in sorted(_ROOT.glob("jepa/**/*.py")):
      parts = path.relative_to(_ROOT / "jepa").with_suffix("").parts
      layer = parts[0]
      if layer == "__init__":
        continue
      for name in _imports(path):
        with self.subTest(f"{'/'.join(parts)} imports {name}"):
          top, *rest = name.split(".")
          if top == "jepa" and rest:
            self.assertIn(rest[0], [layer, *_LAYERS[layer]])
          elif top in _ONLY:
            self.assertIn(layer, _ONLY[top])

  def test_worlds_are_pure_python(self):
    for path in sorted(_ROOT.glob("jepa/domains/**/*.py")):
      tops = {name.split(".")[0] for name in _imports(path)}
      with self.subTest(path.name):
        self.assertNoCommonElements(tops, {"jax", "numpy", "flax"})

  def test_worlds_do_not_know_each_other(self):
    for world in ("code_repair", "orb"):
      for path in sorted(_ROOT.glob(f"jepa/domains/{world}/**/*.py")):
        for name in _imports(path):
          with self.subTest(f"{path.name} imports {name}"):
            if name.startswith("jepa.domains."):
              self.assertIn(
                  name.split(".")[2], [world, "base", "symbols"]
              )


if __name__ == "__main__":
  absltest.main()
