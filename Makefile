# Every verb sets up what it needs in .venv, on a machine that has only python3 (3.11 or newer, with venv) and make.
# make help lists the verbs; options are variables: make taxi ROWS=12000000 FILES=4

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := PYTHONPATH=src $(BIN)/python
ROWS ?=
FILES ?=
ROUNDS ?= 5
ONLY ?=
ENGINES ?=
FRACTION ?=
FOLDERS ?=
JOBS ?=
TIMEOUT ?=
NUT_MAX ?= 8
PYTEST ?=

.DEFAULT_GOAL := help
.PHONY: help taxi test check format bench golden numpy-suite pandas-suite objects clean

help: ## Show the verbs
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# ---- set-up: one stamp for each set of extras, renewed when pyproject.toml changes --------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "tenfold needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.with-%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	@touch $@

# ---- verbs --------------------------------------------------------------------------------------------------------

taxi: $(VENV)/.with-plot ## The example: tip fraction by hour of a taxi sample (ROWS=1000000 FILES=4)
	$(BIN)/tenfold taxi --data data $(if $(ROWS),--rows $(ROWS)) $(if $(FILES),--files $(FILES)) \
	  --plot data/tip_fraction_by_hour.png

test: $(VENV)/.with-dev ## The whole test suite (PYTEST="-k name" for a part of it)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(PYTEST)

check: $(VENV)/.with-dev ## Format, lint, types, import rule and the smallest tests: seconds, not minutes
	$(BIN)/ruff format --check --diff
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/architecture $(wildcard tests/test_tiny.py)

format: $(VENV)/.with-dev ## Format the code and repair what lint can repair
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/.with-bench ## tenfold and its peers, into docs/figures.md (ROUNDS=5 ROWS=12000000 ONLY=workload,... ENGINES=name,...)
	$(RUN) -m bench --rounds $(ROUNDS) $(if $(ROWS),--rows $(ROWS)) $(if $(ONLY),--only $(ONLY)) \
	  $(if $(ENGINES),--engines $(ENGINES))

golden: $(VENV)/.with-dev ## Rewrite the golden plans, kernels and docs/capabilities.md; review the difference like source
	TENFOLD_GOLDEN=write $(BIN)/python -m pytest -q -k golden
	git --no-pager diff --stat -- tests docs

numpy-suite: $(VENV)/.with-conformance ## NumPy's own tests of tenfold.numpy (FRACTION=10: a fixed tenth, no page written)
	NUT_MAX=$(NUT_MAX) $(RUN) -m tests.conformance \
	  $(if $(FRACTION),--fraction $(FRACTION),--page docs/numpy-suite.md)

pandas-suite: $(VENV)/.with-conformance ## pandas' own tests of tenfold.pandas (FRACTION=30: a fixed part; FOLDERS="frame series" JOBS=2 TIMEOUT=120)
	$(RUN) -m tests.conformance.frames --page docs/pandas-suite.md \
	  $(if $(FRACTION),--fraction $(FRACTION)) $(if $(FOLDERS),--folders "$(FOLDERS)") \
	  $(if $(JOBS),--jobs $(JOBS)) $(if $(TIMEOUT),--timeout $(TIMEOUT))

objects: $(VENV)/.with-dev ## Build the ahead-of-time objects of the primitives
	$(BIN)/python -m tenfold.target.objects

clean: ## Remove what the other verbs made, data included; .venv stays
	rm -rf data bench/data build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
