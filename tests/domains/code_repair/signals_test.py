"""Tests of what verdicts become."""

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.code_repair import evidence
from jepa.domains.code_repair import signals

_BEFORE = {"t::a": "ValueError", "t::b": "KeyError"}


class SignalsTest(parameterized.TestCase):

  @parameterized.parameters(
      (dict(status="passed", num_fixed=2), {"fixed", "progress"}),
      (
          dict(status="failed", failed_test="t::a", exception="ValueError"),
          {"same_error"},
      ),
      (
          dict(status="failed", failed_test="t::a", exception="TypeError"),
          {"other_error"},
      ),
      (
          dict(
              status="failed", failed_test="t::b", exception="KeyError",
              num_fixed=1,
          ),
          {"progress", "same_error"},
      ),
      (
          dict(
              status="failed", failed_test="t::c", exception="ValueError",
              num_fixed=2, was_passing=True,
          ),
          {"progress", "regress"},
      ),
      (dict(status="hang", failed_test="t::a"), {"hang"}),
      (dict(status="crash", failed_test="t::a"), {"hang"}),
      (dict(status="invalid"), set()),
  )
  def test_signals(self, fields, expected):
    values = signals.make_signals(evidence.Execution(**fields), _BEFORE)
    raised = {n for n, v in zip(signals.SIGNALS, values) if v}
    self.assertEqual(raised, expected)


if __name__ == "__main__":
  absltest.main()
