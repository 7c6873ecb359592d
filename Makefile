# Everything runs in .venv, which the first target that needs it creates. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PORT ?= 8888
GRADER_PORT ?= 8765
ARGS ?=
SHELL := /bin/sh
.DEFAULT_GOAL := help

.PHONY: start
start: $(VENV)/.lab  ## Open the lessons in JupyterLab with the grading service beside it (PORT=, GRADER_PORT=, ARGS=)
	@$(BIN)/glasstorch start --port $(PORT) --grader-port $(GRADER_PORT) $(ARGS)

.PHONY: test
test: $(VENV)/.dev chromium postgresql lint  ## Lint, types, and every test but the slow ones (ARGS= goes to pytest)
	@if [ -n "$(ARGS)" ]; then $(BIN)/python -m pytest -m "not slow" $(ARGS); \
	else $(MAKE) --no-print-directory --keep-going -j3 --output-sync=target READY=1 $(SIDE_BY_SIDE) && $(MAKE) --no-print-directory test-device; fi

# Three of these at a time for two cores, since tests of servers and browsers wait a lot; the longest first; each with one
# BLAS thread, since threads of several processes that wait for each other crawl.
SIDE_BY_SIDE := test-browser test-lessons test-web test-rest test-engine-a-n test-engine-o-z
# `READY`: chromium and PostgreSQL have been seen to. As prerequisites of single groups they would put these last.
ONE_THREAD := OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow"
.PHONY: $(SIDE_BY_SIDE)
test-web: $(VENV)/.dev $(if $(READY),,postgresql)  ## The tests of the grading service: sandbox, grader, store, API, accounts, course
	$(ONE_THREAD) tests/webapp
test-engine-a-n: $(VENV)/.dev  ## The engine's tests, first half
	$(ONE_THREAD) tests/engine/test_[a-n]*.py
test-engine-o-z: $(VENV)/.dev  ## The engine's tests, second half
	$(ONE_THREAD) tests/engine/test_[o-z]*.py
test-lessons: $(VENV)/.dev  ## The tests of lessons and repository
	$(ONE_THREAD) tests/lessons tests/repo
test-browser: $(VENV)/.dev $(if $(READY),,chromium)  ## The tests that drive a browser: every page, and the views in JupyterLab
	$(ONE_THREAD) tests/browser
test-rest: $(VENV)/.dev  ## All other tests: widgets, distributed, Binder's files
	$(ONE_THREAD) $(addprefix --ignore=tests/,browser engine lessons repo webapp)

.PHONY: test-device
test-device: $(VENV)/.dev  ## The differential suite on a strict stand-in for CuPy, which is no GPU but has its rules
	$(BIN)/python -m pytest -m "differential and not slow" --arrays stand-in $(ARGS) tests/engine

.PHONY: test-slow
test-slow: $(VENV)/.dev chromium postgresql  ## The tests that take minutes (Binder's steps in a fresh environment, ...)
	$(BIN)/python -m pytest -m slow $(ARGS)

.PHONY: test-gpu
test-gpu: $(VENV)/.dev  ## On a CUDA GPU: the tests that need one, then the differential suite on CuPy
	$(BIN)/python -m pip install -q -e '.[gpu]'
	$(BIN)/python -m pytest -m gpu $(ARGS)
	$(BIN)/python -m pytest -m "differential and not slow" --arrays cupy $(ARGS) tests/engine

.PHONY: check-binder
check-binder: $(VENV)/.dev chromium  ## Binder's own steps in a fresh environment and folder, up to Run All in Chromium
	$(BIN)/python -m pytest -m slow tests/binder $(ARGS)

.PHONY: bench
bench: $(VENV)/.dev  ## Side by side with PyTorch: time of ops, training steps and loaders, peak memory, random numbers
	$(BIN)/python bench/overhead.py
	$(BIN)/python bench/training_step.py
	$(BIN)/python bench/data_loading.py
	$(BIN)/python bench/image_loading.py
	$(BIN)/python bench/memory.py
	$(BIN)/python bench/random_numbers.py
	$(BIN)/python bench/profiler.py
	$(BIN)/python bench/distributed.py
	$(BIN)/python bench/compiled.py
	$(BIN)/python bench/quantization.py
	$(BIN)/python bench/watch.py
	$(BIN)/python bench/graph_view.py

.PHONY: chaos
chaos: $(VENV)/.dev postgresql  ## Kill servers, workers and boxes at random while learners hand in (ARGS="--database postgresql ...")
	PYTHONPATH=tests $(BIN)/python -m support.chaos $(ARGS)

