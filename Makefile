# SPDX-License-Identifier: GPL-2.0
#
# Builds, tests and shows vtpm-mux. "make help" tells what there is to make.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory

# The stock kernel's headers; set KDIR to build for another kernel. Looked up
# only when used: "make deps" may have to install them first.
KDIR ?= $(shell . scripts/lib.sh && echo /usr/src/linux-headers-$$(stock_release))

# Every processor, unless the caller has said how many.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# Directories that have a Makefile of their own with targets all and clean.
TESTDIRS = $(patsubst %/Makefile,%,$(wildcard $(addsuffix /Makefile, \
	tests/selftests tests/esys tests/peer tests/demo tests/bench tests/vtpmd)))

.PHONY: all
all: modules user

.PHONY: help
help:
	@echo 'all            the kernel modules and the user-space programs (default)'
	@echo 'modules        modules for the stock kernel (KDIR=$(KDIR))'
	@echo 'modules-debug  modules with KUnit tests, for the debug kernel'
	@echo 'compile-newest compile the modules for the newest kernel in Debian'
	@echo 'user           user-space programs'
	@echo 'deb            Debian packages, in build/deb'
	@echo 'tests          programs that the tests run in the test host'
	@echo 'lint           checkpatch, sparse, W=1, shellcheck'
	@echo 'check          every test suite; "make check SUITES=..." for some'
	@echo 'differential   the same commands to a vTPM and to swtpm; ARGS=--help'
	@echo 'differences    write what differs into Documentation/differences.rst'
	@echo 'conformance    test suites of others, on swtpm and on a vTPM, in a table'
	@echo 'demo           the shortest demonstration'
	@echo 'bench          measurements'
	@echo 'fuzz           fuzz until stopped'
	@echo 'crash          power cuts to a state file: CUTS=10000'
	@echo 'coverage       what of the engine the tests execute'
	@echo 'deps           install what all of this needs from Debian packages'
	@echo 'clean          remove what was built'

.PHONY: modules
modules: deps-build
	@$(MAKE) $(JOBS) -s -C $(KDIR) M=$(CURDIR) W=1 modules

.PHONY: modules-debug
modules-debug: deps-build deps-debug
	@scripts/debug-modules.sh

.PHONY: compile-newest
compile-newest: deps-debug
	@scripts/compile-newest.sh

.PHONY: user
user: deps-user
	@$(MAKE) $(JOBS) -s -C userspace
	@$(MAKE) $(JOBS) -s -C userspace/microvm

.PHONY: deb
deb: deps-user deps-package
	@scripts/deb.sh

.PHONY: tests
tests: user
	@set -e; for dir in $(TESTDIRS); do $(MAKE) $(JOBS) -s -C $$dir; done

.PHONY: lint
lint: deps-build deps-lint
	@scripts/lint.sh

.PHONY: check
check: deps
	@tests/check $(SUITES)

.PHONY: differential
differential: deps-vm
	@$(MAKE) $(JOBS) -s -C tests/hosted all
	@tests/differential/run $(ARGS)

.PHONY: differences
differences:
	@tests/differential/run --document >Documentation/differences.rst

.PHONY: conformance
conformance: deps-vm deps-conformance all
	@tests/conformance/run $(SUITES)

.PHONY: demo
demo: deps-vm all
	@tests/demo/run

.PHONY: bench
bench: deps-vm all
	@tests/bench/run

.PHONY: fuzz
fuzz: deps-fuzz
	@$(MAKE) -C tests/fuzz fuzz

.PHONY: crash
crash: deps-user
	@$(MAKE) $(JOBS) -s -C tests/crash crash

.PHONY: coverage
coverage: deps-user deps-fuzz
	@$(MAKE) $(JOBS) -s -C tests/coverage report

.PHONY: deps
deps:
	@scripts/deps.sh

.PHONY: deps-build deps-user deps-vm deps-clients deps-lint deps-debug deps-fuzz deps-conformance deps-package
deps-build deps-user deps-vm deps-clients deps-lint deps-debug deps-fuzz deps-conformance deps-package: deps-%:
	@scripts/deps.sh $*

.PHONY: clean
clean:
	@[ ! -d $(KDIR) ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	@set -e; for dir in userspace userspace/microvm $(TESTDIRS) tests/hosted \
			tests/crash tests/fuzz; do \
		[ ! -e $$dir/Makefile ] || $(MAKE) -C $$dir clean; done
	rm -rf build
