"""TFDS builder of executed code-repair branches.

Executing is the cost, so it comes first and by itself: records are cached as
shards under `<data_dir>/cache` and encoded from there.
"""

from collections.abc import Callable, Mapping
import concurrent.futures
import dataclasses
import itertools
import json
import multiprocessing
import pathlib
import shutil

from jepa import encoding
from jepa.datasets import features
from jepa.datasets.code_repair import evaluation
from jepa.domains.code_repair import bugs
from jepa.domains.code_repair import corpus
from jepa.domains.code_repair import duplicates
from jepa.domains.code_repair import fuzzing
from jepa.domains.code_repair import generation
from jepa.domains.code_repair import packages
from jepa.domains.code_repair import records
from jepa.domains.code_repair import settings as settings_lib
from jepa.domains.code_repair import students
from jepa.domains.code_repair import vocabulary
import tensorflow_datasets.public_api as tfds

_WINDOWS = settings_lib.Settings(
    seed=11, num_states=40, num_candidates=24, max_tests=10
)
# Where fixes of these kinds have room: few functions have any.
_SELDOM = settings_lib.Settings(
    seed=8, num_states=400, num_candidates=24, max_tests=10,
    kinds=(
        "cond_replace", "exception", "guard", "import_name", "jump",
        "swap_elts", "target_replace", "try_except",
    ),
)
# Of these kinds the rounds above leave fewer than 500 fixes each; those that
# are drawn seldom beside others have a round without the others.
_SCARCE = settings_lib.Settings(
    seed=10, num_states=400, num_candidates=24, max_tests=10,
    kinds=(
        "add_clause", "bool_op", "branch", "default", "off_by_one",
        "swap_stmts", "try_except",
    ),
)
_SCARCEST = dataclasses.replace(
    _SCARCE, seed=12, kinds=("call_arg", "drop_clause", "swap_args")
)
# Few tests notice these, and fewer functions have a handler or leave a loop.
_UNNOTICED = dataclasses.replace(_SCARCE, seed=13, kinds=("branch", "default"))
_RAREST = dataclasses.replace(
    _SCARCE, seed=14, kinds=("jump", "try_except"), num_states=800
)
_ROUNDS = (
    settings_lib.Settings(num_states=120),
    None,
    _SELDOM,
    settings_lib.Settings(
        seed=2, num_states=400, num_candidates=24, max_tests=10
    ),
    dataclasses.replace(_SCARCE, num_states=100),
    dataclasses.replace(_SCARCEST, num_states=100),
    dataclasses.replace(_UNNOTICED, num_states=100),
    _RAREST,
)
_FUZZED_ROUNDS = (
    settings_lib.Settings(seed=6, num_states=200, num_candidates=24),
    settings_lib.Settings(seed=7, num_states=200, num_candidates=24),
    _SELDOM,
    settings_lib.Settings(seed=9, num_states=400, num_candidates=24),
    _SCARCE,
    _SCARCEST,
    _UNNOTICED,
    _RAREST,
)
_MORE_BUGS = 100  # Of each question that is trained on.
_SIZES = features.Sizes(
    num_nodes=256, num_symbols=256, num_candidates=32, num_next=2
)


@dataclasses.dataclass(kw_only=True)
class CodeRepairConfig(tfds.core.BuilderConfig):
  """How much to execute.

  packages: names in `packages.PACKAGES`; each knows its split. None of them
    makes a dataset of students' bugs.
  rounds: the first of every package, the others of those to train on. Each has
    its seed, so that what a smaller config executed is part of a larger one.
  fuzzed_rounds: of those to train on with tests that were made from what their
    functions return: see `fuzzing`. Rounds of both come in turns, and None is
    none in its turn.
  windows: of every package, and of those to train on with made tests, too:
    functions that are broken twice; see `windows`.
  evaluation_settings: of every validation package once more, with all
    candidates executed: see `evaluation.load_records`.
  """
  packages: tuple[str, ...] = ()
  rounds: tuple[settings_lib.Settings | None, ...] = ()
  fuzzed_rounds: tuple[settings_lib.Settings | None, ...] = ()
  windows: settings_lib.Settings | None = None
  evaluation_settings: settings_lib.Settings


def _exhaustive(num_states: int, max_executed: int) -> settings_lib.Settings:
  return settings_lib.Settings(
      seed=1, num_states=num_states, num_candidates=None, num_next=0,
      max_executed=max_executed,
  )


