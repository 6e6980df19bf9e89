r"""World models, trained on executed branches.

  python -m jepa.apps.prepare --dataset=code_repair/full --data_dir=data
  python -m jepa.apps.train --config=configs/pretrain.py:code_repair \
      --workdir=runs/code_repair

  python -m jepa.domains.orb.install
  python -m jepa.apps.prepare --dataset=orb/generated_large --data_dir=data
  python -m jepa.apps.train --config=configs/pretrain.py:orb --workdir=runs/orb

After the world, an arm may follow: `code_repair,supervised`. See `ARMS`. Two
of them go on from a model that was trained without labels:

  for arm in unlabelled probe finetuned; do
    python -m jepa.apps.train --config=configs/pretrain.py:code_repair,$arm \
        --workdir=runs/$arm
  done

What each loss, switch and target is worth, sizes of data, two-edit repairs:

  launch/ablations.sh losses runs/ablations
  launch/ablations.sh targets runs/ablations
  launch/learning_curve.sh --dataset=code_repair/small --runs=runs/curve
  python -m jepa.apps.rollouts --workdir=runs/code_repair

Few labels and many states, with small models, and arms with their seeds in one
table:

  launch/learning_curve.sh --config=configs/ablations.py: --runs=runs/labels \
      --arms=supervised,sparse,semi,semi_read,semi_executed,finetuned \
      --branches=1000,4000,16000 --reference=supervised,sparse \
      --max_epochs=0 --min_steps=200 --batch_size=16
  ARMS="jepa supervised bag no_action shuffled_action" launch/sweep.sh \
      configs/pretrain.py:code_repair, code_repair/small runs/arms

Code repair, measured on 2026-11-26: 29,317 states of 27 packages and HumanEval
under their own tests and under made ones, one epoch of 916 steps; seeds 0, 1,
2, trained on one H100, where a step takes 9 ms (on a core of an AMD EPYC half a
second). Executions until an edit passes, geometric mean, and its ratio to the
best static mix with a paired 95 % bootstrap interval, for 75 broken functions
of four other packages and for 143 real bugs (`code_repair/students`), as
printed by one call of `jepa.apps.evaluate` each, with all nine runs:

                        broken functions              students' bugs
  random                108.6  4.59 [3.26, 6.30]      196.3  5.18 [4.13, 6.58]
  kind prior             25.8  1.09 [0.90, 1.30]       73.4  1.94 [1.66, 2.29]
  Ochiai, kind           23.7  1                       37.9  1
  linear, hand features   4.1  0.17 [0.11, 0.29]        9.8  0.26 [0.19, 0.35]
  jepa                    3.3  0.14 [0.09, 0.22]        7.6  0.20 [0.15, 0.28]
                          3.4  0.14 [0.09, 0.23]        5.9  0.16 [0.12, 0.22]
                          3.1  0.13 [0.09, 0.21]        6.1  0.16 [0.12, 0.23]
  supervised              3.5  0.15 [0.10, 0.23]        6.6  0.18 [0.13, 0.24]
                          3.4  0.14 [0.09, 0.23]        6.2  0.16 [0.12, 0.23]
                          3.2  0.14 [0.09, 0.21]        7.4  0.20 [0.14, 0.27]
  bag                     3.3  0.14 [0.09, 0.22]        6.8  0.18 [0.13, 0.25]
                          3.2  0.14 [0.09, 0.21]        6.2  0.16 [0.12, 0.22]
                          3.0  0.12 [0.08, 0.19]        6.6  0.17 [0.13, 0.24]
  jepa, outcomes seen     3.3  0.14 [0.09, 0.22]        7.7  0.20 [0.15, 0.29]
  jepa, no action       108.6  4.59 [3.26, 6.30]      196.3  5.18 [4.13, 6.58]
  jepa, shuffled         70.5  2.98 [1.94, 4.59]      113.3  2.99 [2.22, 4.12]
  jepa, half the prior    3.3  0.14 [0.09, 0.21]        7.1  0.19 [0.14, 0.26]

  seeds averaged, jepa over supervised    0.97 [0.91, 1.04]    0.96 [0.89, 1.03]
                  jepa over bag           1.05 [0.99, 1.11]    0.99 [0.94, 1.06]
                  jepa over linear        0.80 [0.67, 0.94]    0.67 [0.54, 0.82]

Trained without any verdict first (`unlabelled`, 916 steps), then 916 steps with
all of them, of all weights or of heads alone, three seeds; beside it
supervision alone for as many steps, two seeds. Ratios are to `supervised`, of
one epoch:

  finetuned               3.3  0.96 [0.90, 1.03]        6.2  0.92 [0.85, 0.99]
  probe                   3.7  1.09 [1.00, 1.20]        7.3  1.09 [0.97, 1.21]
  supervised, two epochs  3.0  0.88 [0.81, 0.96]        5.9  0.87 [0.80, 0.96]

So a frozen encoder that saw no verdict leaves its heads but a tenth behind.
What finetuning gains, a second epoch with labels gains, and more: finetuned
over it 1.09 [1.00, 1.18] and 1.05 [.94, 1.18]. JEPA was not trained for two.

JEPA and the equal-size supervised model are level where all states are
labelled, and so is a bag of nodes, at half the time a step: what hints, the
proposal and the neighbours of an edit say leaves attention little. What the
losses on latents gain there is the latents: on 358 held-out states, rank .52 of
the width against .38, a prediction nearer than a copy (+.25 against -.05). Of
samples of 128 of them SIGReg is 8.0 to 8.6 times its floor, where that of the
supervised model is 124 times: not Gaussian, but short of the alarm. (It grows
with the number of latents, so in batches of 32 it is nearer to its floor.) With
five times the weight it is 5.5, and executions are 3.4 and 8.0 (one seed).
P(fixed) of all candidates can be believed: of what is foretold at .09, .09 to
.26 comes true; at .16, .08 to .30.

What ran on the H100 ran `train.train` with batches of one length (no buckets).
There `finetuned`, `probe`, the heavier SIGReg and the models of the next two
tables were measured as well, by what `learning_curve` calls, so the commands
beside these tables are what does the same, not what was typed; students' bugs,
both sets together and the two epochs, which it does not show, likewise.

Sizes, at most two epochs over each but at least 20 steps, three seeds:

  launch/learning_curve.sh --dataset=code_repair/full --runs=runs/curve \
      --arms=jepa,supervised --max_epochs=2 --min_steps=20 \
      --branches=1000,4000,16000,64000,256000

                       broken functions               students' bugs
  branches  states     jepa  over supervised          jepa  over supervised
      1k        48     20.5   .96 [.83, 1.09]         76.9  1.06 [.97, 1.16]
      4k       193     12.4  1.18 [1.04, 1.34]        55.2   .99 [.92, 1.06]
     16k       771      6.2   .95 [.86, 1.05]         38.4   .91 [.85,  .97]
     64k     3,085      4.0   .99 [.92, 1.05]         11.0  1.01 [.94, 1.08]
    256k    12,340      3.4  1.03 [.97, 1.10]          7.7  1.00 [.94, 1.07]

Few labels and all 29,317 states: of the others the next states of two edits are
seen, and by `sparse` and `semi_executed` the outcomes of these edits, too. 300
steps, three seeds (at 48 four, but for `semi`); executions and, over the two
smaller sizes together (`jepa/evaluation/curve_half.py`), those over
`supervised` and over `sparse`:

  launch/learning_curve.sh --dataset=code_repair/full --runs=runs/labels \
      --arms=supervised,sparse,semi,semi_executed --max_epochs=0 \
      --min_steps=300 --branches=1000,4000,16000,64000 \
      --reference=supervised,sparse

  broken functions    48   193   771  3,085   48 and 193 together
  supervised        28.7  13.9   6.4    3.9
  semi              28.0  10.5   6.1    3.8    .81 [.68, .96]
  sparse             5.4   5.2   4.3    3.9    .24 [.19, .32]
  semi_executed      6.1   5.4   4.4    4.0    .27 [.21, .35]  1.11 [1.01, 1.22]
  students' bugs
  supervised        44.1  49.5  19.4    9.4
  semi              28.1  36.4  14.4   10.5    .68 [.58, .78]
  sparse            22.4  19.9  13.6   10.5    .47 [.39, .57]
  semi_executed     20.9  20.7  12.3   10.6    .46 [.37, .57]   .97 [.90, 1.05]

So where few states are labelled, JEPA on unlabelled ones needs .72 [.64, .81]
of the executions of the supervised model, both sets together, and gains .048
[.026, .070] of AUC. But whoever is told what became of the two edits whose next
states JEPA sees needs half of that, and JEPA that is told as much is level with
that: 1.02 [.96, 1.08]. The head start that small models have there
(`configs/ablations.py`) is gone at this size. `semi` without or with shuffled
actions was not trained.

Orb, measured on 2026-11-21 on two shared cores of an AMD EPYC: 7,348 states of
700 walks, 700 steps, about 16 CPU minutes. AUC of valid against invalid steps
within a state, seed by seed; generated: 427 states of 40 programs; public: 149
states of 16 programs that no model saw. Standard errors about .003 and .02.

                          generated          public             rank / width
  jepa                    .974 .974 .975     .832 .818 .796     .44 .52 .44
  supervised              .982 .984          .853 .799          .13 .15
  bag                     .973 .971 .971     .806 .800 .797     .50 .52
  jepa, no action         .500 .500 .500     .500 .500 .500
  jepa, shuffled action   .50                .51
  state only              .500               .500
  action only: kind       .745               .708
  ... and its texts       .776               .726

So the action is used and the seeds agree, but JEPA does not win: the supervised
arm (two seeds) is ahead by .009 on generated programs and level on public ones,
and the bag is level on generated programs, because actions look nodes up for
themselves (`predictor.Lookup`). What the losses on latents buy is the latents:
effective rank .44 of the width against .13 and, on generated programs only, a
prediction nearer than the state itself. A second phase on public programs is
what helps there: see jepa/checkpoints/README.md.
"""

