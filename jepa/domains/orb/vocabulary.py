"""The vocabulary of the Orb world: what a model must agree on with it."""

from jepa.domains import base
from jepa.domains.orb import actions
from jepa.domains.orb import schema
from jepa.domains.orb import verdict as verdict_lib

# Roles of nodes: parts of a program that have a name of their own, what they
# are made of, and what is known besides.
ROLES = (
    "padding",
    *schema.ROLES,
    "persistence",
    "collection",
    "type",
    "option",
    "relation",
    "category",
    "link",
    "source",
    "target",
    "trigger",
    "scope",
    "path",
    "operand",
    "pattern",
    "property",
    "intent",
    "compiles",
    "tests",
    "error",
    "warning",
)

# How a value is written: "entity" and "payload" are bindings of their fields.
VALUES = (
    "none", "text", "entity", "payload", "binding", "number", "boolean", "null",
    "empty",
)  # fmt: skip

FLAGS = ("none", "initial", "terminal", "required")

# Sizes of the remaining features; what lies beyond is clipped.
NUM_DEPTHS = 14
NUM_ORBITALS = 9
NUM_TRAITS = 17
NUM_ITEMS = 25
NUM_COUNTS = 12

# The codes that get a signal of their own: the most frequent ones.
CODES = (
    "CIRCUIT_DEAD_END_STATE",
    "CIRCUIT_UNREACHABLE_STATE",
    "JSON_PARSE_ERROR",
    "ORB_BINDING_ENTITY_FIELD_NOT_FOUND",
    "ORB_BINDING_PAYLOAD_FIELD_UNDECLARED",
    "ORB_EFF_FETCH_INVALID_ENTITY",
    "ORB_E_DUPLICATE_FIELD",
    "ORB_E_INVALID_RELATION",
    "ORB_E_MISSING_COLLECTION",
    "ORB_E_NO_FIELDS",
    "ORB_O_MISSING_PAGES",
    "ORB_P_EMPTY_TRAITS",
    "ORB_P_INVALID_PATH",
    "ORB_P_INVALID_TRAIT_REF",
    "ORB_RUI_INVALID_PROP",
    "ORB_RUI_MISSING_REQUIRED_PROP",
    "ORB_T_DUPLICATE_NAME",
    "ORB_T_DUPLICATE_STATE",
    "ORB_T_DUPLICATE_TRANSITION",
    "ORB_T_EVT_EXTERNAL_MISSING_PAYLOAD",
    "ORB_T_INIT_MISSING_FETCH",
    "ORB_T_INVALID_TRANSITION",
    "ORB_T_MISSING_INIT_TRANSITION",
    "ORB_T_MISSING_RENDER_UI",
    "ORB_T_NO_INITIAL_STATE",
    "ORB_T_UNDEFINED_EVENT",
    "ORB_X_DUPLICATE_ENTITY",
    "ORB_X_ORPHAN_LISTENER",
    "ORB_X_UNUSED_EMISSION",
)
OTHER = "OTHER"

VOCABULARY = base.Vocabulary(
    world="orb",
    version=1,
    kinds=actions.KINDS,
    signals=(
        "valid",
        "no_errors",
        "no_warnings",
        "compiles",
        "tests_ok",
        *CODES,
        OTHER,
    ),
    node_features=(
        ("role", len(ROLES)),
        ("value", len(VALUES)),
        ("flag", len(FLAGS)),
        ("depth", NUM_DEPTHS),
        ("orbital", NUM_ORBITALS),
        ("trait", NUM_TRAITS),
        ("item", NUM_ITEMS),
        ("count", NUM_COUNTS),
    ),
    num_hashes=4096,
    num_pieces=5,
    num_args=6,
)


def signals(verdict: verdict_lib.Verdict) -> tuple[float, ...]:
  """Returns what `VOCABULARY.signals` names, each 0.0 or 1.0."""
  codes = verdict.codes
  general = (
      verdict.is_valid,
      not verdict.errors,
      not verdict.warnings,
      verdict.compiles,
      verdict.compiles and not verdict.failed,
  )
  named = (code in codes for code in CODES)
  return tuple(map(float, (*general, *named, bool(codes - set(CODES)))))