class Builder(tfds.core.GeneratorBasedBuilder):
  """Broken functions, their executed candidate edits, and what followed."""

  VERSION = tfds.core.Version("1.0.0")
  RELEASE_NOTES = {"1.0.0": "Initial release."}
  BUILDER_CONFIGS = [
      CodeRepairConfig(
          name="tiny",
          description="For tests: two packages, a few states.",
          packages=("addict", "unidiff"),
          rounds=(settings_lib.Settings(num_states=20),),
          evaluation_settings=_exhaustive(num_states=4, max_executed=100),
      ),
      CodeRepairConfig(
          name="quickstart",
          description="About 450 states, in minutes on two cores.",
          packages=("addict", "funcy", "parse", "toolz", "voluptuous",
                    "isodate"),
          rounds=(settings_lib.Settings(num_states=90, max_tests=12),),
          evaluation_settings=_exhaustive(num_states=30, max_executed=2000),
      ),
      CodeRepairConfig(
          name="small",
          description="For a laptop: every package, 5,900 states.",
          packages=tuple(packages.PACKAGES),
          rounds=_ROUNDS[:1],
          fuzzed_rounds=_FUZZED_ROUNDS[:1],
          evaluation_settings=_exhaustive(num_states=25, max_executed=1500),
      ),
      CodeRepairConfig(
          name="medium",
          description="For an hour of two cores: about 13,000 states.",
          packages=tuple(packages.PACKAGES),
          rounds=_ROUNDS[:3],
          fuzzed_rounds=_FUZZED_ROUNDS[:3],
          evaluation_settings=_exhaustive(num_states=25, max_executed=1500),
      ),
      CodeRepairConfig(
          name="full",
          description="Every package, about 29,000 states.",
          packages=tuple(packages.PACKAGES),
          rounds=_ROUNDS,
          fuzzed_rounds=_FUZZED_ROUNDS,
          evaluation_settings=_exhaustive(num_states=25, max_executed=1500),
      ),
      CodeRepairConfig(
          name="windows",
          description="Functions broken twice, and pairs of edits, executed.",
          packages=tuple(packages.PACKAGES),
          windows=_WINDOWS,
          evaluation_settings=_exhaustive(num_states=25, max_executed=1500),
      ),
      CodeRepairConfig(
          name="students",
          description="Real bugs that one edit repairs, of three questions.",
          evaluation_settings=_exhaustive(num_states=120, max_executed=2000),
      ),
  ]

  # Called with a line of text as the work goes on.
  report: Callable[[str], None] = staticmethod(lambda text: None)

  def _info(self) -> tfds.core.DatasetInfo:
    return self.dataset_info_from_configs(
        features=features.branch_features(
            vocabulary.VOCABULARY, _SIZES, self._has_pairs
        ),
        metadata=tfds.core.MetadataDict({
            "vocabulary": vocabulary.VOCABULARY.to_json(),
            "fingerprint": vocabulary.VOCABULARY.fingerprint,
        }),
    )

  @property
  def _has_pairs(self) -> bool:
    return self.builder_config.windows is not None

  def _split_generators(self, dl_manager):
    del dl_manager  # pip fetches the packages.
    cache = pathlib.Path(self.data_dir_root, "cache")
    if not self.builder_config.packages:
      return self._split_students(cache)
    return self._split_packages(cache)

  def _split_packages(self, cache):
    config = self.builder_config
    table = [packages.PACKAGES[name] for name in config.packages]
    # What takes longest comes first, so that no worker idles in the end.
    table.sort(key=lambda p: p.split == "train")
    checkouts = self._fetch(table, cache)
    fuzzed = self._fuzz(checkouts, cache)
    # A round after the other, so that what a smaller config needs is there
    # when a larger one is stopped.
    jobs = []
    for i, (own, made) in enumerate(
        itertools.zip_longest(config.rounds, config.fuzzed_rounds)
    ):
      jobs += [
          (p.split, _job(checkouts[p.name], own, p.share))
          for p in table
          if own and (p.split == "train" or i == 0)
      ]
      jobs += [
          ("train", _job(copy, made, packages.PACKAGES[name].share))
          for name, copy in fuzzed.items()
          if made
      ]
    jobs += self._windows(table, checkouts, fuzzed)
    held_out = [
        generation.Job(
            checkout=checkouts[p.name], settings=config.evaluation_settings
        )
        for p in table
        if p.split == "validation"
    ]
    shards = self._execute([*held_out, *(job for _, job in jobs)], cache)
    self._write_evaluation([s for job in held_out for s in shards[job]])
    splits = {"train": [], "validation": []}
    for split, job in jobs:
      splits[split].extend(shards[job])
    left_out = splits["validation"] + (
        [s for job in held_out for s in shards[job]] if config.windows else []
    )
    held_out_functions = _fingerprints(left_out)
    return {
        "train": self._generate_examples(splits["train"], held_out_functions),
        "validation": self._generate_examples(splits["validation"]),
    }

  def _windows(self, table, checkouts, fuzzed):
    """Returns the jobs of functions that are broken twice, by split."""
    settings = self.builder_config.windows
    if settings is None:
      return []
    asked = [(p.split, checkouts[p.name], p.share) for p in table]
    asked += [
        ("train", copy, packages.PACKAGES[name].share)
        for name, copy in fuzzed.items()
    ]
    return [
        (split, dataclasses.replace(
            _job(checkout, settings, share), has_windows=True
        ))
        for split, checkout, share in asked
    ]

  def _fuzz(
      self, checkouts: Mapping[str, settings_lib.Checkout], cache: pathlib.Path
  ) -> dict[str, settings_lib.Checkout]:
    """Returns copies of the packages to train on, with tests that are made."""
    config = self.builder_config
    if not config.fuzzed_rounds and config.windows is None:
      return {}
    named = [n for n in checkouts if packages.PACKAGES[n].split == "train"]
    own = [checkouts[name] for name in named]
    places = [cache / "fuzzed" / checkout.name for checkout in own]
    self.report(f"making tests of {len(named)} packages from what they return")
    # Forking a process that has threads, as JAX's has, may hang.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(mp_context=context) as pool:
      copies = list(pool.map(fuzzing.write_project, own, places))
    return {name: copy for name, copy in zip(named, copies) if copy.tests}

  def _split_students(self, cache):
    """The first bugs of each question, and more of those to train on.

    To train on some, leave out the question that is asked about.
    """
    self.report(f"fetching {packages.STUDENTS.pin}")
    root = corpus.fetch([packages.STUDENTS], cache)[packages.STUDENTS.name]
    settings = dataclasses.replace(
        self.builder_config.evaluation_settings, num_next=1
    )
    more = dataclasses.replace(
        settings, skip=settings.num_states, num_states=_MORE_BUGS
    )
    checkouts = [
        settings_lib.Checkout(
            name=f"students-{question.folder}",
            root=root / question.folder,
            files=(students.MODULE,),
            tests=("tests",),
            bugs=students.BUGS,
        )
        for question in students.QUESTIONS
    ]
    job = lambda checkout, settings: generation.Job(
        checkout=checkout, settings=settings
    )
    asked = [job(checkout, settings) for checkout in checkouts]
    extra = [job(checkout, more) for checkout in checkouts[:-1]]
    shards = self._execute([*asked, *extra], cache)
    self._write_evaluation([s for j in asked for s in shards[j]])
    train = [s for j in (*asked[:-1], *extra) for s in shards[j]]
    return {
        "train": self._generate_examples(train),
        "validation": self._generate_examples(shards[asked[-1]]),
    }

  def _execute(self, jobs, cache):
    return generation.generate(
        jobs,
        cache / "code_repair",
        report=lambda progress: self.report(str(progress)),
    )

  def _fetch(self, table, cache) -> dict[str, settings_lib.Checkout]:
    self.report(f"fetching {', '.join(p.pin for p in table)}")
    roots = corpus.fetch(table, cache)
    return {
        p.name: settings_lib.Checkout(
            name=p.folder,
            root=roots[p.name],
            files=tuple(corpus.modules(p, roots[p.name])),
            tests=p.tests,
        )
        for p in table
    }

  def _write_evaluation(self, shards: list[pathlib.Path]) -> None:
    """Joins shards into one file beside the splits: gzip files concatenate."""
    folder = pathlib.Path(self.data_path)
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / evaluation.FILE, "wb") as out:
      for shard in shards:
        with open(shard, "rb") as content:
          shutil.copyfileobj(content, out)

  def _generate_examples(self, shards, left_out=frozenset()):
    seen = set()
    for shard in shards:
      for i, record in enumerate(generation.read_shard(shard)):
        if duplicates.fingerprint(record.original()) in left_out:
          continue
        state = record.package, record.target, record.broken.text
        if state in seen:
          continue  # Two rounds broke a function alike.
        seen.add(state)
        if len(record.candidates) > _SIZES.num_candidates:
          record = bugs.thin_out(record, _SIZES.num_candidates)
        try:
          branch = records.make_branch(
              record, _SIZES.num_nodes, records.choose_tried(record)
          )
          example = features.encode_branch(
              branch, vocabulary.VOCABULARY, _SIZES, json.dumps(branch.meta),
              self._has_pairs,
          )
        except encoding.SizeError:
          continue  # More symbols than there is room for.
        yield f"{shard.name.removesuffix('.jsonl.gz')}/{i:04d}", example


def _job(checkout, settings, share: int) -> generation.Job:
  settings = dataclasses.replace(
      settings, num_states=share * settings.num_states
  )
  return generation.Job(checkout=checkout, settings=settings)


def _fingerprints(shards: list[pathlib.Path]) -> frozenset[str]:
  return frozenset(
      duplicates.fingerprint(record.original())
      for shard in shards
      for record in generation.read_shard(shard)
  )
