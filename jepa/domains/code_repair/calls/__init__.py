"""Calls of a project's functions: recorded, varied, and made again.

  inputs      variations of calls
  process     runs the probe on a copy of the project, confined
  probe       the other side, in the project's own interpreter
"""
