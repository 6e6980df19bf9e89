r"""Small models and short trainings, to say what one loss or switch is worth.

  launch/ablations.sh losses runs/ablations
  launch/ablations.sh targets runs/ablations

Differences between arms count here, not their level: at this size most of the
time goes into compiling each arm once, so there is one length of programs, one
layer, and 100 steps of 16 states.

Targets, measured on 2026-11-25 on a shared core of an AMD EPYC: all of
`code_repair/small`, two seeds, 70 held-out functions. Executions until an edit
passes, over those of `jepa`, and what is added to its AUC within branches:

                    SIGReg                    none
  ema               1                         1.01 [0.90, 1.12]  -.002
  stop_gradient     1.03 [0.99, 1.07]  .000   1.09 [1.02, 1.16]  -.003
  online            1.03 [0.99, 1.08]  +.001  1.08 [1.02, 1.15]  -.002

Rank is .51 to .58 of the width in all of them: nothing collapses in 100 steps,
and without the average SIGReg is worth eight hundredths of the executions.

Losses and inputs, measured on 2026-11-26: 5,968 states of `code_repair/small`,
two seeds, 75 held-out functions. Executions, those over `jepa`, what is added
to its AUC, and how much nearer to the next state a prediction is than a copy:

  jepa                  5.2                              -.03
  no_prediction         5.1   .99 [ .96, 1.03]   -.000   -.12
  no_predictor_sigreg   5.0   .96 [ .92, 1.00]   +.002   +.09
  no_contrast           5.3  1.02 [ .99, 1.05]   -.002   -.04
  no_inverse            5.2  1.00 [1.00, 1.01]   +.000   -.03
  no_ranking            7.1  1.38 [1.16, 1.65]   -.025   -.02
  success_only          5.2  1.00 [ .93, 1.06]   -.001   +.03
  no_proposal           5.3  1.01 [ .96, 1.07]   -.002   -.03
  no_hints              7.0  1.35 [1.13, 1.64]   -.034   -.03
  not_normed            5.1   .99 [ .94, 1.04]   -.000   -.04
  supervised            5.4  1.04 [ .94, 1.15]   -.001   -.01
  bag                   5.5  1.06 [1.01, 1.11]   +.002   -.05
  no_action           108.6  20.9 [14.6, 29.7]   -.364   -.11
  shuffled_action      91.7  17.7 [11.4, 27.3]   -.423   -.05

Of losses the listwise one of outcomes ranks, of inputs the hints. No loss on
latents is worth executions where all states are labelled, and the SIGReg of the
predictor costs the prediction. Attention between nodes is worth six hundredths.
Both controls that are trained are lost.

Sizes of data, 2 epochs of each, three seeds, same functions: executions, those
of `jepa` over those of `supervised`, and what is added to its AUC:

  launch/learning_curve.sh --config=configs/ablations.py: --runs=runs/curve \
      --dataset=code_repair/small --arms=jepa,supervised --max_epochs=2 \
      --branches=4000,16000,64000 --reference=supervised --min_steps=20 \
      --batch_size=16 --nolinear

   169 states  12.8 and 11.2  1.14 [1.02, 1.27]  -.003 [-.013, +.006]
   675 states   5.2 and  5.6   .93 [ .83, 1.04]  +.006 [-.002, +.014]
  2699 states   4.0 and  4.1   .99 [ .92, 1.06]  +.004 [-.005, +.012]

Few labels, many states:

  launch/learning_curve.sh --config=configs/ablations.py: --runs=runs/labels \
      --dataset=code_repair/small --arms=supervised,sparse,semi,semi_executed \
      --branches=1000,4000,16000 --reference=supervised,sparse \
      --max_epochs=0 --min_steps=150 --batch_size=16 --nolinear

Of 5,892 states so many show their outcomes; of the others the next states are
seen, of two edits each. Three seeds, the same 70 functions; executions, those
over `supervised`, AUC and what is added to it:

  labelled        supervised    semi
  42 states       19.0  .689    11.7  .62 [.51, .74]   +.067 [+.043, +.091]
  169 states       9.3  .799     6.3  .68 [.59, .78]   +.035 [+.022, +.049]
  675 states       4.5  .857     4.1  .90 [.80, 1.00]  +.010 [-.000, +.020]

  169 states, over `sparse`:
  supervised       9.3  2.01 [1.65, 2.44]
  sparse           4.6  1                    AUC .863
  semi_executed    4.4   .95 [ .87, 1.04]    AUC .868, +.004 [-.003, +.011]

So where labels are few, JEPA on unlabelled states (`semi`) needs two thirds of
the executions that supervision alone needs. But its next states were executed,
and whoever is told the outcomes of those edits (`sparse`) needs less; JEPA that
is told as much (`semi_executed`) was level with that.

Once more on 2026-11-26, on the 5,968 states, tests and wider grammar of then,
75 functions, three seeds, all five arms in one call; executions, those over
`supervised` and over `sparse`, AUC, and what it is over that of `sparse`:

  169 states      over supervised  over sparse        AUC
  supervised 12.5                  1.69 [1.41, 2.06]  .771 -.071 [-.093, -.051]
  semi        9.7 .78 [.65, .91]   1.31 [1.12, 1.54]  .807 -.034 [-.050, -.019]
  semi_read   9.0 .72 [.60, .84]   1.21 [1.05, 1.40]  .816 -.025 [-.039, -.012]
  sparse      7.4 .59 [.49, .71]                      .841
  semi_exec.  6.4 .51 [.40, .64]    .86 [ .75,  .97]  .850 +.009 [-.001, +.019]

and for `semi_executed` over `sparse` at other sizes:

   42 states  7.2 over 7.9   .92 [.81, 1.03]   .822 +.012 [+.002, +.022]
  675 states  4.5 over 4.6   .97 [.87, 1.09]   .869 +.007 [-.002, +.016]

Here JEPA that is told as much is ahead of supervision alone where few states
are labelled: in AUC at 42 states, in executions at 169; and outcomes read off
next states are worth something (.72 beside .78). `semi` without or with
shuffled actions was not trained.

Looking two edits ahead, where the rollout is trained: without windows, windows
as data alone (`jepa`), with the loss of the rollout, and with a score that is
told how far the second edit is from the first:

  python -m jepa.apps.prepare --dataset=code_repair/windows
  python -m jepa.apps.train --config=configs/ablations.py:jepa \
      --workdir=runs/windows/single
  DATASET=code_repair/small+code_repair/windows SEEDS=0 \
      launch/ablations.sh windows runs/windows
  runs=$(ls -d runs/windows/{single,*-0} | paste -sd,)
  python -m jepa.apps.rollouts --workdir=${runs} --windows=code_repair/windows
  python -m jepa.apps.rollouts --workdir=${runs} --num_cases=24 --limit=120

The first table orders pairs that were executed before, so it needs no search
and tells small differences. As of 2026-11-26, with 410 of the windows named
three times beside `small`, 100 steps: 72 held-out windows of 33 pairs,
executions until a pair passes, those of the latent rollout over those of no
rollout in the same model, and its AUC within windows, by seed:

  single          2.56                .99 [.97, 1.01]                .875
  jepa            2.53 2.76           .96 [.92, .99]  .98 [.95, 1.02] .870 .862
  rollout         2.57 2.54           .98 [.94, 1.01] .97 [.95, 1.00] .871 .872
  rollout_near    2.60 2.49           .99 [.96, 1.02] .96 [.91, 1.00] .872 .875

Seeds averaged, the rollout that is trained is level with windows as data alone
(.97 [.87, 1.07] of its executions) and with a model that saw none. Not so with
models of full size, `full` and all 919 windows six times over, and 1,100 steps
(one seed, trained on an H100; 72 held-out windows, beside `no rollout`):

  W=$(printf '+code_repair/windows%.0s' {1..6})
  python -m jepa.apps.train --config=configs/pretrain.py:code_repair,rollout \
      --config.dataset.name=code_repair/full$W --config.num_steps=1100 \
      --workdir=runs/rollout
  python -m jepa.apps.rollouts --workdir=runs/rollout,runs/jepa-0 \
      --windows=code_repair/windows

  random                                   9.8                       .500
  static prior                             7.9                       .616
  rollout: no rollout                      2.0                       .919
           latent rollout                  1.6   .81 [.73,  .90]     .926
  jepa, no windows seen: no rollout        2.9  1.47 [1.26, 1.74]    .855
           latent rollout                  2.5  1.27 [1.08, 1.50]    .858

The price is paid in single edits: 3.7 and 8.2 executions in place of 3.3 and
6.5. What that is worth in a search: `jepa/evaluation/rollouts.py`.
"""

from configs import pretrain
import ml_collections


def get_config(arm: str = "jepa") -> ml_collections.ConfigDict:
  """Returns the experiment of an arm; see `pretrain`."""
  config = pretrain.get_config(f"code_repair,{arm}")
  config.num_steps = 100
  config.batch_size = 16
  config.buckets = ()
  config.optimizer.schedule.warmup_steps = 20
  config.model.encoder.width = 64
  config.model.encoder.depth = min(1, config.model.encoder.depth)
  config.model.predictor.hidden = 64
  config.model.predictor.depth = 1
  config.model.head.hidden = 64
  if config.model.get("proposal"):
    config.model.proposal.hidden = 64
  return config