import ml_collections

# By world: its dataset, steps, and the lengths that batches are trimmed to.
_WORLDS = {
    "code_repair": ("code_repair/full", 916, (128, 192)),
    "orb": ("orb/generated_large", 700, (96, 128, 192)),
}

_LABELS_ONLY = {
    "loss.prediction.weight": 0.0,
    "loss.sigreg.weight": 0.0,
    "loss.sigreg.predictor_weight": 0.0,
    "loss.contrast.weight": 0.0,
    "loss.inverse.weight": 0.0,
}
_AFTER_UNLABELLED = _LABELS_ONLY | {"start_from": "runs/unlabelled/model.npz"}

# What each arm changes. Those of this table are controls, which `jepa` has to
# beat; those of the next leave one thing out, and say what it is worth.
_CONTROLS = {
    "jepa": {},
    # Equal size, data and steps, without any loss on latents.
    "supervised": _LABELS_ONLY,
    # No verdict is looked at: only states, actions and the states that follow.
    "unlabelled": {
        "loss.outcome.weight": 0.0,
        "loss.outcome.ranking_weight": 0.0,
        "loss.proposal.weight": 0.0,
    },
    # What the unlabelled latents know: only a head learns from verdicts.
    "probe": _AFTER_UNLABELLED | {"frozen": ("encode", "predict", "inverse")},
    # The unlabelled weights as a start for the supervised arm.
    "finetuned": _AFTER_UNLABELLED,
    # Where few states are labelled (config.labels): JEPA on all states; with
    # outcomes read off next states; with those of what was executed.
    "semi": {"labels.others": "unlabelled"},
    "semi_read": {"labels.others": "unlabelled", "loss.read.weight": 10.0},
    "semi_executed": {"labels.others": "executed"},
    # What that must beat: the same outcomes without any loss on latents.
    "sparse": _LABELS_ONLY | {"labels.others": "executed"},
    # Without what a hand can say of an action and its state.
    "no_hints": {"model.hints": False},
    # No attention: nodes do not see each other.
    "bag": {"model.encoder.depth": 0},
    # Trained without seeing which action is taken.
    "no_action": {"control": "no_action"},
    # Trained with each outcome assigned to another action of its state.
    "shuffled_action": {"control": "shuffled_action"},
}

