"""Tests for `diff`: git itself applies what it made."""

import pathlib
import subprocess

from absl.testing import absltest
from absl.testing import parameterized
import hypothesis
from hypothesis import strategies as st
from jepa.planning.repair import diff

_LINES = st.lists(
    st.sampled_from([b"a\n", b"b\n", b"  c\r\n", b"\n", b"\x0c\n", b"-- d\n"]),
    max_size=12,
)
_CONTENTS = st.tuples(_LINES, st.sampled_from([b"", b"end", b"end\r"])).map(
    lambda parts: b"".join(parts[0]) + parts[1]
)


class DiffTest(parameterized.TestCase):

  def _apply(self, path, before, after):
    root = pathlib.Path(self.create_tempdir().full_path)
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(before)
    subprocess.run(
        ["git", "apply", "-"], cwd=root, check=True,
        input=diff.make_diff({path: before}, {path: after}),
    )
    return target.read_bytes()

  @parameterized.parameters(
      "a.py", "pkg/a.py", "with blank/a b.py", "ünï.py", 'quo"te.py',
      "back\\slash.py", "tab\t.py",
  )
  def test_paths(self, path):
    self.assertEqual(self._apply(path, b"x\n", b"y\n"), b"y\n")

  @hypothesis.settings(max_examples=15, deadline=None)
  @hypothesis.given(before=_CONTENTS, after=_CONTENTS)
  def test_contents(self, before, after):
    hypothesis.assume(before and after and before != after)
    self.assertEqual(self._apply("a.py", before, after), after)

  def test_several_files(self):
    made = diff.make_diff(
        {"a": b"1\n", "b": b"2\n", "c": b"3\n"},
        {"a": b"1\n", "b": b"x\n", "c": b"y\n"},
    )
    self.assertEqual(
        made,
        b"--- a/b\n+++ b/b\n@@ -1 +1 @@\n-2\n+x\n"
        b"--- a/c\n+++ b/c\n@@ -1 +1 @@\n-3\n+y\n",
    )
    self.assertEqual(diff.num_changed_lines(made), 4)


if __name__ == "__main__":
  absltest.main()
