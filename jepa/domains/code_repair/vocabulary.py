"""What a model must agree on with the world of code repair."""

from jepa.domains import base
from jepa.domains.code_repair import edits
from jepa.domains.code_repair import hints
from jepa.domains.code_repair import observation
from jepa.domains.code_repair import signals

VOCABULARY = base.Vocabulary(
    world="code_repair",
    version=4,
    kinds=edits.KINDS,
    signals=signals.SIGNALS,
    node_features=observation.NODE_FEATURES,
    num_hashes=4096,
    num_pieces=4,
    num_args=12,
    num_hints=hints.MAX_HINTS,
    num_hint_hashes=hints.NUM_HASHES,
)
