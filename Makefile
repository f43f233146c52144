# Two commands: `make run` and `make test`. Both set up .venv from the project's own files alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test test-all lint setup lock clean bench-peers peers

run: setup
	$(BIN)/section3c run

test: lint
	$(BIN)/pytest -m "not slow" -n 2 --cov --cov-report=term:skip-covered --cov-fail-under=72

test-all: lint
	$(BIN)/pytest -n 2

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup: $(STAMP)

# The lock holds every package with its hashes and names no index; bytecode is compiled once, here,
# because a process that compiles its imports again takes three times as long to start.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "section3c needs Python 3.11, 3.12 or 3.13; say make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $(STAMP)

# Rewrites the lock (needs uv). The old file goes first: uv would read it as preferences.
lock:
	rm -f requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -o requirements.lock

# Ours beside OpenSanctions' nomenklatura, Splink and RapidFuzz on the same pairs (PAIRS=FILE: name_a, name_b, same).
# Their environment is their own: nomenklatura holds duckdb below 2. PyICU is built here: libicu-dev, pkg-config, g++.
bench-peers: setup peers
	$(BIN)/python -m tests.peers.compare $(PAIRS)

PEERS := .venv-peers
peers: $(PEERS)/.installed
$(PEERS)/.installed: tests/peers/requirements.lock
	@pkg-config --exists icu-i18n || { echo "PyICU needs libicu: apt-get install libicu-dev pkg-config g++"; exit 1; }
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/peers/requirements.lock
	touch $@

clean:
	rm -rf $(VENV) $(PEERS) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
