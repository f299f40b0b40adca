# One debug build serves lint, test and e2e. `make check` is what the build server runs (.ci/run).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

SWIFT ?= swift
PREFIX ?= /usr/local
DEBUG_BINARY = $(shell $(SWIFT) build --show-bin-path)/reconciler
SWIFT_TEST = SWIFT="$(SWIFT)" Scripts/tests

.PHONY: demo setup setup-e2e setup-clients build test lint fmt check e2e clients bench soak testbed-up testbed-down testbed-shell golden docs-check install

## Installs what a bare Debian with Swift lacks; quick where nothing is missing.
setup:
	Scripts/setup

setup-e2e: setup-clients
	Testbed/testbed setup

## What other people's clients need: Python and, in a cache outside the checkout, packages of PyPI.
setup-clients: setup
	Scripts/setup --clients
	/usr/bin/python3 Tests/EndToEndTests/marathon-client/drive.py --install-only

## The product in two minutes, on the embedded simulated cluster: set-up, build, and the whole story.
demo: setup
	$(SWIFT) build --product reconciler
	Scripts/demo "$(DEBUG_BINARY)"

## The debug build, tests included.
build: setup
	$(SWIFT) build --build-tests

## Every test that needs no privilege and no nodes; the testbed's wrappers and daemons among them.
# Simulations compute, sockets and processes have deadlines: the one must not starve the other.
test: build
	$(SWIFT_TEST) --filter 'TransportTests.(Bridge|LinkChange)'
	$(SWIFT_TEST) --filter TransportTests --skip 'TransportTests.(Bridge|LinkChange)'
	$(SWIFT_TEST) --filter ServingTests
	$(SWIFT_TEST) --filter 'LabTests.*Agreement'
	$(SWIFT_TEST) --filter 'CommandTests.LoopEndpoint'
	$(SWIFT_TEST) --skip TransportTests --skip ServingTests --skip EndToEndTests --skip 'LabTests.*Agreement' \
		--skip 'CommandTests.LoopEndpoint'
	Testbed/selftest
	Scripts/ci-try "$(DEBUG_BINARY)"
	Scripts/kill-try "$(DEBUG_BINARY)"

## Format, forbidden constructs, what each room may import, shell scripts, linkage.
lint: build
	Scripts/lint "$(DEBUG_BINARY)"

## Rewrites the sources in the house format.
fmt:
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift Testbed/Sources Testbed/Tests Testbed/Package.swift

## All of it.
check: lint test docs-check e2e

## Six real nodes on this machine (root, systemd-nspawn), the built binary against them; down in every ending.
e2e: setup-e2e clients
	trap 'Testbed/testbed down' EXIT; \
	Testbed/testbed up; \
	RECONCILER_TESTBED="$(CURDIR)/Testbed/testbed" RECONCILER_BINARY="$(DEBUG_BINARY)" \
		$(SWIFT_TEST) --filter EndToEndTests --skip MarathonClientTests

## The part of e2e that needs neither root nor nodes: Marathon's Python client against the served lab.
clients: build setup-clients
	RECONCILER_BINARY="$(DEBUG_BINARY)" $(SWIFT_TEST) --filter MarathonClientTests

## How fast it is: the release build, whole processes, against the served lab and, as root, against real nodes; limits are
## in the scripts.
bench: setup
	Scripts/setup --bench
	$(SWIFT) build --configuration release --product reconciler
	Benchmarks/plan-10000-apps "$$($(SWIFT) build --configuration release --show-bin-path)/reconciler"
	Testbed/testbed setup
	Benchmarks/ship-image "$$($(SWIFT) build --configuration release --show-bin-path)/reconciler"

## The seeded properties of planning, carrying out and apps, many times over, a kill at every record of the journal and in every
## way, and simulated weeks of the daily loop with its memory measured: make soak SEEDS=1000 DAYS=28
soak: build
	Scripts/kill-try "$(DEBUG_BINARY)" all
	SEEDS=$(or $(SEEDS),400) $(SWIFT_TEST) --filter 'ReconcilerTests|AgreementTests|JournalKillTests'
	DAYS=$(or $(DAYS),14) $(SWIFT_TEST) --filter LoopSoakTests

testbed-up: setup-e2e
	Testbed/testbed up

testbed-down:
	Testbed/testbed down

## A shell on one node: make testbed-shell NODE=mesos-master1
testbed-shell:
	Testbed/testbed shell "$(or $(NODE),mesos-master1)"

## Accepts what is rendered now as what should be; read the difference before committing it.
golden: build
	RECONCILER_GOLDEN=1 $(SWIFT_TEST) --filter RenderingTests
	git --no-pager diff --stat -- Tests/RenderingTests/Fixtures

## Links of README, CONTRIBUTING and docs/ lead somewhere, and the options they name exist.
docs-check: build
	Scripts/docs-check "$(DEBUG_BINARY)"

## Release build, Swift runtime linked in, tried on the simulated cluster before it is installed; needs libyaml-0-2, libssl3,
## libstdc++6 and zlib1g where it runs.
install: BUILT = $(shell $(SWIFT) build --configuration release --static-swift-stdlib --show-bin-path)/reconciler
install: setup
	$(SWIFT) build --configuration release --static-swift-stdlib --product reconciler
	Scripts/demo "$(BUILT)"
	install -D -m 0755 "$(BUILT)" "$(DESTDIR)$(PREFIX)/bin/reconciler"
