#!/usr/bin/env bash
# Does what "In an hour: another method" of docs/write-your-own-persona.md says, in a copy of the tracked files: writes
# the file, applies the change, runs every `sh` block. Refuses to touch the working tree. Minutes, the first time.
# Usage: try-strategy.sh
set -euo pipefail
cd "$(dirname "$0")/.."

page=docs/write-your-own-persona.md
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

# The blocks of one language after the heading of the hour.
blocks() {
  awk -v fence="\`\`\`$1" '/^## In an hour/ { hour = 1 }
    hour && $0 == fence { inside = 1; next }
    /^```$/ { inside = 0 }
    inside' "$page"
}

git ls-files -z | xargs -0 cp --parents -t "$copy"
blocks rust > "$copy/crates/persona/src/strategy/reverter.rs"
blocks diff > "$copy/change.diff"
blocks sh > "$copy/commands.sh"

# One directory for all tries: only the first builds everything.
export CARGO_TARGET_DIR="$PWD/target/try-strategy"
cd "$copy"
git apply change.diff
time bash -euxo pipefail commands.sh
