# `make help` lists every target.
.DEFAULT_GOAL := help

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR = $(DESTDIR)$(PREFIX)/bin
UNITDIR = $(DESTDIR)$(PREFIX)/lib/systemd/system
DOCDIR = $(DESTDIR)$(PREFIX)/share/doc/wgctl
# systemd looks below /usr/local too, NetworkManager does not: packagers say NMDIR=/usr/lib/NetworkManager/conf.d.
NETWORKDIR = $(DESTDIR)$(PREFIX)/lib/systemd/network
NETWORKDDIR = $(DESTDIR)$(PREFIX)/lib/systemd/networkd.conf.d
NMDIR ?= /etc/NetworkManager/conf.d
UNITS = wgd.service wgctl-pull.service wgctl-pull.timer
# Where `make release` puts its products.
RELEASE = .build/dist
# More than two compile jobs want more memory than small machines have.
JOBS ?= 2
# How many peers `make bench-engine` measures with, one run each.
PEERS ?= 100 1000 10000
# How many sequences `make property` runs.
SEQUENCES ?= 24000
# The tests that compare with golden files, and those that compare with pages of docs/.
GOLDEN = (Manifest|Schema|Resources|HostPolicy|Planner|Import|Doctor|Commands)Tests|DifferTests.GoldenTests
DOCS = DocsTests|DocumentationTests
# How long `make fuzz` runs.
FUZZ_SECONDS ?= 60

# How long `make nightly` uses Podman at random beside wgd, and in which order: 3600 is an hour.
CHAOS_SECONDS ?= 300
CHAOS_SEED ?= 1

# The kernel of `make test-vm`: 6.1 or 6.12.
KERNEL ?= 6.1

.PHONY: help deps build release install uninstall demo test test-unit test-vm test-e2e nightly fuzz property yaml-suite golden docs bench bench-manifests bench-engine bench-reads lint clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that are missing (as root)
	scripts/install-deps

build: ## Build wgctl for debugging
	$(SWIFT) build --jobs $(JOBS) --product wgctl

release: ## Build wgctl for use: optimised, Swift's libraries inside, stripped; wgd is a link to it
	$(SWIFT) build --jobs $(JOBS) --configuration release --static-swift-stdlib --product wgctl
	mkdir -p $(RELEASE)
	strip -o $(RELEASE)/wgctl "$$($(SWIFT) build --configuration release --static-swift-stdlib --show-bin-path)/wgctl"
	ln -sf wgctl $(RELEASE)/wgd
	ls -lh $(RELEASE)/wgctl

