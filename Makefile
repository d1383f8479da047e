# make run    the page with its demonstration servers      make test   everything that CI checks
# make demo   the page with its servers inside of it: no server, a gallery of all states, and switches for what goes wrong
# make a11y   every view under axe and our own rules, in every look, then what axe cannot see: sentences, focus, keys (7 minutes)
# make screenshots  OUT=target/screenshots: a picture of each part in each state, light, dark and right to left, wide and narrow
# make hostile  each of 238 payloads in each text that a server can send, on each view, in a browser (half an hour; ONLY=debug)
# make build  dist/ (the page) and pkg/ (the widget)        make size   what they weigh, against the budgets
# make bench  what an event costs, a frame beside socket.io-parser, and a flood beside React
# make simulate  SCHEDULES=20000 of server, network and session in virtual time (SEED=… TRACE=1 tells the story of one)
# make differential  100,000 packets to our parsers and the reference's (SEED=… draws the same ones again)
# make conformance  190 cases of what a Socket.IO client does, one by one: scripts, real servers, Chromium (5 minutes)
# make fuzz   each fuzz target for SECONDS=60

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help run demo screenshots a11y hostile test build size bench conformance differential simulate fuzz setup-run setup-look setup-test setup-fuzz check native browser servers e2e

sources := $(shell find src www -type f ! -path 'www/demo.*') Cargo.toml Cargo.lock Trunk.toml .cargo/config.toml \
  $(addprefix .ci/,env page page.mjs imports.mjs widget)
demo_sources := $(sources) $(shell find demo www/demo.* tests/fixtures -type f)
env := . .ci/env

help:
	@sed -n 's/^# //p' Makefile

run: setup-run dist/index.html
	@exec node tests/backend/serve.js --dist dist

demo: setup-run dist-demo/index.html
	@exec node tests/demo/serve.js

screenshots: setup-look dist-demo/index.html
	@$(env)
	CHROME="$$(browser)" node tests/demo/screenshots.js "$(or $(OUT),target/screenshots)"

a11y: setup-look dist-demo/index.html
	@$(env)
	CHROME="$$(browser)" node tests/a11y/run.js

hostile: setup-look dist-demo/index.html
	@$(env)
	CHROME="$$(browser)" node tests/demo/hostile-all.js "$(ONLY)"

test: setup-test check native servers browser e2e
	@echo "test: all passed"

build: setup-run dist/index.html pkg/package.json

setup-run:
	@.ci/setup run

setup-look:
	@.ci/setup look

setup-test:
	@.ci/setup test

setup-fuzz:
	@.ci/setup fuzz

# ── what is built ────────────────────────────────────────────────────────────────────────────────────────────────

dist/index.html: $(sources)
	@echo "build: the page into dist/ (3 minutes when nothing is cached, else half a minute)"
	$(env)
	trunk build --release --locked --offline=true --skip-version-check --log error
	touch dist/index.html

dist-demo/index.html: $(demo_sources)
	@echo "build: the demonstration into dist-demo/ (3 minutes when nothing is cached, else half a minute)"
	$(env)
	with_wasm trunk build www/demo.html --dist dist-demo --release --locked --offline=true --skip-version-check --log error
	touch dist-demo/index.html

pkg/package.json: $(sources)
	@echo "build: the widget into pkg/ (3 minutes when nothing is cached, else half a minute)"
	$(env)
	.ci/widget

size: setup-run dist/index.html pkg/package.json
	@node .ci/size.mjs

# ── what is checked ──────────────────────────────────────────────────────────────────────────────────────────────

check:
	@echo "check: formats, lints and documentation (1 minute)"
	$(env)
	cargo fmt --check
	cargo clippy --quiet --locked --all-targets --features widget,demo,debug -- -D warnings
	with_wasm cargo check --quiet --locked --target wasm32-unknown-unknown --features widget,demo,debug --tests
	# Without libFuzzer, a C++ library that only linking needs.
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	CUSTOM_LIBFUZZER_PATH=/nowhere/libfuzzer.a cargo clippy --quiet --locked --manifest-path fuzz/Cargo.toml \
	  --target-dir "$${CARGO_TARGET_DIR:-target}" -- -D warnings
	cargo fmt --manifest-path benches/parser/Cargo.toml --check
	with_wasm cargo check --quiet --locked --target wasm32-unknown-unknown --manifest-path benches/parser/Cargo.toml
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --no-deps --features widget,debug
	prettier --log-level warn --config tests/.prettierrc.json --ignore-path .gitignore --ignore-path tests/.prettierignore \
	  --check tests www benches .ci/*.mjs
	eslint --config tests/eslint.config.js tests www benches .ci/*.mjs
	tsc --project tests/types

native:
	@echo "native: every layer below the browser, in virtual time, and the words (2 minutes)"
	cargo test --quiet --locked --features demo,debug
	node tests/differential/run.js --count 5000 --seed 1

servers:
	@echo "servers: the reference servers, and a whole session before three of them (1 minute)"
	cargo build --quiet --locked --example watch
	node --test --test-reporter=dot tests/backend/*.test.js

browser:
	@echo "browser: driver, transport and views in a headless browser (2 minutes)"
	.ci/browser

e2e: dist/index.html pkg/package.json dist-demo/index.html
	@echo "e2e: the page and the widget in a browser against the reference servers, and the demonstration (6 minutes)"
	$(env)
	CHROME="$$(browser)" node --test --test-reporter=spec --test-concurrency=1 tests/e2e/*.test.js tests/demo/*.test.js

fuzz: setup-fuzz
	@.ci/fuzz "$(or $(SECONDS),60)"

differential: setup-run
	@node tests/differential/run.js --count 100000 --seed "$(SEED)"

simulate: setup-run
	@SCHEDULES="$(or $(SCHEDULES),20000)" SEED="$(SEED)" TRACE="$(TRACE)" \
	  cargo test --quiet --locked --profile simulate --test simulate

bench: setup-test dist/index.html
	@cargo bench --quiet --locked --bench event
	.ci/parser-bench
	.ci/flood-bench

conformance: setup-test
	@.ci/conformance
