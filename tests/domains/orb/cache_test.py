"""Tests that cached verdicts survive company and accidents."""

import multiprocessing
import pathlib
import uuid

from absl.testing import absltest
import hypothesis
from hypothesis import strategies as st
from jepa.domains.orb import cache as cache_lib
from jepa.domains.orb import verdict as verdict_lib

_ISSUES = st.lists(
    st.builds(
        verdict_lib.Issue, code=st.text(max_size=9), path=st.text(max_size=9)
    ),
    max_size=3,
).map(tuple)
_VERDICTS = st.builds(
    verdict_lib.Verdict,
    errors=_ISSUES,
    warnings=_ISSUES,
    compiles=st.booleans(),
    passed=st.integers(0, 99),
    failed=st.integers(0, 99),
    total=st.integers(0, 300),
)


def _put_many(folder, writer):
  cache = cache_lib.VerdictCache(folder)
  for i in range(100):
    cache.put(f"{writer}-{i}", verdict_lib.Verdict(passed=i, compiles=True))


class CacheTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = self.create_tempdir().full_path

  @hypothesis.settings(max_examples=50, deadline=None)
  @hypothesis.given(st.lists(_VERDICTS, max_size=4))
  def test_finds_what_was_put(self, verdicts):
    folder = self.create_tempdir(name=uuid.uuid4().hex).full_path
    cache = cache_lib.VerdictCache(folder)
    for i, verdict in enumerate(verdicts):
      cache.put(f"key{i}", verdict)
    cache.close()
    for reopened in (cache, cache_lib.VerdictCache(folder)):
      for i, verdict in enumerate(verdicts):
        self.assertEqual(reopened.get(f"key{i}"), verdict)
    self.assertIsNone(cache.get("other"))

  def test_parallel_writers(self):
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_put_many, args=(self.folder, name))
        for name in "abc"
    ]
    for writer in writers:
      writer.start()
    for writer in writers:
      writer.join()
    cache = cache_lib.VerdictCache(self.folder)
    self.assertLen(cache, 300)
    for name in "abc":
      self.assertEqual(cache.get(f"{name}-57").passed, 57)

  def test_passes_over_an_unfinished_line(self):
    cache = cache_lib.VerdictCache(self.folder)
    cache.put("whole", verdict_lib.Verdict(passed=1))
    cache.put("torn", verdict_lib.Verdict(passed=2))
    cache.close()
    (segment,) = pathlib.Path(self.folder).iterdir()
    segment.write_bytes(segment.read_bytes()[:-5])
    reopened = cache_lib.VerdictCache(self.folder)
    self.assertEqual(reopened.get("whole").passed, 1)
    self.assertIsNone(reopened.get("torn"))

  def test_makes_no_file_before_it_has_content(self):
    cache_lib.VerdictCache(self.folder).get("key")
    self.assertEmpty(list(pathlib.Path(self.folder).iterdir()))


if __name__ == "__main__":
  absltest.main()
