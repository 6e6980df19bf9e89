"""What a hand can say of an edit: sparse features of a state and an edit.

All is read off the plain state, and no feature needs the program to be run. A
linear ranker takes them as they are (`baselines.code_repair_linear`), models
take their hashes.
"""

from jepa.domains.code_repair.hints.extraction import make_encoder
from jepa.domains.code_repair.hints.extraction import make_extractor
from jepa.domains.code_repair.hints.extraction import MAX_HINTS
from jepa.domains.code_repair.hints.extraction import NUM_HASHES

__all__ = ["make_encoder", "make_extractor", "MAX_HINTS", "NUM_HASHES"]
