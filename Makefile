# Two commands for a fresh machine with Python 3.11 to 3.13: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Tests run side by side; each worker publishes a sample of its own. WORKERS=0 runs them one after the other.
WORKERS ?= 2
export DAGSTER_DISABLE_TELEMETRY := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export GX_ANALYTICS_ENABLED := false

.PHONY: help demo test check lint format setup setup-test lock docs clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: setup  ## set everything up and refresh the sample region
	@$(BIN)/kettenwerk refresh --profile sample

test: setup-test  ## set everything up and run every test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

check: setup-test  ## the tests that take seconds
	@$(BIN)/python -m pytest -m "not long and not real and not versions and not peers"

lint: setup-test  ## style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

format: setup-test  ## bring the code into form
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

setup: $(VENV)/.runtime  ## the environment of the works
setup-test: $(VENV)/.test  ## the environment with the test tools

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Kettenwerk needs Python 3.11 to 3.13; this is " + sys.version.split()[0] + ". Call: make PYTHON=python3.12 ...")'
	@echo "Setting up the environment in $(VENV) (about a minute the first time) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.runtime
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-test.lock
	@touch $@

lock: | $(BIN)/uv  ## resolve the dependencies anew
	@$(BIN)/uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra test --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements-test.lock

docs: setup  ## write the generated pages and dbt sources
	@$(BIN)/python -m ingest.dbt_sources
	@$(BIN)/python -m orchestration.dictionary

clean:  ## remove the environment and what was built, never .kettenwerk
	rm -rf $(VENV) dbt_project/target dbt_project/logs build *.egg-info
