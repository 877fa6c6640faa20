# Plumbline. `make demo` shows the main job, `make test` checks everything this machine can check.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

TASK ?= According to the documentation, how many seconds is the lease of a run valid without a heartbeat? And what is the total revenue (units times price) in orders.csv?
export TASK

.PHONY: help install demo test test-inspect check format bench clean

help:
	@echo 'make demo            install, fetch the embedded model, do a task and show its report'
	@echo 'make demo TASK="..." the same with your own task'
	@echo 'make test            install and run all checks and tests that this machine can run'
	@echo 'make test-inspect    the tests with Inspect, in an environment of their own (.venv-inspect)'
	@echo 'make install         make the virtual environment in $(VENV)'
	@echo 'make check           formatting, types and import rules'
	@echo 'make format          apply the formatting'
	@echo 'make bench           run the benchmarks (half an hour), and write benchmarks.md'
	@echo 'make clean           remove the virtual environment and caches'

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Plumbline needs Python 3.11 or newer; name it with: make PYTHON=python3.12 install'; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[embedded,dev]'
	@touch $@

demo: install
	$(BIN)/plumbline model install
	$(BIN)/plumbline run --model embedded --docs docs --file evals/demo/orders.csv "$$TASK"

test: check
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

# Inspect's botocore wants an older python-dateutil than the rest is tested with, and Inspect leaves streams open
test-inspect:
	$(PYTHON) -m venv .venv-inspect
	grep -v '^python-dateutil==' constraints.txt > .venv-inspect/constraints.txt
	.venv-inspect/bin/pip install --quiet --constraint .venv-inspect/constraints.txt --editable '.[dev,inspect]'
	.venv-inspect/bin/python -m pytest -n 0 -W ignore::pytest.PytestUnraisableExceptionWarning \
	  tests/cli/test_eval_export.py tests/evals/inspect

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install
	$(BIN)/plumbline bench all

clean:
	rm -rf $(VENV) .venv-inspect .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
