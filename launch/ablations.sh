#!/bin/bash
# Trains without one loss, switch or input, and shows what it was worth.
#   launch/ablations.sh losses runs/ablations    # One thing left out at a time.
#   launch/ablations.sh targets runs/ablations   # Target x regulariser.
#   DATASET=code_repair/small+code_repair/windows \
#       launch/ablations.sh windows runs/windows   # Looking ahead, trained.
# Small models and short trainings (configs/ablations.py). `jepa` is whole.
# SEEDS ("0,1"), STEPS (100), DATASET and DATA_DIR may be set, and flags of
# jepa/apps/learning_curve.py follow. Run it again to go on where it stopped.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly rows=$1 runs=$2
shift 2
case "${rows}" in
  losses)
    arms=no_prediction,no_predictor_sigreg,no_contrast,no_inverse,no_ranking
    arms+=,success_only,no_proposal,no_hints,not_normed,supervised,bag
    arms+=,no_action,shuffled_action ;;
  targets)
    arms=ema_unregularised,stop_gradient,stop_gradient_unregularised,online
    arms+=,online_unregularised ;;
  windows)
    arms=rollout,rollout_near ;;
  *) echo "${rows}: neither losses, targets nor windows" >&2; exit 2 ;;
esac
exec launch/learning_curve.sh --config=configs/ablations.py: \
  --dataset="${DATASET:-code_repair/small}" --data_dir="${DATA_DIR:-data}" \
  --runs="${runs}" --arms="jepa,${arms}" --reference=jepa \
  --seeds="${SEEDS:-0,1}" --branches=all --max_epochs=0 \
  --min_steps="${STEPS:-100}" --batch_size=16 --nolinear "$@"
