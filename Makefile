# One debug build serves lint, test and e2e. `make check` is what the build server runs (.ci/run).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

SWIFT ?= swift
PREFIX ?= /usr/local
# Where systemd looks for what comes with a package, for /usr and /usr/local alike.
SYSTEMD_PREFIX ?= $(PREFIX)/lib
SYSCONFDIR ?= /etc
DEBUG_BINARY = $(shell $(SWIFT) build --show-bin-path)/reconciler
# What waits in real time, so that simulations beside it would cost it its deadlines.
WITH_DEADLINES = CommandTests.(LoopEndpoint|Webhook)|LabTests.(TimeTests|CancellationTests|.*Agreement)
# What computes for long, each by itself.
LONG = JournalKillTests|LoopSoakTests
STORY = CommandTests.LabTests
# The stories on real nodes that stand for the others in `make check`: the whole walkthrough from bare systems, drift, the quorum
# with a dead host and a killed run, trouble. These take 15 minutes, all thirteen 45.
STANDING_FOR_ALL = Chapter(2Drift|3Ensemble|4Trouble|10LoadBalancer)
# make e2e STORIES=Chapter5 plays only those.
STORIES ?= EndToEndTests
# Computing keeps the cores busy with few tests at one time, waiting wants many.
SWIFT_TEST = SWIFT="$(SWIFT)" WIDTH=3 Scripts/tests
WAITING_TEST = SWIFT="$(SWIFT)" WIDTH=12 Scripts/tests

.PHONY: demo setup setup-e2e setup-clients build test lint fmt check e2e clients bench soak testbed-up testbed-down testbed-shell golden transcript transcript-e2e docs-check install install-files uninstall

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
	$(WAITING_TEST) --filter 'TransportTests.(Bridge|LinkChange)'
	$(WAITING_TEST) --filter TransportTests --skip 'TransportTests.(Bridge|LinkChange)'
	$(WAITING_TEST) --filter ServingTests
	$(WAITING_TEST) --filter '$(WITH_DEADLINES)'
	$(SWIFT_TEST) --filter '$(LONG)'
	$(SWIFT_TEST) --filter '$(STORY)'
	$(SWIFT_TEST) --filter LabTests --skip '$(WITH_DEADLINES)' --skip '$(LONG)' --skip '$(STORY)'
	$(SWIFT_TEST) --skip TransportTests --skip ServingTests --skip EndToEndTests --skip LabTests \
		--skip '$(WITH_DEADLINES)' --skip '$(LONG)' --skip '$(STORY)'
	Testbed/selftest
	Scripts/ci-try "$(DEBUG_BINARY)"
	Scripts/kill-try "$(DEBUG_BINARY)"
	Scripts/service-try "$(DEBUG_BINARY)"
	Scripts/daily-loop --compare docs/daily-loop.md lab "$(DEBUG_BINARY)"

## Format, forbidden constructs, what each room may import, shell scripts, linkage.
lint: build
	Scripts/lint "$(DEBUG_BINARY)"

## Rewrites the sources in the house format.
fmt:
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift Testbed/Sources Testbed/Tests Testbed/Package.swift

## What the build server runs; of the stories on real nodes those that stand for the others.
check: STORIES = $(STANDING_FOR_ALL)
check: lint test docs-check e2e

## Six real nodes on this machine (root, systemd-nspawn), the built binary against them; down in every ending.
e2e: setup-e2e clients
	trap 'Testbed/testbed down' EXIT; \
	Testbed/testbed up; \
	RECONCILER_TESTBED="$(CURDIR)/Testbed/testbed" RECONCILER_BINARY="$(DEBUG_BINARY)" \
		$(SWIFT_TEST) --filter '$(STORIES)' --skip MarathonClientTests

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

## Plays the story of docs/daily-loop.md and writes what was said; read the difference before committing it.
transcript: build
	Scripts/daily-loop --transcript docs/daily-loop.md lab "$(DEBUG_BINARY)"

## The same on real nodes, where it is told in other words each time: by hand, after `make testbed-up`.
transcript-e2e: build
	RECONCILER_TESTBED="$(CURDIR)/Testbed/testbed" \
		Scripts/daily-loop --transcript docs/daily-loop-nodes.md testbed "$(DEBUG_BINARY)"
	git --no-pager diff --stat -- docs/daily-loop.md

## Links of README, CONTRIBUTING and docs/ lead somewhere, and the options they name exist.
docs-check: build
	Scripts/docs-check "$(DEBUG_BINARY)"

## Release build, Swift runtime linked in, tried on the simulated cluster before it is installed; needs libyaml-0-2, libssl3,
## libstdc++6 and zlib1g where it runs.
install: BUILT = $(shell $(SWIFT) build --configuration release --static-swift-stdlib --show-bin-path)/reconciler
install: setup
	$(SWIFT) build --configuration release --static-swift-stdlib --product reconciler
	Scripts/demo "$(BUILT)"
	$(MAKE) --no-print-directory install-files BUILT="$(BUILT)"
	@echo 'Next, for the loop as a service (docs/operations.md): systemd-sysusers, systemd-tmpfiles --create, systemctl daemon-reload'

## The program BUILT, the unit of the loop, its user, an example of its settings, and the docs; nothing is started.
install-files:
	install -D -m 0755 "$(BUILT)" "$(DESTDIR)$(PREFIX)/bin/reconciler"
	install -d -m 0755 "$(DESTDIR)$(SYSTEMD_PREFIX)/systemd/system"
	sed 's|@PREFIX@|$(PREFIX)|' service/reconciler-watch@.service > "$(DESTDIR)$(SYSTEMD_PREFIX)/systemd/system/reconciler-watch@.service"
	install -D -m 0644 service/sysusers.conf "$(DESTDIR)$(SYSTEMD_PREFIX)/sysusers.d/reconciler.conf"
	install -D -m 0644 service/tmpfiles.conf "$(DESTDIR)$(SYSTEMD_PREFIX)/tmpfiles.d/reconciler.conf"
	install -D -m 0644 service/example.env "$(DESTDIR)$(SYSCONFDIR)/reconciler/example.env"
	rm -rf "$(DESTDIR)$(PREFIX)/share/doc/reconciler"
	install -d -m 0755 "$(DESTDIR)$(PREFIX)/share/doc/reconciler"
	cp -R README.md CHANGELOG.md docs "$(DESTDIR)$(PREFIX)/share/doc/reconciler/"

## Takes away what `make install` brought, with the same PREFIX; settings, state and keys of yours stay.
uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/reconciler" "$(DESTDIR)$(SYSTEMD_PREFIX)/systemd/system/reconciler-watch@.service" \
		"$(DESTDIR)$(SYSTEMD_PREFIX)/sysusers.d/reconciler.conf" "$(DESTDIR)$(SYSTEMD_PREFIX)/tmpfiles.d/reconciler.conf" \
		"$(DESTDIR)$(SYSCONFDIR)/reconciler/example.env"
	rm -rf "$(DESTDIR)$(PREFIX)/share/doc/reconciler"
	@echo 'Left: $(SYSCONFDIR)/reconciler, /var/lib/reconciler-watch (state and ssh keys) and the user reconciler'
