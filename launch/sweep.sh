#!/bin/bash
# Trains arms x seeds of an experiment and shows them in one table.
#   launch/sweep.sh configs/quickstart.py: code_repair/quickstart runs/sweep
# ARMS ("jepa supervised bag") and SEEDS ("0 1 2") may be set. Run it again to
# go on where it stopped.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly config=$1 dataset=$2 runs=$3
export JAX_COMPILATION_CACHE_DIR=${JAX_COMPILATION_CACHE_DIR:-${PWD}/data/jax}
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000

workdirs=()
for arm in ${ARMS:-jepa supervised bag}; do
  for seed in ${SEEDS:-0 1 2}; do
    workdir="${runs}/${arm}-${seed}"
    workdirs+=("--workdir=${workdir}")
    [[ -f "${workdir}/model.npz" ]] ||
      .venv/bin/python -m jepa.apps.train --config="${config}${arm}" \
        --config.seed="${seed}" --workdir="${workdir}"
  done
done
.venv/bin/python -m jepa.apps.evaluate --dataset="${dataset}" --data_dir=data \
  "${workdirs[@]}"
