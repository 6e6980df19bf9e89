"""Tests of the verifier, on a stand-in and, where there is one, on the real."""

import json
import os
import pathlib
from unittest import mock

from absl.testing import absltest
from absl.testing import parameterized
from jepa.domains.orb import actions
from jepa.domains.orb import behaviors
from jepa.domains.orb import cache as cache_lib
from jepa.domains.orb import compiler as compiler_lib
from jepa.domains.orb import program as program_lib
from jepa.domains.orb import verdict as verdict_lib
from tests.domains.orb import fake


def _named(name, padding=0):
  return {"name": name, "orbitals": [], "x": "y" * padding}


class CompilerTest(parameterized.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = self.create_tempdir().full_path
    self.cli = fake.write(self.folder)
    self.compiler = compiler_lib.Compiler(self.cli)

  def test_reads_codes_and_tests(self):
    by_kind = {}
    for padding in range(4):
      program = _named("app", padding)
      kind = len(program_lib.canonical(program)) % 4
      by_kind[kind] = self.compiler.verdict(program)
    issue = verdict_lib.Issue(
        code="ORB_T_UNDEFINED_EVENT", path="orbitals[0].traits[0]"
    )
    self.assertTrue(by_kind[0].is_valid)
    self.assertEqual(by_kind[1].errors, (issue,))
    self.assertEqual(by_kind[2].warnings, (issue,))
    self.assertEqual(by_kind[3].failed, 1)
    for kind in (1, 2, 3):
      self.assertFalse(by_kind[kind].is_valid)
      self.assertTrue(by_kind[kind].compiles)
      self.assertEqual(by_kind[kind].total, 4)
    self.assertEqual(issue.parts, ("orbitals", 0, "traits", 0))

  @parameterized.parameters("crash", "panic", "garbage", "flood")
  def test_crashes_are_verdicts(self, name):
    verdict = self.compiler.verdict(_named(name))
    self.assertEqual(verdict.codes, {compiler_lib.CRASH})
    self.assertFalse(verdict.is_valid)
    self.assertFalse(verdict.compiles)

  def test_hangs_end_in_time_and_do_not_block_others(self):
    impatient = compiler_lib.Compiler(self.cli, seconds=3.0)
    verdicts = impatient.verdicts([_named("app"), _named("hang"), _named("b")])
    self.assertEqual(verdicts[1].codes, {compiler_lib.HANG})
    calm = self.compiler.verdicts([_named("app"), _named("b")])
    self.assertEqual([verdicts[0], verdicts[2]], calm)

  def test_asks_again_after_a_crash(self):
    verdict = self.compiler.verdict(_named("moody"))
    self.assertNotIn(compiler_lib.CRASH, verdict.codes)

  @parameterized.parameters(b"", b"{", b"\xff\xfe\x00", b"[" * 5000)
  def test_malformed_text_is_a_verdict(self, text):
    (verdict,) = self.compiler.judge([text])
    self.assertEqual(verdict.codes, {"JSON_PARSE_ERROR"})
    self.assertFalse(verdict.compiles)

  def test_takes_ten_megabytes(self):
    program = _named("app", 10_000_000)
    self.assertNotIn(
        compiler_lib.CRASH, self.compiler.verdict(program).codes
    )

  @parameterized.parameters(1, 2, 5)
  def test_order_and_repeats(self, parallel):
    compiler = compiler_lib.Compiler(self.cli, parallel=parallel)
    programs = [_named("app", i % 5) for i in range(9)]
    one_by_one = [self.compiler.verdict(p) for p in programs]
    self.assertEqual(compiler.verdicts(programs), one_by_one)
    self.assertEqual(compiler.num_runs, 5)
    self.assertEqual(compiler.verdicts([]), [])

  def test_cached_verdicts_need_no_run(self):
    folder = os.path.join(self.folder, "cache")
    programs = [_named("app", i) for i in range(3)]
    programs.append(_named("crash"))
    first = compiler_lib.Compiler(
        self.cli, cache=cache_lib.VerdictCache(folder)
    ).verdicts(programs)
    before = fake.num_runs(self.cli)
    later = compiler_lib.Compiler(
        self.cli, cache=cache_lib.VerdictCache(folder)
    )
    self.assertEqual(later.verdicts(programs[:3]), first[:3])
    self.assertEqual(fake.num_runs(self.cli), before)
    later.verdict(programs[3])  # A crash is no lasting truth.
    self.assertGreater(fake.num_runs(self.cli), before)

  def test_leaves_no_file_open(self):
    self.compiler.verdicts([_named("app"), _named("crash")])
    before = len(os.listdir("/proc/self/fd"))
    self.compiler.verdicts([_named("b"), _named("panic"), _named("garbage")])
    self.assertLen(os.listdir("/proc/self/fd"), before)


class FindTest(absltest.TestCase):

  def setUp(self):
    super().setUp()
    self.folder = self.create_tempdir().full_path
    nowhere = pathlib.Path(self.folder, "nowhere")
    self.enter_context(
        mock.patch.object(compiler_lib, "install_place", lambda: nowhere)
    )
    self.enter_context(mock.patch.dict(os.environ, {"PATH": self.folder}))
    os.environ.pop(compiler_lib.ENVIRONMENT, None)

  def test_says_how_to_get_it(self):
    with self.assertRaisesRegex(
        compiler_lib.MissingCompilerError, "python -m jepa.domains.orb.install"
    ):
      compiler_lib.Compiler()

  def test_finds_it_on_path(self):
    cli = fake.write(self.folder)
    self.assertEqual(compiler_lib.find(), cli)

  def test_the_environment_names_it(self):
    fake.write(self.folder)
    other = fake.write(self.create_tempdir().full_path)
    with mock.patch.dict(os.environ, {compiler_lib.ENVIRONMENT: other}):
      self.assertEqual(compiler_lib.find(), other)
    with mock.patch.dict(os.environ, {compiler_lib.ENVIRONMENT: "/no/such"}):
      with self.assertRaisesRegex(
          compiler_lib.MissingCompilerError, "/no/such"
      ):
        compiler_lib.find()

  def test_refuses_other_versions(self):
    fake.write(self.folder, version="almadar 2.0.0")
    with self.assertRaisesRegex(
        compiler_lib.CompilerVersionError, "almadar 2.0.0"
    ):
      compiler_lib.Compiler()

  def test_refuses_what_does_not_run(self):
    path = pathlib.Path(self.folder, "almadar")
    path.write_bytes(b"\x7fELF not for this machine")
    path.chmod(0o755)
    with self.assertRaises(compiler_lib.MissingCompilerError):
      compiler_lib.Compiler()


@absltest.skipIf(fake.real_cli() is None, "needs the Almadar compiler")
class RealCompilerTest(parameterized.TestCase):
  """What the project knows of version 1.9.3, held against it."""

  def setUp(self):
    super().setUp()
    self.compiler = compiler_lib.Compiler()

  def _start(self, behavior="browse"):
    return actions.apply(
        program_lib.EMPTY,
        actions.Action(
            kind="start_orbital",
            at=(),
            slots=("Task", "runtime", behavior, "/tasks"),
        ),
    )

  @parameterized.parameters(
      name for name in behaviors.NAMES if name != "counter"
  )
  def test_behaviors_are_valid(self, behavior):
    verdict = self.compiler.verdict(self._start(behavior))
    self.assertTrue(verdict.is_valid, verdict)
    self.assertGreater(verdict.passed, 0)

  def test_a_behavior_can_lack_its_field(self):
    verdict = self.compiler.verdict(self._start("counter"))
    self.assertEqual(verdict.codes, {"ORB_BINDING_ENTITY_FIELD_NOT_FOUND"})
    self.assertEqual(
        verdict.errors[0].parts[:6],
        ("orbitals", 0, "traits", 0, "stateMachine", "transitions"),
    )

  def test_knows_programs_that_pass_the_validator_only(self):
    page = ("TaskPage2", "/tasks", "TaskBrowse")
    program = actions.apply(
        self._start(),
        actions.Action(kind="add_page", at=("orbitals", 0), slots=page),
    )
    verdict = self.compiler.verdict(program)
    self.assertEmpty(verdict.errors + verdict.warnings)
    self.assertFalse(verdict.compiles)
    self.assertFalse(verdict.is_valid)

  def test_failed_tests_make_invalid(self):
    at = ("orbitals", 0, "traits", 0, "stateMachine", "transitions", 1)
    guard = actions.Action(kind="set_guard", at=at, slots=([">", 0, 1],))
    verdict = self.compiler.verdict(
        actions.apply(self._start("toggle"), guard)
    )
    self.assertTrue(verdict.compiles)
    self.assertEmpty(verdict.errors + verdict.warnings)
    self.assertGreater(verdict.failed, 0)
    self.assertFalse(verdict.is_valid)

  def test_malformed_and_empty(self):
    broken, empty, latin = self.compiler.judge([b"{", b"{}", b"\xff"])
    self.assertEqual(broken.codes, {"JSON_PARSE_ERROR"})
    self.assertEqual(empty.codes, {"JSON_PARSE_ERROR"})
    self.assertEqual(latin.codes, {"FILE_READ_ERROR"})
    verdict = self.compiler.verdict(program_lib.EMPTY)
    self.assertEqual(verdict.codes, {"ORB_S_NO_ORBITALS"})

  def test_ten_megabytes(self):
    program = {**self._start(), "description": "x" * 10_000_000}
    self.assertTrue(self.compiler.verdict(program).is_valid)

  def test_the_order_of_keys_does_not_matter(self):
    program = self._start("edit")
    shuffled = dict(reversed(program.items()))
    texts = [program_lib.canonical(program), json.dumps(shuffled)]
    one, other = self.compiler.judge([text.encode() for text in texts])
    self.assertEqual(one, other)


if __name__ == "__main__":
  absltest.main()
