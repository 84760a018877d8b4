#!/usr/bin/env bash
# Checks that the tools of a `make` command are there, installs the Debian packages among them when it may, and says
# what to do about the others. Refuses to install Rust: that is the user's choice.
# Usage: check-tools.sh build|test
set -euo pipefail

purpose=${1:?build or test}

fail() { printf 'error: %s\n  hint: %s\n' "$1" "$2" >&2; exit 1; }

apt_install() {
  if ! command -v apt-get >/dev/null; then
    fail "missing: $*" "install these packages with your system's package tool"
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      fail "missing: $*" "run: sudo apt-get install -y $*"
    fi
    as_root=(sudo -n)
  fi
  printf '==> installing %s\n' "$*"
  "${as_root[@]}" apt-get update -qq </dev/null
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

command -v cargo >/dev/null || fail "cargo is missing" "install Rust: https://rustup.rs"
cargo --version >/dev/null || fail "cargo cannot start" "rust-toolchain.toml pins the version: run rustup show"

packages=()
command -v cc >/dev/null || packages+=(build-essential)
if [ "$purpose" = test ]; then
  # ensurepip is what Debian leaves out of python3 without python3-venv.
  python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
fi
if [ "${#packages[@]}" -gt 0 ]; then
  apt_install "${packages[@]}"
fi

# The report's page is read in a browser. Without one its tests say SKIPPED, so a machine that cannot have it goes on.
if [ "$purpose" = test ] && [ -z "${OMEGA_CHROMIUM:-}" ]; then
  if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null; then
    (apt_install chromium) || printf '==> no chromium: the tests of the report'"'"'s page will say SKIPPED\n'
  fi
fi

# The bus and its leases are tested on real servers. Without them their tests say SKIPPED.
if [ "$purpose" = test ]; then
  if ! command -v redis-server >/dev/null || ! command -v redis-sentinel >/dev/null; then
    (apt_install redis-server redis-sentinel) || printf '==> no redis: the tests of the bus over it will say SKIPPED\n'
  fi
fi

# Networks are cut and clocks are set under real processes. Without these their tests say SKIPPED.
if [ "$purpose" = test ]; then
  faults=()
  command -v ip >/dev/null || faults+=(iproute2)
  [ -n "$(find /usr/lib -path '*/faketime/libfaketimeMT.so.1' -print -quit)" ] || faults+=(faketime)
  if [ "${#faults[@]}" -gt 0 ]; then
    (apt_install "${faults[@]}") || printf '==> no %s: tests of a cut network or a set clock will say SKIPPED\n' "${faults[*]}"
  fi
fi

# The alerts are tested by Prometheus' own tool. Without it their test says SKIPPED.
if [ "$purpose" = test ] && ! command -v promtool >/dev/null; then
  (apt_install prometheus) || printf '==> no promtool: the tests of the alerts will say SKIPPED\n'
fi

if [ "$purpose" = test ]; then
  for component in clippy fmt; do
    if ! cargo "$component" --version >/dev/null 2>&1; then
      name=${component/fmt/rustfmt}
      command -v rustup >/dev/null || fail "cargo $component is missing" "install it with your Rust"
      rustup component add "$name"
    fi
  done
fi
