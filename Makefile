# Percorso's commands; `make` alone lists them. They need Python 3.11 or later, git and make.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
BUILT := web/static/built/.vite/manifest.json
FRONTEND := $(shell find web/frontend -name node_modules -prune -o -type f -print)

# The first Python on the path that is new enough; `make demo PYTHON=/path/to/python3` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	echo $$python; break; fi; done)

.PHONY: help demo test check assets bench bench-oracle corpus lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.package ## make 90 days of history and serve them on port 8000
	$(BIN)/percorso demo $(ARGS)

test: $(VENV)/.tools ## run all tests (ARGS="-k offer" for some of them)
	@$(BIN)/python scripts/browser.py
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

check: $(VENV)/.tools ## check style, types, arrows and the house
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/house

assets: $(VENV)/.libraries ## build the front end, if its sources have changed
	$(PIP) install --no-deps --editable .
	@touch $(VENV)/.package

bench: $(VENV)/.package ## measure, and print the ratios
	$(BIN)/python -m benchmarks $(ARGS)

bench-oracle: $(VENV)/.tools ## run random drawings against the oracle (RUNS=20000 SEED=1, or RUN=17 for one)
	$(BIN)/python -m scripts.oracle --runs $(or $(RUNS),20000) --seed $(or $(SEED),1) \
		$(if $(RUN),--run $(RUN)) $(if $(ON),--on $(ON)) $(ARGS)

corpus: $(VENV)/.package ## check and run every BPMN file in DIR, in limited processes
	@test -n "$(DIR)" || { echo "Name the folder: make corpus DIR=path/to/drawings" >&2; exit 2; }
	$(BIN)/python -m benchmarks.corpus "$(DIR)" $(ARGS)

lock: $(VENV)/.tools ## pin the newest versions that pyproject.toml allows
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --upgrade $(LOCK) --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --constraint requirements.txt --upgrade $(LOCK) \
		--output-file requirements-dev.txt

LOCK := --universal --python-version 3.11 --no-annotate --no-emit-index-url --quiet \
	--custom-compile-command 'make lock'

# --- The environment: each file stands for a step that was done -----------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Percorso needs Python 3.11 or later, and none was found on the path: \
	install it, or name it with PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual \
	environment: on Debian and Ubuntu run \`apt-get install python3-venv\`, then try again." >&2; exit 1; }
	@echo "Making an environment in $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.libraries: requirements.txt | $(BIN)/python
	@echo "Installing the libraries (once, half a minute)"
	@$(PIP) install --requirement requirements.txt
	@touch $@

$(VENV)/.package: $(VENV)/.libraries pyproject.toml hatch_build.py $(FRONTEND) $(BUILT)
	@echo "Installing Percorso and building its front end (half a minute when that has changed)"
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.package requirements-dev.txt
	@echo "Installing the tools of the tests (once)"
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@

# Where the built front end is missing, the package is installed anew, which builds it.
$(BUILT): ;
