# The two commands a newcomer needs are `make demo` and `make test`; `make help` lists the rest.
# Each says what it does, sets up what it needs, and may be run twice in a row.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# rustup's place, for shells that do not read the profile.
export PATH := $(PATH):$(HOME)/.cargo/bin

# `quick` is release code without the slow link: see the profiles in Cargo.toml.
TARGET := $(or $(CARGO_TARGET_DIR),target)
SAY := printf '\n==> %s\n'

# cargo-nextest where it is installed, else cargo's own runner; `--doc` has only the latter.
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
RUN_TESTS := $(if $(NEXTEST),cargo nextest run,cargo test)
RELEASE_CODE := $(if $(NEXTEST),--cargo-profile,--profile) quick

# Half a minute in CI, ten minutes by `make fuzz`.
FUZZ_SECONDS ?= 600
FUZZ_SECONDS_SHORT ?= 30
# `make kills` kills this often; `make soak` lasts this long: a day of the market at sixty times real time.
KILLS ?= 50
SOAK_SECONDS ?= 1440
# Tests that wait for a real market do so all at once: they sleep more than they work.
IN_REAL_TIME := cut_off:: full_disk:: stepped_clock::
SKIP_REAL_TIME := -- $(addprefix --skip ,$(IN_REAL_TIME))
ALL_AT_ONCE := $(if $(NEXTEST),--test-threads 6 $(IN_REAL_TIME),-- --test-threads 6 $(IN_REAL_TIME))
SHOWN := $(if $(NEXTEST),--no-capture,-- --nocapture)

.PHONY: stranger help demo sim mutations test build fmt fmt-check lint tidy doc oracle duel fuzz fuzz-short fuzz-api soak farm kills bench bench-orderbook deny clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1|/' | awk -F'|' '{ printf "make %-15s %s\n", $$1, $$2 }'

demo:  ## build and run the main job: no network at run time, no key, no server
	@scripts/check-tools.sh build
	@$(SAY) "building omega for the demo (no Parquet, TLS or database drivers)"
	@cargo build --profile quick --package omega --no-default-features
	@$(SAY) "omega demo"
	@"$(TARGET)/quick/omega" demo

SEEDS ?= 1000

sim:  ## break the farm under SEEDS (1000) seeds
	@cargo build --profile quick --package omega --no-default-features --quiet
	@"$(TARGET)/quick/omega" sim --seeds $(SEEDS)

mutations:  ## take one safeguard away at a time: does the simulation notice?
	@scripts/mutations.py

test:  ## set up, build, check and test everything
	@scripts/check-tools.sh test
	@scripts/python-venv.sh tests/oracle/requirements.txt
	@scripts/mongod.sh || $(SAY) "no mongod: the tests of the history on MongoDB will say SKIPPED"
	@$(MAKE) fmt-check
	@$(MAKE) tidy
	@$(MAKE) lint
	@$(MAKE) doc
	@$(MAKE) fuzz-short
	@$(MAKE) fuzz-api
	@$(SAY) "documentation tests"
	@cargo test --workspace --all-features --doc --quiet
	@$(SAY) "release code: the engine and the command line (the same hashes as in debug, two real years)"
	@$(RUN_TESTS) $(RELEASE_CODE) --package venue --test oracle --no-fail-fast
	@$(RUN_TESTS) $(RELEASE_CODE) --package backtest --package omega --package sim --package synthetic --package edge --test '*' --no-fail-fast $(SKIP_REAL_TIME)
	@$(SAY) "release code: networks that are cut, disks that are full, clocks that are set, in real time"
	@$(RUN_TESTS) $(RELEASE_CODE) --package omega --test farm --no-fail-fast $(ALL_AT_ONCE)
	@$(SAY) "debug code: everything"
	@$(RUN_TESTS) --workspace --all-features --no-fail-fast

build:  ## build the binary for use (release)
	@$(SAY) "building omega, release"
	@cargo build --release --package omega

fmt:  ## format the sources
	@cargo fmt --all

fmt-check:
	@$(SAY) "formatting"
	@cargo fmt --all --check

lint:  ## clippy over every target and feature, warnings denied
	@$(SAY) "clippy"
	@cargo clippy --workspace --all-targets --all-features -- -D warnings
	@cargo clippy --package omega --no-default-features --bin omega -- -D warnings

tidy:  ## the house rules
	@$(SAY) "house rules"
	@cargo xtask tidy

doc:  ## build the documentation, warnings denied
	@$(SAY) "documentation"
	@RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --quiet

oracle:  ## make the Python environment of the independent oracle
	@scripts/python-venv.sh tests/oracle/requirements.txt

stranger:  ## play ccxt's day against omega mock-exchange, five kinds of account
	@scripts/python-venv.sh tests/ccxt/requirements.txt .venv-ccxt
	@cargo build --quiet --profile quick --package omega --no-default-features
	@.venv-ccxt/bin/python tests/ccxt/strangers_client.py "$(TARGET)/quick/omega"

soak:  ## six bots over sockets at sixty times real time for SOAK_SECONDS (1440: a day of the market)
	@SOAK_SECONDS=$(SOAK_SECONDS) $(RUN_TESTS) $(RELEASE_CODE) --package omega --test farm $(SHOWN) soak

farm:  ## processes over Redis: killed, cut off, compared with one process, a thousand bots
	@$(RUN_TESTS) $(RELEASE_CODE) --package omega --test farm --no-fail-fast

kills:  ## kill a trader fifty times on each of two kinds of account
	@KILLS=$(KILLS) $(RUN_TESTS) $(RELEASE_CODE) --package edge --test crash $(SHOWN)

fuzz:  ## fuzz importers, adapter and mock for FUZZ_SECONDS (600)
	@scripts/fuzz.sh $(FUZZ_SECONDS)

# Built as a part of the workspace, so with the features and thus the dependencies that the tests use.
fuzz-short:
	@$(SAY) "fuzzing importers, adapter and mock for $(FUZZ_SECONDS_SHORT) s"
	@cargo build --quiet --workspace --all-features --bin fuzz
	@"$(TARGET)/debug/fuzz" --seconds $(FUZZ_SECONDS_SHORT)

API_SECONDS ?= 60

fuzz-api:  ## fuzz the gateway by its own document for API_SECONDS (60), as a stranger and as each role
	@$(SAY) "fuzzing the API for $(API_SECONDS) s"
	@scripts/python-venv.sh tests/schemathesis/requirements.txt .venv-schemathesis
	@cargo build --quiet --package gateway --example door
	@.venv-schemathesis/bin/python tests/schemathesis/fuzz.py "$(TARGET)/debug/examples/door" $(API_SECONDS)

DUEL_SECONDS ?= 300

duel:  ## the naive exchange against the fast one for DUEL_SECONDS (300)
	@cargo run --quiet --package venue --profile quick --example duel -- $(DUEL_SECONDS)

bench-orderbook:  ## the simulated venue's matching beside the crate orderbook-rs
	@cargo run --quiet --release --target-dir "$(TARGET)/beside" --manifest-path crates/venue/benches/beside-orderbook-rs/Cargo.toml

bench:  ## the committed benchmarks, release, one after the other
	@$(SAY) "benchmarks"
	@cargo bench --workspace --all-features --benches

deny:  ## licences, duplicates and sources of the dependencies
	@cargo deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing: cargo install cargo-deny --locked"; exit 1; }
	@cargo deny --all-features check licenses bans sources

clean:  ## remove what was built and set up
	@cargo clean
	@rm -rf .venv .venv-ccxt .venv-schemathesis .cache fuzz/artifacts