.PHONY: load
load: $(VENV)/.dev postgresql  ## What grading costs, alone and for 500 learners at once (ARGS="--database postgresql ...")
	PYTHONPATH=tests $(BIN)/python bench/load.py $(ARGS)

.PHONY: bench-pages
bench-pages: $(VENV)/.dev  ## How long each page of a big course takes: 1,000 learners, 50,000 submissions (ARGS=--postgresql)
	PYTHONPATH=tests $(BIN)/python bench/pages.py $(ARGS)

.PHONY: gallery
gallery: $(VENV)/.dev chromium  ## Take the pictures of docs/gallery anew, in a real JupyterLab (minutes)
	$(BIN)/python docs/gallery/make.py $(ARGS)

.PHONY: accuracy
accuracy: $(VENV)/.dev  ## Digits by the same recipe on Glasstorch and PyTorch, five seeds: minutes (ARGS= as the program says)
	$(BIN)/python bench/accuracy.py $(ARGS)

.PHONY: conformance
conformance: $(VENV)/.dev  ## The conformance programs, where their folder is at hand (ARGS= names some of them)
	@if [ -d ../shared/conformance ]; then $(PIP) install -q expecttest tensorboard;  sh tests/conformance/run.sh ../shared/conformance $(BIN)/python $(ARGS); \
	else echo "No ../shared/conformance here: nothing to run. The project's own tests stand without it."; fi

.PHONY: stubs
stubs: $(VENV)/.dev  ## Write the type stubs anew (a test says when they are behind)
	$(BIN)/python -m glasstorch.stubs

.PHONY: docs
docs: $(VENV)/.docs  ## The documentation site in docs/_build/html, built and read without a network
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d docs/_build/doctrees docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

.PHONY: notebooks
notebooks: $(VENV)/.dev  ## Write the lessons' notebooks from their sources
	$(BIN)/python lessons/tools/notebooks.py

.PHONY: lint
lint: $(VENV)/.dev  ## ruff (rules and format) and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: format
format: $(VENV)/.dev  ## Let ruff fix what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: wheel
wheel: $(VENV)/.dev  ## Build dist/*.whl
	$(PIP) wheel --no-deps --quiet --wheel-dir dist .

.PHONY: clean
clean:  ## Remove the environment and everything tools have left
	rm -rf $(VENV) dist build docs/_build .hypothesis .mypy_cache .pytest_cache .ruff_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | \
	while IFS="$$(printf '\t')" read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

# The environment, in layers; each is a stamp file, so that a second call costs nothing.

$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { echo "Glasstorch needs Python 3.11 to 3.14; there is no $(PYTHON) here. On Debian: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
	{ echo "Glasstorch needs Python 3.11 to 3.14; $(PYTHON) is $$($(PYTHON) --version 2>&1). Another one: make start PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	{ echo "$(PYTHON) cannot create virtual environments here. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.lab: $(VENV)/.created pyproject.toml
	@echo "Installing Glasstorch with JupyterLab and the grading service into $(VENV) (a minute or two, once) ..."
	@$(PIP) install --quiet --editable '.[lab,web]'
	@touch $@

# PyTorch is what the differential tests compare with. Where there is no wheel for this Python they skip;
# in continuous integration they must run.
$(VENV)/.docs: $(VENV)/.lab pyproject.toml
	@echo "Installing what the documentation needs ..."
	@$(PIP) install --quiet --editable '.[lab,web,docs]'
	@touch $@

$(VENV)/.dev: $(VENV)/.lab pyproject.toml
	@echo "Installing what the tests need ..."
	@$(PIP) install --quiet --editable '.[lab,web,docs,dev]'
	@$(PIP) install --quiet --editable '.[reference]' || { \
	  [ -z "$$CI" ] && echo "PyTorch cannot be installed here: the tests that compare with it will be skipped." >&2; }
	@touch $@

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing chromium for the browser tests ..."; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null || \
	    echo "chromium could not be installed: the browser tests will be skipped." >&2; \
	  else echo "There is no chromium here (Debian: apt install chromium): the browser tests will be skipped." >&2; fi; }

.PHONY: postgresql
postgresql:
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing PostgreSQL for the tests of the store ..."; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null || \
	    echo "PostgreSQL could not be installed: its tests will be skipped." >&2; \
	  else echo "There is no PostgreSQL here (Debian: apt install postgresql): its tests will be skipped." >&2; fi; }
