"""Tests for `imports`."""

import pathlib

from absl.testing import absltest
from absl.testing import parameterized
from jepa.planning.repair import imports
from tests.planning.repair import bad_input_test

_FILES = {
    "src/pkg/__init__.py": "from .core import run\nfrom . import missing\n",
    "src/pkg/core.py": "import json\nfrom ..pkg import limits\n",
    "src/pkg/limits.py": "from ... import far\nfrom ....... import out\n",
    "src/pkg/sub/deep.py": "from ..core import run\n",
    "flat.py": "def f():\n  import src.pkg.sub.deep\n",
    "tests/helper.py": "import test_core\n",
    "tests/test_core.py": "import helper, pkg\n",
    "broken.py": "import flat\n(",
}


class ImportsTest(parameterized.TestCase):

  @parameterized.parameters(
      (["tests/test_core.py"], 50, [
          "tests/helper.py", "src/pkg/__init__.py", "src/pkg/core.py",
          "src/pkg/limits.py",
      ]),
      (["tests/test_core.py"], 2, ["tests/helper.py", "src/pkg/__init__.py"]),
      (["flat.py"], 2, ["src/pkg/sub/deep.py", "src/pkg/__init__.py"]),
      (["broken.py"], 50, []),
      (["nowhere.py"], 50, []),
      ([], 50, []),
  )
  def test_nearest_first(self, paths, most, expected):
    root = pathlib.Path(self.create_tempdir().full_path)
    bad_input_test.write(root, _FILES)
    found = imports.following(root, ("", "src", "lib"), paths, most)
    self.assertEqual(found, expected)


if __name__ == "__main__":
  absltest.main()
