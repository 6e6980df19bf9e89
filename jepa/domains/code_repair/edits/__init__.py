"""The edit grammar of code repair: enumerate, apply, invert, break."""

from jepa.domains.code_repair.edits.breaking.breaks import Break
from jepa.domains.code_repair.edits.breaking.breaks import DEFAULT_WEIGHTS
from jepa.domains.code_repair.edits.breaking.breaks import sample_breaks
from jepa.domains.code_repair.edits.breaking.disguises import sample_variants
from jepa.domains.code_repair.edits.breaking.removals import sample_removals
from jepa.domains.code_repair.edits.grammar import enumerate_edits
from jepa.domains.code_repair.edits.grammar import KINDS
from jepa.domains.code_repair.edits.records import Edit
from jepa.domains.code_repair.edits.records import Pools
from jepa.domains.code_repair.edits.records import Splice
from jepa.domains.code_repair.edits.records import StaleSourceError
from jepa.domains.code_repair.edits.render import apply_edit
from jepa.domains.code_repair.edits.render import describe
from jepa.domains.code_repair.edits.render import invert
from jepa.domains.code_repair.edits.render import render

__all__ = [
    "apply_edit", "Break", "DEFAULT_WEIGHTS", "describe", "Edit",
    "enumerate_edits", "invert", "KINDS", "Pools", "render", "sample_breaks",
    "sample_removals", "sample_variants", "Splice", "StaleSourceError",
]
