#!/usr/bin/env bash
# The long fuzz run: libFuzzer where a nightly toolchain and cargo-fuzz can be had, else the stable mutator; it says
# which, and why. Usage: fuzz.sh SECONDS
set -euo pipefail

seconds=${1:?seconds}
version=0.13.2
tool=$PWD/.cache/cargo-fuzz

stable() {
  printf '==> libFuzzer cannot be had (%s): the stable mutator runs for %s s\n' "$1" "$seconds"
  exec cargo run --quiet --package fuzz -- --seconds "$seconds" --seed "$(date +%s)"
}

if ! rustc +nightly --version >/dev/null 2>&1; then
  stable "no nightly toolchain; rustup toolchain install nightly gives one"
fi
export PATH="$tool/bin:$PATH"
if ! cargo fuzz --version >/dev/null 2>&1; then
  printf '==> installing cargo-fuzz %s into .cache\n' "$version"
  cargo install cargo-fuzz --locked --version "$version" --root "$tool" --quiet || stable "cargo-fuzz does not install"
fi

# cargo-fuzz starts the nightly compiler in its own workspace, so a shared target directory would only be rebuilt.
unset CARGO_TARGET_DIR
corpus=fuzz/libfuzzer/corpus
cargo run --quiet --package fuzz -- --write-corpus "$corpus"
printf '==> building the libFuzzer targets (nightly, address sanitiser)\n'
cargo +nightly fuzz build --fuzz-dir fuzz/libfuzzer || stable "the targets do not build on this nightly"

targets=$(cargo +nightly fuzz list --fuzz-dir fuzz/libfuzzer)
share=$((seconds / $(wc -w <<<"$targets") + 1))
for target in $targets; do
  printf '\n==> %s for %s s\n' "$target" "$share"
  cargo +nightly fuzz run --fuzz-dir fuzz/libfuzzer "$target" -- \
    -max_total_time="$share" -rss_limit_mb=4096 -timeout=30 -print_final_stats=1 -print_funcs=0 -verbosity=0
done
