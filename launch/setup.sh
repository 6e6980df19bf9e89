#!/bin/bash
# Makes .venv and installs the project into it, once for each setup.py.
#   launch/setup.sh            PYTHON (python3) may name another interpreter.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
"${python}" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "setup: ${python} is older than 3.11; set PYTHON=python3.11" >&2
  exit 1
}
stamp=.venv/.installed
if [[ -f "${stamp}" ]] && cmp -s setup.py "${stamp}"; then
  exit 0
fi
echo "setup: installing into .venv (about a minute, 1 GB)" >&2
"${python}" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
  --editable '.[data,test]'
cp setup.py "${stamp}"
