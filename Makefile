# The two commands of the README, and what continuous integration adds to them.
#
# One release build serves all: tests use public and package interfaces only, so what is tested is
# what is shipped.

BUILD := swift build -c release -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error
SECANT := .build/release/secant
MODULES := $(basename $(notdir $(wildcard Sources/*/*.docc)))

.PHONY: demo build test test-coverage setup format lint docs fuzz dist wheel try try-slurm python browser clean

demo: build  ## Explain a prompt on the embedded model.
	$(SECANT) explain "The bridge out of Marin is the"

build: setup
	$(BUILD)

test: build  ## Every test. Those that need files the repository may not carry say that they skip.
	swift test -c release -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error

test-coverage: setup  ## Every test, on a build that counts which lines run.
	Tools/coverage

setup:
	@Tools/setup

format:  ## Rewrite the sources as the style has them.
	swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks Examples Fuzz/Package.swift Fuzz/Sources

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks Examples Fuzz/Package.swift Fuzz/Sources
	@! command -v python3 >/dev/null || Tools/mutants --check

docs: setup  ## Build every documentation catalogue; a type that is left out or a dangling link is an error.
	@Tools/check-catalogues
	@for module in $(MODULES); do \
	  echo "Documentation of $$module"; \
	  SECANT_DOCUMENTATION=1 swift package --scratch-path .build-docs generate-documentation \
	    --target $$module --warnings-as-errors >.build-docs.log 2>&1 \
	    || { cat .build-docs.log; exit 1; }; \
	done

fuzz: setup  ## Fuzz what reads files from strangers, each reader for a minute.
	Tools/fuzz 60

dist: setup  ## A program for other machines that needs nothing but the C library: dist/secant-….tar.gz.
	Tools/dist/tarball

wheel: dist  ## A Python wheel with that program: dist/secant-….whl.
	Tools/dist/wheel

try:  ## Run that program in minimal systems that have nothing of Swift.
	Tools/dist/try

try-slurm: build  ## Scan a corpus by a real Slurm of two nodes on this machine; skipped, and said so, where it cannot be had.
	Tools/cluster/try-slurm

python:  ## Types and tests of the Python package, of the wheel, and of the notebook.
	Tools/python/test

browser:  ## Use the explorer and the pages in headless Chromium, on the embedded model.
	Tools/page/check

clean:
	rm -rf dist .build-dist .build-python .build .build-coverage .build-docs .build-docs.log Fuzz/.build Fuzz/Found
