"""Which of several plausible patches do the same, on inputs beyond the tests.

All of them pass the tests, and some of them are wrong: patches that differ on
an input are shown with that input, for their user to say which one is right.

  grouping    patches in groups that behave alike, and what tells them apart
  inputs      calls that tests made, and variations of them
  process     runs the probe on a patched copy of the project, confined
  probe       the other side, in the project's own interpreter
"""

from jepa.planning.repair.behaviour.grouping import Difference
from jepa.planning.repair.behaviour.grouping import group
from jepa.planning.repair.behaviour.grouping import Grouping

__all__ = ["Difference", "group", "Grouping"]
