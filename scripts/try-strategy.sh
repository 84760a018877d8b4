#!/usr/bin/env bash
# Does what "In an hour: another method" of docs/write-your-own-persona.md says, block by block, in a copy of the tracked
# files: writes the file, runs the commands, applies the change. Refuses to touch the working tree. Minutes, the first time.
# Usage: try-strategy.sh
set -euo pipefail
cd "$(dirname "$0")/.."

page=docs/write-your-own-persona.md
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$copy"

# Each block becomes what a reader does with it.
awk '/^## In an hour/ { hour = 1 }
  !hour { next }
  /^```rust$/ { print "cat > crates/persona/src/strategy/reverter.rs << \"END OF BLOCK\""; until = "END OF BLOCK"; inside = 1; next }
  /^```diff$/ { print "git apply << \"END OF BLOCK\""; until = "END OF BLOCK"; inside = 1; next }
  /^```sh$/ { until = ""; inside = 1; next }
  /^```/ { if (inside) print until; inside = 0; next }
  inside' "$page" > "$copy/steps.sh"
test -s "$copy/steps.sh"

# One directory for all tries: only the first builds everything.
export CARGO_TARGET_DIR="$PWD/target/try-strategy"
cd "$copy"
time bash -euo pipefail steps.sh
