#!/bin/bash
# Trains arms at growing sizes of data and shows them in one table.
#   launch/learning_curve.sh --dataset=code_repair/full --runs=runs/curve \
#       --num_large_seeds=1
# Takes the flags of jepa/apps/learning_curve.py. Run it again to go on where it
# stopped.
set -euo pipefail
cd "$(dirname "$0")/.."

export JAX_COMPILATION_CACHE_DIR=${JAX_COMPILATION_CACHE_DIR:-${PWD}/data/jax}
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000
exec "${PYTHON:-.venv/bin/python}" -m jepa.apps.learning_curve "$@"
