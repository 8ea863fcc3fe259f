# make sweep   the paper's 700 instances and the report   (ARGS="solver=highs" adds words)
# make test    the tests
# make check   ruff, mypy, and the tests
# make lock    requirements.lock anew, from pyproject.toml (needs uv)
# Each of them sets up .venv first, with uv where it is installed, else with pip.

VENV := .venv
IN_VENV := $(VENV)/bin/python
ARGS ?=

.PHONY: sweep test lint check lock setup clean

sweep: setup
	$(IN_VENV) -m pipeline sweep=paper $(ARGS)
	$(IN_VENV) -m analysis $(patsubst out=%,run=%,$(filter out=%,$(ARGS)))

test: setup
	$(IN_VENV) -m pytest

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

check: lint test

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev \
		pyproject.toml -o requirements.lock

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@sh setup.sh $(VENV)
	@touch $@

clean:
	rm -rf $(VENV)
