"""All advisors, on one collection of programs."""

from collections.abc import Callable, Iterator, Sequence
import functools

from jepa.domains.orb import catalogue
from jepa.evaluation.advisors import measured as measured_lib
from jepa.evaluation.advisors import missing_orbital
from jepa.evaluation.advisors import off_manifold
from jepa.evaluation.advisors import plan_coherence
from jepa.planning.advisors import reading
from jepa.planning.advisors import samples as samples_lib

MEASURES = {
    "plan": plan_coherence.measure,
    **{
        f"{facet}{suffix}": functools.partial(
            missing_orbital.measure, facet=facet, with_intent=with_intent
        )
        for facet in catalogue.FACETS
        for suffix, with_intent in (("", True), ("-unsaid", False))
    },
    "points": off_manifold.measure,
}


def measure(
    samples: Sequence[samples_lib.Sample],
    reader: reading.Reader | None,
    *,
    names: Sequence[str] = tuple(MEASURES),
    num_folds: int = 3,
    num_seeds: int = 3,
    on_fit: Callable[[str], None] = lambda name: None,
) -> Iterator[measured_lib.Measured]:
  """Yields what is measured of each advisor.

  Args:
    samples: whole programs; every one is in the test part of one fold.
    reader: of a world model; None to do without.
    names: which of `MEASURES`.
    num_folds: of the split by program.
    num_seeds: of everything that is trained.
    on_fit: called with the advisor's name whenever one has been fitted.
  """
  for name in names:
    yield MEASURES[name](
        samples,
        reader,
        num_folds=num_folds,
        num_seeds=num_seeds,
        on_fit=functools.partial(on_fit, name),
    )