_UNREGULARISED = {
    "loss.sigreg.weight": 0.0,
    "loss.sigreg.predictor_weight": 0.0,
}
_ROLLOUT = {"loss.rollout.weight": 10.0}
ABLATIONS = {
    "no_prediction": {"loss.prediction.weight": 0.0},
    "no_predictor_sigreg": {"loss.sigreg.predictor_weight": 0.0},
    "no_contrast": {"loss.contrast.weight": 0.0},
    "no_inverse": {"loss.inverse.weight": 0.0},
    "no_ranking": {"loss.outcome.ranking_weight": 0.0},
    # Success is foretold, but no other signal of the verifier.
    "success_only": {"loss.outcome.success_only": True},
    "no_proposal": {"model.proposal": None, "loss.proposal.weight": 0.0},
    # State and action meet as large as they come.
    "not_normed": {"model.predictor.is_normed": False},
    # Second edits are judged in the latents predicted after first ones, and may
    # be told how far they are from the first.
    "rollout": _ROLLOUT,
    "rollout_near": _ROLLOUT | {"model.nearness": True},
    # The grid of targets and regularisers; `jepa` is (ema, SIGReg).
    "ema_unregularised": _UNREGULARISED,
    "stop_gradient": {"loss.target": "stop_gradient"},
    "stop_gradient_unregularised": (
        {"loss.target": "stop_gradient"} | _UNREGULARISED
    ),
    "online": {"loss.target": "online"},
    "online_unregularised": {"loss.target": "online"} | _UNREGULARISED,
}
ARMS = _CONTROLS | ABLATIONS


