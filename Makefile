# Needs Python 3.11 or later and make, nothing else: every target makes .venv for itself.

PYTHON ?= python3
BIN := .venv/bin
FAST := tests/text tests/markdown tests/layout tests/reading tests/render

.PHONY: help run test test-fast fuzz check format-check lint types contracts bench wheel clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run.stamp ## Run the program from this checkout
	@$(BIN)/python -m reader $(ARGS)

test: .venv/dev.stamp .venv/bytecode.stamp ## Run every test
	@$(BIN)/python -m pytest --numprocesses 6 --dist worksteal

# Compiles the tests once: the six processes would each compile all of them, for half a minute.
.venv/bytecode.stamp: .venv/dev.stamp $(wildcard tests/*.py tests/*/*.py)
	@$(BIN)/python -m pytest --collect-only -q > /dev/null || true
	@touch $@

test-fast: .venv/dev.stamp ## Run the tests that need no screen, in under ten seconds
	@$(BIN)/python -m pytest --numprocesses 2 --hypothesis-profile fast -m 'not slow' $(FAST)

fuzz: .venv/dev.stamp ## Run the random tests of the whole program for some minutes, with another seed each time
	@READER_SEED=random READER_KEYS=20000 READER_KILLS=200 READER_STEPS=200 $(BIN)/python -m pytest \
		tests/terminal/test_random_keys.py tests/terminal/test_kill.py tests/terminal/test_two_programs.py

check: format-check lint types contracts test ## Run everything CI runs: format, lint, types, contracts, tests

format-check: .venv/dev.stamp ## Check the format with ruff
	@$(BIN)/ruff format --check reader tests hatch_build.py

lint: .venv/dev.stamp ## Lint with ruff
	@$(BIN)/ruff check reader tests hatch_build.py

types: .venv/dev.stamp ## Check types with mypy --strict
	@$(BIN)/mypy

contracts: .venv/dev.stamp ## Check the import contracts of the packages
	@$(BIN)/lint-imports

bench: .venv/dev.stamp ## Print speed and memory as ratios against a bare Textual app
	@PYTHONPATH=tests/helpers $(BIN)/python tests/bench.py

wheel: .venv/dev.stamp ## Build the wheel into dist/
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## Remove what these targets made
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -m venv .venv

.venv/run.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/run.stamp