install: ## Install what `make release` built: PREFIX=/usr/local, DESTDIR for packagers
	test -x $(RELEASE)/wgctl || $(MAKE) release
	install -D -m 0755 $(RELEASE)/wgctl $(BINDIR)/wgctl
	ln -sf wgctl $(BINDIR)/wgd
	install -m 0755 packaging/wgctl-pull $(BINDIR)/wgctl-pull
	install -d $(DOCDIR)/docs
	install -m 0644 README.md CHANGELOG.md CONTRIBUTING.md $(DOCDIR)/
	install -m 0644 docs/*.md $(DOCDIR)/docs/
	install -d $(UNITDIR)
	for unit in $(UNITS); do \
		sed 's|/usr/local/|$(PREFIX)/|g' packaging/$$unit >$(UNITDIR)/$$unit && chmod 0644 $(UNITDIR)/$$unit; \
	done
	install -D -m 0644 packaging/networkd/05-wgctl.network $(NETWORKDIR)/05-wgctl.network
	install -D -m 0644 packaging/networkd/50-wgctl.conf $(NETWORKDDIR)/50-wgctl.conf
	install -D -m 0644 packaging/NetworkManager/50-wgctl.conf $(DESTDIR)$(NMDIR)/50-wgctl.conf

uninstall: ## Remove what `make install` installed
	rm -f $(BINDIR)/wgctl $(BINDIR)/wgd $(BINDIR)/wgctl-pull $(addprefix $(UNITDIR)/,$(UNITS))
	rm -f $(NETWORKDIR)/05-wgctl.network $(NETWORKDDIR)/50-wgctl.conf $(DESTDIR)$(NMDIR)/50-wgctl.conf
	rm -rf $(DOCDIR)

demo: ## Two hosts on this machine, a container each, ping through the tunnel (as root; DEMO_KEEP=1 leaves it up)
	scripts/demo

# One test at a time, and the hosts after the rest: real daemons side by side would fight for the processors and miss
# their deadlines.
test: test-unit test-vm test-e2e ## Run all tests (as root)

test-unit: ## Run the tests of each module: real kernel, real Podman, in namespaces of their own (as root)
	scripts/install-deps
	$(SWIFT) test --jobs $(JOBS) --no-parallel --skip EndToEnd --skip LabTests.HostTests --skip VirtualMachine --skip YAMLSuiteTests

test-vm: ## Run the tests of WireGuard on a kernel that has it, in a virtual machine (as root; KERNEL=6.1 or 6.12)
	scripts/install-deps
	$(SWIFT) build --jobs $(JOBS) --build-tests
	SWIFT="$(SWIFT)" scripts/test-vm $(KERNEL)

test-e2e: ## Run the tests on lab hosts (as root)
	scripts/install-deps
	$(SWIFT) test --jobs $(JOBS) --no-parallel --filter EndToEnd --filter LabTests.HostTests

nightly: test ## Run all tests, WireGuard's on a newer kernel too, Podman's for longer, a rename with a later host (as root; CHAOS_SECONDS=300 CHAOS_SEED=1)
	$(MAKE) test-vm KERNEL=6.12
	WGCTL_LAG=60 WGCTL_RESTARTS=50 WGCTL_CHAOS_SECONDS=$(CHAOS_SECONDS) WGCTL_CHAOS_SEED=$(CHAOS_SEED) \
		$(SWIFT) test --jobs $(JOBS) --no-parallel --filter 'PodmanByHandTests|LateRenameTests'

fuzz: ## Fuzz the way from bytes to a plan (FUZZ_SECONDS=60); a crashing input is kept and printed
	SWIFT="$(SWIFT)" JOBS=$(JOBS) scripts/fuzz $(FUZZ_SECONDS)

property: ## Run 24,000 random sequences of changes, drift and failures on the real kernel (as root; SEQUENCES=24000)
	scripts/install-deps
	WGCTL_SEQUENCES=$(SEQUENCES) $(SWIFT) test --jobs $(JOBS) --filter KernelConvergenceTests

yaml-suite: ## Run the official YAML test suite (YAML_SUITE=DIRECTORY: a copy of it; otherwise it is fetched)
	SWIFT="$(SWIFT)" JOBS=$(JOBS) scripts/yaml-suite $(YAML_SUITE)

golden: ## Write the golden files anew, then the pages made of them; read the difference before committing it
	WGCTL_UPDATE_GOLDEN=1 $(SWIFT) test --jobs $(JOBS) --no-parallel \
		--skip '$(DOCS)' --filter '$(GOLDEN)'
	$(MAKE) docs

docs: ## Write anew what docs/ shows of the code: resources.md, errors.md, the table of policy.md, the examples of commands.md
	WGCTL_UPDATE_GOLDEN=1 $(SWIFT) test --jobs $(JOBS) --no-parallel --filter '$(DOCS)'
	@git diff --stat -- docs

bench: bench-manifests bench-engine bench-reads ## Measure everything (as root)

bench-manifests: ## Measure 10,000 Nodes: validate, cold start, one changed file; beside Python's C YAML and jsonschema
	SWIFT="$(SWIFT)" JOBS=$(JOBS) scripts/bench-manifests

bench-engine: ## Measure the kernel's side beside wg, ip, pyroute2, Ansible, in a virtual machine (as root; PEERS="100 1000 10000")
	SWIFT="$(SWIFT)" JOBS=$(JOBS) scripts/bench-engine $(PEERS)

bench-reads: ## Measure what wgctl reads of 1,000 and 10,000 Nodes, and wgd at rest (as root; PEERS="1000 10000")
	SWIFT="$(SWIFT)" JOBS=$(JOBS) scripts/bench-reads $(PEERS)

lint: ## Check the layers, the reliability table, and the format of every source file
	scripts/check-layers
	scripts/check-reliability
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

clean: ## Remove what was built
	$(SWIFT) package clean
	rm -rf $(RELEASE)
