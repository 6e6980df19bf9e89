"""Tests of which failing test is shown, and what of it."""

from absl.testing import absltest
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import failure

_FILES = {
    "m.py": "def f(x):\n  return g(x)\n\n\ndef g(x):\n  return h(x)\n",
    "helper.py": "def check(x):\n  raise ValueError(x)\n",
    "test_m.py": (
        "class Base:\n"
        "  def test_f(self):\n"
        "    assert m.f(1) == 2\n"
        "\n"
        "class TestF(Base):\n"
        "  pass\n"
        "\n"
        "def test_long():\n" + "  m.f(1)\n" * 100
    ),
}
_TARGET = evidence.Target(path="m.py", qualname="f", lineno=1)


def _report(nodeid="test_m.py::test_long", outcome="failed", **kwargs):
  return evidence.TestReport(
      nodeid=nodeid, outcome=outcome, seconds=0.0, **kwargs
  )


def _frames(*frames):
  return tuple(
      evidence.Frame(path=path, lineno=line, function=name)
      for path, line, name in frames
  )


def _failure(*reports):
  return failure.make_failure(
      evidence.Evidence(target=_TARGET, tests=reports), 2, _FILES.get
  )


class FailureTest(absltest.TestCase):

  def test_nothing_failed(self):
    self.assertIsNone(_failure(_report(outcome="passed")))

  def test_shows_the_most_telling(self):
    plain = _report("t::a", lines=(1, 2))
    focused = _report("t::b", lines=(2,))
    hanging = _report("t::c", outcome="hang", lines=())
    compared = _report("t::d", expected="2", observed="3", lines=(1, 2, 3))
    self.assertEqual(_failure(hanging, plain, focused).nodeid, "t::b")
    self.assertEqual(_failure(plain, focused, compared).nodeid, "t::d")
    self.assertEqual(_failure(hanging).exception, "hang")

  def test_parts_the_traceback(self):
    shown = _failure(
        _report(
            exception="ValueError",
            traceback=_frames(
                ("test_m.py", 9, "test_long"), ("m.py", 2, "f"),
                ("m.py", 6, "g"), ("helper.py", 2, "check"),
            ),
        )
    )
    self.assertEqual(shown.line, 9)
    self.assertEqual(shown.target_lines, (2,))
    self.assertFalse(shown.is_raised_in_target)
    self.assertEqual(
        shown.frames, (("g", "return h(x)"), ("check", "raise ValueError(x)"))
    )

  def test_knows_what_the_target_raised_itself(self):
    shown = _failure(
        _report(
            traceback=_frames(("test_m.py", 9, "test_long"), ("m.py", 2, "f"))
        )
    )
    self.assertTrue(shown.is_raised_in_target)

  def test_finds_an_inherited_test_by_its_line(self):
    shown = _failure(
        _report(
            "test_m.py::TestF::test_f[1-2]",
            traceback=_frames(("test_m.py", 3, "test_f")),
        )
    )
    self.assertEqual(shown.test_lineno, 2)
    self.assertEndsWith(shown.test, "assert m.f(1) == 2")

  def test_keeps_the_failing_line_of_a_long_test(self):
    for line in (9, 60, 108):
      shown = _failure(
          _report(traceback=_frames(("test_m.py", line, "test_long")))
      )
      lines = shown.test.splitlines()
      self.assertLessEqual(len(lines), 60)
      self.assertEqual(lines[line - shown.test_lineno].strip(), "m.f(1)")

  def test_hides_addresses(self):
    shown = _failure(_report(message="<object at 0x7f3a5c0d21e0> != 0x10"))
    self.assertEqual(shown.message, "<object at 0x0> != 0x10")

  def test_json_round_trip(self):
    shown = _failure(
        _report(traceback=_frames(("m.py", 2, "f"), ("helper.py", 2, "check")))
    )
    self.assertEqual(failure.Failure.from_json(shown.to_json()), shown)


if __name__ == "__main__":
  absltest.main()
