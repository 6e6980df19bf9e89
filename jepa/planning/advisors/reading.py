"""Readings: what a trained world model makes of programs and actions."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from jepa.domains.orb import actions as actions_lib
from jepa.domains.orb import program as program_lib
import numpy as np


class View(NamedTuple):
  """A program, actions that are considered in it, and what is wanted.

  focus: path of what the actions are about.
  """
  program: program_lib.Program
  actions: tuple[actions_lib.Action, ...]
  intent: tuple[str, ...] = ()
  focus: program_lib.Path = ()


class Reading(NamedTuple):
  """z: `[D]`, the state; z_hat: `[K, D]`, predicted after each action.

  sites: `[K, D]`, mean latent of the nodes that each action is about.
  logits: `[K, S]`, of each signal of the verifier after each action.
  """
  z: np.ndarray
  z_hat: np.ndarray
  sites: np.ndarray
  logits: np.ndarray


Reader = Callable[[Sequence[View]], list[Reading]]
