#!/bin/bash
# The whole road on real packages: execute edits, train, compare, repair.
#   launch/quickstart.sh       A second run reuses what is there, offline.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { echo -e "\n== $* (${SECONDS}s)" >&2; }

# Compiled programs are kept, so that a second run is quicker.
export JAX_COMPILATION_CACHE_DIR=${JAX_COMPILATION_CACHE_DIR:-${PWD}/data/jax}
# Training takes and frees the same large buffers at every step; glibc would
# give them back to the system each time.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=1000000000000
readonly runs=runs/quickstart

step "1/5 set up"
bash launch/setup.sh
python=.venv/bin/python

step "2/5 execute edits of a few packages against their own tests"
"${python}" -m jepa.apps.prepare --dataset=code_repair/quickstart \
  --data_dir=data

step "3/5 train the world model, and a bag of nodes to compare with"
for arm in jepa bag; do
  "${python}" -m jepa.apps.train --workdir="${runs}/${arm}" \
    --config="configs/quickstart.py:${arm}"
done

step "4/5 rank the edits of packages that were not trained on"
"${python}" -m jepa.apps.evaluate --dataset=code_repair/quickstart \
  --data_dir=data --workdir="${runs}/jepa" --workdir="${runs}/bag"

step "5/5 repair a broken function of such a package"
rm -rf "${runs}/broken"
"${python}" -m jepa.apps.break_package --dataset=code_repair/quickstart \
  --data_dir=data --index=3 --out="${runs}/broken"
"${python}" -m jepa.apps.repair --repo="${runs}/broken" \
  --test_command="pytest" --checkpoint="${runs}/jepa/model.npz"
step "done"
