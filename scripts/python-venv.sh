#!/usr/bin/env bash
# Makes .venv with the pinned packages of a requirements file, once: a copy of the file in the environment says that
# it is done, so a second run costs nothing and a changed pin renews it.
# Usage: python-venv.sh REQUIREMENTS
set -euo pipefail

requirements=${1:?a requirements file}
stamp=.venv/requirements.done

if [ ! -f "$requirements" ]; then
  printf 'error: %s is missing\n  hint: run this from the root of the repository\n' "$requirements" >&2
  exit 1
fi
if cmp -s "$requirements" "$stamp" && .venv/bin/python -c '' 2>/dev/null; then
  exit 0
fi
printf '\n==> Python environment in .venv\n'
rm -rf .venv
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --requirement "$requirements"
cp "$requirements" "$stamp"
