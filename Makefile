# make sweep   the paper's 700 instances and the report   (ARGS="solver=native" adds words)
# make test    all tests
# make quick   the fast tests, about a minute
# make check   ruff, mypy, and all tests
# make bench   the native search beside other open solvers (half an hour or more; in an environment of its own)
# make lock    both requirements.lock files again, from pyproject.toml (needs uv)
# make lint    ruff and mypy alone;  make setup: the environment alone;  make clean: removes the environments
# All but lock set up their environment first (.venv, bench: .venv-bench), with uv if it is installed, else with pip.

VENV := .venv
BENCH := .venv-bench
IN_VENV := $(VENV)/bin/python
ARGS ?=

.PHONY: sweep test quick lint check bench lock setup clean

# The folder that the sweep writes to: out=, else outputs/ and the name of the sweep.
SWEEP := $(or $(patsubst sweep=%,%,$(filter sweep=%,$(ARGS))),paper)
RUN := $(or $(patsubst out=%,%,$(filter out=%,$(ARGS))),outputs/$(SWEEP))

# Exit code 1 of a run means that rows are missing or are errors: the others can be reported on.
SWEEP_AND_REPORT = code=0; $(IN_VENV) -m pipeline $(ARGS) || code=$$?; \
	if [ $$code -le 1 ]; then $(IN_VENV) -m analysis run=$(RUN) || code=1; fi; exit $$code

sweep: setup
	$(if $(filter dry_run=true,$(ARGS)),$(IN_VENV) -m pipeline $(ARGS),$(SWEEP_AND_REPORT))

test: setup
	$(IN_VENV) -m pytest

quick: setup
	$(IN_VENV) -m pytest -m "not slow"

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

check: lint test

bench: $(BENCH)/.ready
	$(BENCH)/bin/python -m benchmarks.speed $(ARGS)

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev \
		pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev --extra bench \
		pyproject.toml -o benchmarks/requirements.lock

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@sh setup.sh $(VENV) $<
	@touch $@

$(BENCH)/.ready: benchmarks/requirements.lock pyproject.toml
	@sh setup.sh $(BENCH) $<
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH)
