"""Tests for `jepa-repair` on what it should not be given.

Each case ends in a clear word or a sound patch, and leaves the tree as it was.
"""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import zipfile

from absl.testing import absltest
from absl.testing import flagsaver
from absl.testing import parameterized
from jepa.apps import repair as app
from jepa.traces import log

_RED = "import core\n\n\ndef test_add():\n  assert core.add(2, 3) == 5\n"
_CORE = "def add(a, b):\n  return a - b\n"
_FIXED = "return a + b"
_GREEN = "def test_a():\n  pass\n"


def write(root, files):
  for name, content in files.items():
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
      content = content.encode()
    path.write_bytes(content)


def snapshot(root):
  """Everything that can be seen of a tree, but for when it was read."""
  return {
      str(path.relative_to(root)): (
          path.lstat().st_mode,
          path.lstat().st_mtime_ns,
          os.readlink(path) if path.is_symlink()
          else path.read_bytes() if path.is_file() else b"",
      )
      for path in root.rglob("*")
  }


def run(*arguments):
  """Returns exit code, JSON and standard error of the command line."""
  out, err = io.StringIO(), io.StringIO()
  with flagsaver.flagsaver():
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
      try:
        code = app.main(app.parse(["jepa-repair", "--json", *arguments]))
      except SystemExit as end:
        code = end.code
  return code, json.loads(out.getvalue()), err.getvalue()


def archive(path, manifest):
  with zipfile.ZipFile(path, "w") as file:
    file.writestr("manifest.json", json.dumps(manifest))
  return path


# name: files, flags ("{root}" is the project, "{side}" a folder beside it),
# exit code, reason and a part of what is said.
_REFUSED = {
    # Flags.
    "unknown flag": ({}, ["--no_such_flag"], 2, "usage", "no_such_flag"),
    "JSON in other words":
        ({}, ["-json=true", "--odd"], 2, "usage", "see --help"),
    "stray word": ({}, ["tests"], 2, "usage", "'tests' is no flag"),
    "no number": ({}, ["--max_seconds=long"], 2, "usage", "max_seconds"),
    "no executions": ({}, ["--max_executions=0"], 2, "usage", "positive"),
    "negative executions":
        ({}, ["--max_executions=-5"], 2, "usage", "max_executions"),
    "no seconds": ({}, ["--max_seconds=0"], 2, "budget", "0.0 seconds"),
    "negative seconds": ({}, ["--max_seconds=-1"], 2, "usage", "max_seconds"),
    "no patches": ({}, ["--max_patches=0"], 2, "usage", "max_patches"),
    # Files.
    "no folder": ({}, ["--repo={side}/none"], 2, "no_repo", "is not there"),
    "a file for a folder":
        ({"a.py": ""}, ["--repo={root}/a.py"], 2, "no_repo", "not a folder"),
    "report in no folder":
        ({}, ["--html={side}/none/a.html"], 2, "unusable_file", "not there"),
    "report is a folder":
        ({}, ["--html={side}"], 2, "unusable_file", "is a folder"),
    "traces in no folder":
        ({}, ["--traces={side}/none/a"], 2, "unusable_file", "not there"),
    "traces are a folder":
        ({}, ["--traces={side}"], 2, "unusable_file", "is a folder"),
    "no checkpoint": ({}, ["--checkpoint={side}/none"], 2, "no_checkpoint",
                      "there is no checkpoint"),
    # Commands.
    "no command": ({}, ["--test_command="], 2, "test_command", "no program"),
    "another runner": ({}, ["--test_command=tox -e py"], 2, "test_command",
                       "is not looked up"),
    "a script": ({"t.py": ""}, ["--test_command=python t.py"], 2,
                 "test_command", "no tests that can be told apart"),
    "a shell": ({}, ["--test_command=cd x && pytest"], 2, "test_command",
                "needs a shell"),
    "an open quote":
        ({}, ["--test_command=pytest 'a"], 2, "test_command", "quotation"),
    "missing tests": ({}, ["--test_command=pytest tests/t.py"], 2,
                      "no_such_test", "no tests/t.py"),
    "no interpreter": ({}, ["--python={side}/python"], 2, "no_interpreter",
                       "is no interpreter"),
    "an interpreter without pytest":
        ({}, ["--python=/bin/true"], 2, "no_interpreter", "without pytest"),
    # Projects.
    "an empty folder": ({}, [], 4, "no_tests", "finds no test"),
    "no tests": ({"core.py": _CORE}, [], 4, "no_tests", "finds no test"),
    "green tests": ({"test_a.py": _GREEN}, [], 3, "tests_pass", "1 test"),
    "a missing dependency":
        ({"test_a.py": "import no_such_package\n", ".venv/bin/python": ""}, [],
         4, "collection_error", ".venv/bin/python of an interpreter that has"),
    "a syntax error": ({"core.py": "def add(:\n", "test_core.py": _RED}, [], 4,
                       "syntax_error", "core.py:1"),
    "a failing conftest":
        ({"conftest.py": "raise OSError('no database')\n", "test_a.py": _GREEN},
         [], 4, "collection_error", "\nconftest.py:1: in <module>"),
    "a binary test file":
        ({"test_a.py": b"\x7fELF\x00\x00\xff"}, [], 4, "syntax_error",
         "test_a.py:1"),
    "a test in no encoding":
        ({"test_a.py": b"s = '\xff'\n"}, [], 4, "syntax_error", "test_a.py"),
    "a test that exits at import":
        ({"test_a.py": "import os\nos._exit(3)\n"}, [], 4, "collection_error",
         "ended the process"),
    "a wrong option": ({"test_a.py": _GREEN}, ["--test_command=pytest --odd"],
                       4, "collection_error", "--odd"),
    "only a test that needs the network":
        ({"test_a.py": "import socket\n\ndef test_a():\n"
                       "  socket.create_connection(('192.0.2.1', 80))\n"},
         [], 4, "no_network", "asks for the network"),
    "only a flaky test":
        ({"test_a.py": "import os, pathlib\n\ndef test_a():\n"
                       "  path = pathlib.Path('seen')\n"
                       "  is_first = not path.exists()\n"
                       "  path.touch()\n  assert not is_first\n"},
         [], 3, "tests_pass", "nothing is judged by it"),
}


class RefusedTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    side = pathlib.Path(self.create_tempdir().full_path).resolve()
    self.root, self.side = side / "project", side
    self.root.mkdir()

  @parameterized.named_parameters(
      (name.replace(" ", "_"), *case) for name, case in _REFUSED.items()
  )
  def test(self, files, arguments, exit_code, reason, message):
    write(self.root, files)
    before = snapshot(self.side)
    code, found, errors = run(
        f"--repo={self.root}",
        *(a.format(root=self.root, side=self.side) for a in arguments),
    )
    self.assertEqual((code, found["reason"]), (exit_code, reason), errors)
    self.assertIn(message, errors)
    self.assertEqual(found["patches"], [])
    self.assertEqual(snapshot(self.side), before)

  def test_checkpoints(self):
    write(self.root, {"core.py": _CORE, "test_core.py": _RED})
    (self.side / "text").write_text("no archive")
    archive(self.side / "bare", {})
    archive(self.side / "later", {"format": 99})
    for name, message in (
        ("text", "is not a checkpoint"), ("bare", "format None"),
        ("later", "format 99"),
    ):
      with self.subTest(name):
        code, found, _ = run(
            f"--repo={self.root}", f"--checkpoint={self.side / name}"
        )
        self.assertEqual((code, found["reason"]), (2, "bad_checkpoint"))
        self.assertIn(message, found["error"])

  def test_changes_that_are_not_committed(self):
    write(self.root, {"core.py": _CORE, "test_core.py": _RED})
    for command in ("init --quiet", "add ."):
      subprocess.run(["git", *command.split()], cwd=self.root, check=True)
    before = snapshot(self.root)
    code, found, _ = run(f"--repo={self.root}", "--write")
    self.assertEqual((code, found["reason"]), (5, "dirty_tree"))
    self.assertEqual(snapshot(self.root), before)


