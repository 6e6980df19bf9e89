#!/bin/bash
# Sets everything up and runs the tests.
#   launch/test.sh [PYTEST ARGUMENTS]
set -euo pipefail
cd "$(dirname "$0")/.."

bash launch/setup.sh
.venv/bin/ruff check .
exec .venv/bin/python -m pytest --quiet --numprocesses 2 "${@:-tests}"
