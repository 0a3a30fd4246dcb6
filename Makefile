# Every target does all of its own set-up: a virtual environment in .venv, made once and
# renewed when pyproject.toml changes. Needed beforehand: Python >= 3.11 and make.

VENV := .venv
BIN := $(VENV)/bin

# The first of these that is at least 3.11 and can make an environment; or: make PYTHON=...
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1; then command -v $$python; break; fi; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.PHONY: help demo test test-extra test-all lint check bench clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 - /p' Makefile

demo: $(VENV)/.installed ## the benchmark on the embedded table, and its report
	$(BIN)/mmclassic demo

test: $(VENV)/.installed-dev ## the tests, under 8 minutes on 2 cores; no torch, dask or browser
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

# Status 5 means that no test carries the marker: nothing failed.
test-extra: $(VENV)/.installed-dev ## the remainder, each skipped with a reason where its part is absent
	@echo "$(BIN)/python -m pytest -m extra"; \
	$(BIN)/python -m pytest -m extra || { status=$$?; test $$status -eq 5 || exit $$status; }

test-all: ## the tests, then the remainder
	$(MAKE) test
	$(MAKE) test-extra

lint: $(VENV)/.installed-dev ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: ## lint, then the tests
	$(MAKE) lint
	$(MAKE) test

bench: $(VENV)/.installed-dev ## speed and quality against peers (benchmarks/)
	@for script in benchmarks/[a-z]*.py; do \
		if [ ! -e "$$script" ]; then echo "benchmarks/ holds no script yet"; break; fi; \
		echo "$(BIN)/python $$script"; $(BIN)/python "$$script" || exit $$?; \
	done

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip >= 25.1 knows --group; an environment begins with the older one that came with Python.
$(BIN)/pip:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python >= 3.11 with venv was found. Install one (on Debian and Ubuntu also the" >&2; \
		echo "package python3-venv), or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/pip
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[onnx,parquet,dask]" --group dev
	@touch $@