def get_config(arg: str = "code_repair") -> ml_collections.ConfigDict:
  """Returns the experiment for "world" or "world,arm"."""
  world, _, arm = arg.partition(",")
  config = ml_collections.ConfigDict()
  config.world = world
  config.arm = arm or "jepa"
  config.control = "none"
  config.seed = 0
  config.start_from = ""  # A model file, for a second phase.
  config.frozen = ()  # Parts of the model that stay as they start.
  dataset, config.num_steps, config.buckets = _WORLDS[world]
  config.batch_size = 32  # Global; a multiple of the number of devices.
  config.log_every = 20

  config.dataset = ml_collections.ConfigDict()
  config.dataset.name = dataset
  config.dataset.split = "train"
  config.dataset.data_dir = "data"

  # How many states show their outcomes (0: all), and what the others are good
  # for: see `jepa.label_budget`.
  config.labels = dict(num_labelled=0, others="absent")

  # Held-out branches that are looked at while training goes on.
  config.probe = dict(every=200, num_examples=64, split="validation")

  config.model = ml_collections.ConfigDict()
  config.model.encoder = dict(width=128, depth=2, num_heads=4, num_queries=4)
  config.model.predictor = dict(
      hidden=128, depth=2, num_heads=4, is_normed=True
  )
  config.model.head = dict(hidden=128)
  if world == "code_repair":
    # Edits lie where a fault is; what an Orb program lacks has no place.
    config.model.proposal = dict(hidden=128)
    config.model.hints = True  # Of which an Orb program's actions have none.

  # Whether a second action's score knows how far it is from the first one.
  config.model.nearness = False

  # How many symbols hide what they are called, so that names teach nothing.
  config.symbol_dropout = 0.2

  config.loss = _loss()
  config.optimizer = ml_collections.ConfigDict()
  config.optimizer.clip_norm = 1.0
  config.optimizer.weight_decay = 0.01
  config.optimizer.b2 = 0.98
  config.optimizer.schedule = dict(
      peak_value=1e-3,
      warmup_steps=50,
      decay_steps=config.get_ref("num_steps"),
  )
  config.checkpoint = dict(save_every=200, keep=2)
  config.update_from_flattened_dict(ARMS[config.arm])
  return config


def _loss() -> ml_collections.ConfigDict:
  """Weights of the losses (0 leaves one out), and their settings."""
  loss = ml_collections.ConfigDict()
  # Which encoder makes the targets: "ema", "stop_gradient" or "online".
  loss.target = "ema"
  loss.target_decay = 0.996
  loss.prediction = dict(weight=1.0)
  loss.sigreg = dict(weight=0.2, predictor_weight=0.01, num_slices=256)
  loss.contrast = dict(weight=0.1, temperature=0.1)
  loss.inverse = dict(weight=0.1)
  loss.outcome = dict(weight=10.0, ranking_weight=1.0, success_only=False)
  loss.proposal = dict(weight=0.3)
  # Whether the outcome head also reads the states that followed, and so labels
  # what was not told; see `jepa.losses.reading`.
  loss.read = dict(weight=0.0)
  # Whether second actions are judged in the latents predicted after first ones:
  # needs pairs that were executed, of `code_repair/windows`.
  loss.rollout = dict(weight=0.0, ranking_weight=1.0)
  return loss
