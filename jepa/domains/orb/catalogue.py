"""A catalogue of orbital kinds, learnt from programs.

An orbital is catalogued twice: by its *subject* (vehicle, order) and by its
*shape*, which is the set of its behaviours (list and detail; payment form).
Shapes are many and alike, so they are gathered around the most frequent ones.
"""

import collections
from collections.abc import Iterable
import dataclasses

from jepa.domains.orb import census
from jepa.domains.orb import program as program_lib

Json = program_lib.Json

FACETS = ("subject", "shape")
# Two shapes are the same kind if they share more than this.
_SAME_SHAPE = 0.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
  """One kind of orbital.

  label: what it is called; count: orbitals of the kind that were seen.
  words: subject's words, for matching with what a program says.
  behaviors: of the orbitals of the kind, most frequent first.
  """
  label: str
  count: int
  words: tuple[str, ...]
  behaviors: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Catalogue:
  """facet: what orbitals are told apart by; kinds: most frequent first."""
  facet: str
  kinds: tuple[Kind, ...]

  def index(self, orbital: Json) -> int | None:
    """Returns which kind `orbital` is of; None if it is of none."""
    if not isinstance(orbital, dict):
      return None
    if self.facet == "subject":
      label = census.subject(orbital)
      labels = [kind.label for kind in self.kinds]
      return labels.index(label) if label in labels else None
    own = frozenset(census.behaviors(orbital))
    likeness = [jaccard(own, kind.behaviors) for kind in self.kinds]
    best = max(likeness, default=0.0)
    return likeness.index(best) if best > _SAME_SHAPE else None


def learn(
    programs: Iterable[program_lib.Program], facet: str, *, room: int = 256
) -> Catalogue:
  """Returns the catalogue of the orbitals in `programs`.

  Args:
    programs: to learn from.
    facet: one of `FACETS`.
    room: kinds at the most; the rarest are left out.
  """
  if facet not in FACETS:
    raise ValueError(f"facet {facet!r} is none of {FACETS}.")
  orbitals = [o for p in programs for _, o in program_lib.orbitals(p)]
  gather = _by_subject if facet == "subject" else _by_shape
  groups = sorted(gather(orbitals).items(), key=lambda g: (-len(g[1]), g[0]))
  kinds = [_describe(label, members) for label, members in groups[:room]]
  return Catalogue(facet=facet, kinds=tuple(kinds))


def _by_subject(orbitals: list[Json]) -> dict[str, list[Json]]:
  groups: dict[str, list[Json]] = {}
  for orbital in orbitals:
    if label := census.subject(orbital):
      groups.setdefault(label, []).append(orbital)
  return groups


def _by_shape(orbitals: list[Json]) -> dict[str, list[Json]]:
  """Gathers shapes: the most frequent ones lead, others join the most alike."""
  counts = collections.Counter(
      frozenset(census.behaviors(o)) for o in orbitals
  )
  ordered = sorted(counts, key=lambda s: (-counts[s], sorted(s)))
  leaders: list[frozenset[str]] = []
  leader_of: dict[frozenset[str], frozenset[str]] = {}
  for shape in ordered:
    best = max(leaders, key=lambda s: jaccard(shape, s), default=frozenset())
    if jaccard(shape, best) <= _SAME_SHAPE:
      best = shape
      leaders.append(shape)
    leader_of[shape] = best
  groups: dict[str, list[Json]] = {}
  for orbital in orbitals:
    shape = frozenset(census.behaviors(orbital))
    if shape:
      label = "+".join(sorted(leader_of[shape]))
      groups.setdefault(label, []).append(orbital)
  return groups


def _describe(label: str, members: list[Json]) -> Kind:
  used = collections.Counter(b for m in members for b in census.behaviors(m))
  size = max(1, round(used.total() / max(len(members), 1)))
  # Ties are broken by name, so that catalogues do not depend on order.
  common = sorted(used, key=lambda b: (-used[b], b))[:size]
  if "+" in label or label in used:
    common = label.split("+")
  names = [w for m in members for w in census.words(census.entity_name(m))]
  return Kind(
      label=label,
      count=len(members),
      words=census.distinct((*census.words(label), *sorted(set(names)))),
      behaviors=tuple(common),
  )


def jaccard(a: Iterable[str], b: Iterable[str]) -> float:
  """Returns the share of the union of two sets that is in both."""
  a, b = frozenset(a), frozenset(b)
  union = len(a | b)
  return len(a & b) / union if union else 0.0
