#!/bin/bash
# Sets everything up and runs the tests.
#   launch/test.sh [PYTEST ARGUMENTS]
set -euo pipefail
cd "$(dirname "$0")/.."

bash launch/setup.sh
# Tests that ask the Orb compiler are skipped where it cannot be had.
.venv/bin/python -m jepa.domains.orb.install ||
  echo "test: no Orb compiler; its tests will be skipped" >&2
.venv/bin/ruff check .
exec .venv/bin/python -m pytest --quiet --numprocesses 2 "${@:-tests}"
