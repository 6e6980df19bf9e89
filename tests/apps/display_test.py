"""Tests for `display` and `page`: how a report looks, without any repair."""

import contextlib
import dataclasses
import html.parser
import io
import os
import types
from unittest import mock

from absl.testing import absltest
from jepa.apps import display
from jepa.apps import page
from jepa.apps import progress
from jepa.domains.code_repair import evidence
from jepa.planning import repair
from jepa.planning.repair import behaviour
from jepa.planning.repair import beliefs
from jepa.planning.repair import leads
from jepa.planning.repair import patches
from jepa.planning.repair import search
from tests.planning.repair import queue_test


def make_report(num_patches=3, grouping=None):
  suspect = queue_test.make_suspects()[0]
  trials = tuple(
      search.Trial(
          number=number,
          proposal=beliefs.Proposal(suspect=suspect, edit=edit, score=0.0),
          probability=1 / (number + 1),
          execution=evidence.Execution(
              status="passed", num_run=1, exception="<b>Odd</b>"
          ),
          shift=-0.5,
      )
      for number, edit in enumerate(suspect.edits[:num_patches], 1)
  )
  found = [
      patches.make_patch(search.Verified(
          trial=t, fixed=("test_a.py::test_a",), remaining=()
      ))
      for t in trials
  ]
  return repair.Report(
      status="fixed" if found else "not_found", executions=1, seconds=0.5,
      candidates=10, patches=tuple(found), failing=("test_a.py::test_a",),
      ranker="a prior", trials=trials, grouping=grouping,
  )


GROUPING = behaviour.Grouping(
    groups=((0, 2), (1,)),
    differences=(behaviour.Difference(
        group=1, call="first(1, 2)", first="returns 0", other="returns 3"
    ),),
    num_calls=40,
)


class Stream(io.TextIOWrapper):
  """Standard output, of which a test decides whether it is a terminal."""

  def __init__(self, is_terminal):
    super().__init__(io.BytesIO(), encoding="utf-8")
    self.isatty = lambda: is_terminal

  def text(self):
    self.flush()
    return self.buffer.getvalue().decode()


def shown(report, is_terminal=False):
  stream = Stream(is_terminal)
  with contextlib.redirect_stdout(stream):
    display.show_report(report, written=False)
  return stream.text()


class DisplayTest(absltest.TestCase):

  def test_a_table_and_every_diff(self):
    report = make_report()
    text = shown(report)
    for number, patch in enumerate(report.patches, 1):
      self.assertRegex(text, rf"(?m)^ +{number} +{patch.rank} .*a.py line")
      self.assertIn(patch.diff.decode(), text)
    self.assertNotIn("\x1b", text)

  def test_colour_is_for_terminals(self):
    self.assertIn("\x1b[3", shown(make_report(), is_terminal=True))
    with mock.patch.dict(os.environ, NO_COLOR="1"):
      self.assertNotIn("\x1b", shown(make_report(), is_terminal=True))

  def test_progress_is_cut_and_cleared_but_no_message_is(self):
    errors = Stream(is_terminal=True)
    error = repair.RepairError("usage", "x" * 300)
    with contextlib.redirect_stderr(errors):
      progress.line("y" * 300)
      shown(make_report())
      display.show_error(error, as_json=False)
    start = "\r\x1b[K"
    self.assertEqual(
        errors.text(),
        f"{start}{'y' * 79}{start}{start}jepa-repair: {error}\n",
    )

  def test_what_tells_patches_apart(self):
    text = shown(make_report(grouping=GROUPING))
    self.assertIn("patches 1, 3 do the same on 40 generated calls", text)
    self.assertIn(
        "patch 2 does otherwise than patch 1: first(1, 2) returns 3, "
        "there it returns 0", text,
    )

  def test_a_diff_alone(self):
    report, stream = make_report(), Stream(is_terminal=True)
    errors = io.StringIO()
    with contextlib.redirect_stdout(stream):
      with contextlib.redirect_stderr(errors):
        display.show_diff(report)
    self.assertEqual(stream.text(), report.patches[0].diff.decode())
    self.assertIn(
        "3 verified patches: the first after 1 of 10", errors.getvalue()
    )

  def test_nothing_found(self):
    text = shown(make_report(0))
    self.assertIn("no patch found: 1 of 10", text)
    self.assertIn("still failing: test_a.py::test_a", text)

  def test_leads(self):
    report = dataclasses.replace(make_report(0), leads=leads.Leads(
        places=(leads.Place(
            path="a.py", line=3, function="first", suspicion=0.5
        ),),
        closest=(leads.Near(description="an edit", outcome="mends it"),),
        advice="try harder",
    ))
    text = shown(report)
    for line in ("  a.py line 3, in first", "  an edit: mends it",
                 "try harder"):
      self.assertIn(f"\n{line}\n", text)
    self.assertIn("a.py line 3, in first", page.render(report))

  def test_doubts_stand_under_the_patch(self):
    report = make_report(1)
    patch = dataclasses.replace(report.patches[0], is_judge=True, num_lost=1)
    text = shown(dataclasses.replace(report, patches=(patch,)))
    self.assertIn("look twice: it changes how objects compare", text)
    self.assertIn("; it leaves a parameter unread", text)

  def test_percent(self):
    for value, text in ((1.0, "100 %"), (0.5, "50 %"), (0.00123, "0.12 %")):
      self.assertEqual(display.percent(value), text)


class _Reader(html.parser.HTMLParser):

  def __init__(self):
    super().__init__()
    self.tags, self.words = [], []

  def handle_starttag(self, tag, attributes):
    self.tags.append((tag, types.MappingProxyType(dict(attributes))))

  def handle_data(self, data):
    self.words.append(data)


class PageTest(absltest.TestCase):

  def test_it_holds_everything_and_asks_the_network_for_nothing(self):
    reader = _Reader()
    report = make_report(grouping=GROUPING)
    reader.feed(page.render(report))
    text = "".join(reader.words)
    for patch in report.patches:
      self.assertIn(patch.diff.decode().splitlines()[-1], text)
    self.assertIn("generated calls", text)
    self.assertIn("\u00d7 0.61", text)  # exp(-0.5)
    self.assertEqual(text.count("<b>Odd</b>"), len(report.trials))
    tags = [tag for tag, _ in reader.tags]
    self.assertEqual(tags.count("circle"), 2 * len(report.trials))
    for tag, attributes in reader.tags:
      self.assertNotIn(tag, ("b", "script", "link", "img", "iframe"))
      self.assertNoCommonElements(attributes, ("src", "href"))

  def test_without_any_trial(self):
    self.assertIn("No patch found", page.render(make_report(0)))


if __name__ == "__main__":
  absltest.main()
