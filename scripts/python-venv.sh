#!/usr/bin/env bash
# Makes a Python environment with the pinned packages of a requirements file, once: a copy of the file in the environment says that
# it is done, so a second run costs nothing and a changed pin renews it.
# Usage: python-venv.sh REQUIREMENTS [PLACE, .venv if nothing is said]
set -euo pipefail

requirements=${1:?a requirements file}
place=${2:-.venv}
stamp=$place/requirements.done

if [ ! -f "$requirements" ]; then
  printf 'error: %s is missing\n  hint: run this from the root of the repository\n' "$requirements" >&2
  exit 1
fi
if cmp -s "$requirements" "$stamp" && "$place/bin/python" -c '' 2>/dev/null; then
  exit 0
fi
printf '\n==> Python environment in %s\n' "$place"
rm -rf "$place"
python3 -m venv "$place"
"$place/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --requirement "$requirements"
cp "$requirements" "$stamp"