class RepairedTest(absltest.TestCase):
  """Odd, but it can be repaired."""

  def setUp(self):
    super().setUp()
    side = pathlib.Path(self.create_tempdir().full_path).resolve()
    self.root, self.side = side / "project", side
    self.root.mkdir()

  def _repair(self, *arguments, root=None):
    """Returns JSON and standard error of a repair that leaves all as it was."""
    before = snapshot(self.root)
    code, found, errors = run(
        f"--repo={root or self.root}", "--checkpoint=none", *arguments
    )
    self.assertEqual(code, 0, errors)
    self.assertEqual(snapshot(self.root), before)
    self.assertIn(_FIXED, found["patches"][0]["diff"])
    return found, errors

  def test_neighbours_that_are_no_python(self):
    write(self.root, {
        "core.py": _CORE,
        "test_core.py": _RED,
        "empty.py": "",
        "binary.py": b"\x00\x01\xff" * 50,
        "latin.py": "# -*- coding: latin-1 -*-\ns = '\xe9'\n".encode("latin-1"),
        "wide.py": "x = 1\n".encode("utf-16"),
        "broken.py": "def (:\n",
        "deep.py": "x = " + "(" * 3000 + ")" * 3000 + "\n",
    })
    (self.root / "dangling.py").symlink_to("nowhere.py")
    (self.root / "loop").symlink_to(".")
    os.mkfifo(self.root / "pipe.py")
    self._repair()

  def test_a_function_in_another_encoding(self):
    latin = "# coding: latin-1\ndef word():\n  return '\xe9'\n"
    write(self.root, {
        "core.py": _CORE,
        "latin.py": latin.encode("latin-1"),
        "constant.py": "# coding: latin-1\nS = '\xe9'\n".encode("latin-1"),
        "test_core.py": "import constant, latin\n" + _RED.replace(
            "assert", "latin.word()\n  assert"
        ),
    })
    _, errors = self._repair()
    self.assertIn("latin.py", errors)

  def test_a_huge_function(self):
    lines = "".join(f"  x{i} = {i}\n" for i in range(1500))
    write(self.root, {
        "core.py": _CORE,
        "huge.py": f"def fill():\n{lines}  return x1\n",
        "test_core.py": "import huge\n" + _RED.replace(
            "assert", "huge.fill()\n  assert"
        ),
    })
    self._repair()

  def test_a_byte_order_mark(self):
    core = b"\xef\xbb\xbf" + _CORE.encode()
    write(self.root, {"core.py": core, "test_core.py": _RED})
    before = snapshot(self.root)
    code, found, errors = run(f"--repo={self.root}", "--checkpoint=none")
    self.assertEqual((code, found["status"]), (1, "not_found"))
    self.assertIn("core.py starts with a byte order mark", errors)
    self.assertEqual(snapshot(self.root), before)

  def test_a_link_to_a_tree_that_cannot_be_written(self):
    write(self.root, {"core.py": _CORE, "test_core.py": _RED})
    for path in (*self.root.iterdir(), self.root):
      path.chmod(0o555 if path.is_dir() else 0o444)
    self.addCleanup(self.root.chmod, 0o755)
    link = self.side / "link"
    link.symlink_to(self.root)
    self._repair(root=link)

  def test_tests_that_lay_waste(self):
    write(self.root, {
        "core.py": _CORE,
        "data/keep.txt": "precious",
        "test_core.py": _RED,
        "test_waste.py":
            "import os, pathlib, shutil, signal\n\n"
            "def test_delete():\n"
            "  folder = pathlib.Path(__file__).parent / 'data'\n"
            "  shutil.rmtree(folder, ignore_errors=True)\n\n"
            f"def test_reach_out():\n"
            f"  path = pathlib.Path({str(self.root)!r}, 'data', 'keep.txt')\n"
            "  path.unlink()\n\n"
            "def test_kill():\n"
            "  os.kill(os.getpid(), signal.SIGKILL)\n",
    })
    found, _ = self._repair("--max_executions=60")
    self.assertEqual(found["status"], "partial")

  def test_a_log_whose_writer_was_killed(self):
    write(self.root, {"core.py": _CORE, "test_core.py": _RED})
    path = self.side / "traces.log"
    path.write_bytes(b"deadbeef 1 code_repair {\"state\": {\"key")
    found, _ = self._repair(f"--traces={path}")
    # What was executed after the first patch is learned from, too.
    self.assertGreaterEqual(log.count(path), found["executions"])

  def test_odd_names(self):
    self.root = self.side / "a b'\"\n\u00e9$(x)"
    write(self.root, {
        "my core/core.py": _CORE,
        "my core/test core.py": _RED,
    })
    found, _ = self._repair(
        "--test_command=pytest -o 'python_files=test*.py' 'my core'"
    )
    self.assertEqual(found["patches"][0]["path"], "my core/core.py")


if __name__ == "__main__":
  absltest.main()
