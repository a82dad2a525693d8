# `make help` lists the targets. Everything a target needs it sets up itself.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
MEMBERS := shared services/ingest services/router services/agency-gateway services/metrics deploy/local

# What was set up, by the content of everything that says how: repeated setups cost nothing.
RECIPE := Makefile deploy/local/kafka/pom.xml deploy/local/kafka/jars.sha256 \
	$(wildcard requirements/*.txt) $(MEMBERS:%=%/pyproject.toml)
STAMP := .venv/.set-up-$(shell cat $(RECIPE) | sha256sum | cut -c1-16)
KAFKA := .lintas/kafka/$(shell sed -n 's/.*<kafka.version>\(.*\)<.*/\1/p' deploy/local/kafka/pom.xml)/lib

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) $(KAFKA) ## Install everything the other targets need (idempotent)

$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed as $(PYTHON): apt-get install python3 python3-venv, or make PYTHON=python3.12 ..."; exit 1; }
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  rm -rf .venv; echo "making .venv ..."; \
	  $(PYTHON) -m venv .venv >/dev/null 2>&1 || { \
	    rm -rf .venv; echo "installing python3-venv ..."; \
	    SUDO=; [ "$$(id -u)" = 0 ] || SUDO="sudo -n"; \
	    { $$SUDO apt-get update -q && $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -q python3-venv; } >/dev/null </dev/null || { \
	      echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }; \
	    $(PYTHON) -m venv .venv; }; }
	@echo "installing Python packages ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation $(MEMBERS:%=-e %)
	@$(BIN)/lintas setup
	@rm -f .venv/.set-up-* && touch $@

$(KAFKA): $(STAMP)
	@[ -d $@ ] || $(BIN)/lintas setup

.PHONY: demo
demo: setup ## Play a day on the embedded stack; ONCE=1 ends by itself
	@$(BIN)/lintas demo $(if $(ONCE),--once)

.PHONY: test
test: setup ## Run every test; ARGS="-k words" selects
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: bench
bench: setup ## Measure beside yardsticks; BENCH=gateway.register REPEATS=3 SECONDS=5 PROFILE=1 choose
	@$(BIN)/python -m tests.bench $(BENCH) $(REPEATS:%=--repeats %) $(SECONDS:%=--seconds %) $(if $(PROFILE),--profile)

.PHONY: backtest
backtest: setup ## A backtest over a million complaints, its rate and memory (minutes); ROWS="100000 1000000" AGAINST=recorded
	@$(BIN)/python -m tests.bench.backtest $(ROWS) $(AGAINST:%=--against %)

.PHONY: history
history: setup ## Import past complaints and hold the figures against others' (minutes)
	@$(BIN)/python -m tests.evaluation

.PHONY: evaluate
evaluate: setup ## Hold routing against labelled files: docs/evidence/accuracy.md (minutes)
	@$(BIN)/python -m tests.evaluation.routing

.PHONY: faults
faults: setup ## The fault campaign; FAULTS=11,22 RUNS=3 SHARD=1/2 FORCE=1 select; PLANTED=all; REPLAY=folder judges again
	@FAULTS="$(FAULTS)" RUNS="$(RUNS)" SHARD="$(SHARD)" FORCE="$(FORCE)" REPLAY="$(REPLAY)" \
	  PLANTED="$(PLANTED)" $(BIN)/python -m tests.faults

.PHONY: evidence
evidence: setup ## Write docs/evidence from the figures that `make bench` has kept
	@$(BIN)/python -m tests.bench --pages

.PHONY: check
check: setup ## Format, lint, types, architecture, generated pages, compose file
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/lintas docs --check
	$(BIN)/python -m pytest -q tests/unit/lintas_local/test_stack_compose.py

.PHONY: fmt
fmt: setup ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: lock
lock: setup ## Write the hashes of all dependencies; UPGRADE=1 takes newer versions
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.9
	@$(call compile,requirements/runtime.txt) $(filter-out deploy/local/%,$(MEMBERS:%=%/pyproject.toml))
	@$(call compile,requirements/operator.txt) -c requirements/runtime.txt $(MEMBERS:%=%/pyproject.toml)
	@$(call compile,requirements/dev.txt) -c requirements/operator.txt --group dev --extra embedded pyproject.toml $(MEMBERS:%=%/pyproject.toml)
	@printf '%s\n' 'hatchling==1.*' editables | $(call compile,requirements/build.txt) -c requirements/dev.txt -
	@sed -n 's/^java = \["\(.*\)"\]/\1/p' deploy/local/pyproject.toml | $(call compile,requirements/java.txt) -
	@sed -n 's/^node = \["\(.*\)"\]/\1/p' deploy/local/pyproject.toml | $(call compile,requirements/node.txt) -
	@$(BIN)/lintas setup --lock

# No header, no annotations, no index: the files hold names, versions and hashes only.
NAMES := lintas lintas-ingest lintas-router lintas-agency-gateway lintas-metrics lintas-local
compile = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	$(if $(UPGRADE),--upgrade) $(NAMES:%=--no-emit-package %) -o $(1)

.PHONY: clean
clean: ## Remove caches, the environment and the embedded stack with its data
	@$(BIN)/lintas doctor --json 2>/dev/null | grep -q 'stack that runs here' && { echo "a stack runs here: end it first"; exit 1; } || true
	rm -rf .venv .lintas .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
