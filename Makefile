# On a fresh machine with Python >= 3.11 and make, every target sets up .venv by itself.
# Windows without make: see docs/install.md.

VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
# The Python that .venv is made with; empty means the first of the usual names that is new enough.
PYTHON =
# More pytest arguments, such as: make test ARGS="-k blend"
ARGS =

.PHONY: help demo test check bench docs clean

help: ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

demo: $(READY) ## swap, seal and verify a clip of people who do not exist, into demo/
	$(BIN)/python examples/demo.py

# Two processes run the tests, so each computes on one core; compiled files are kept, since tests
# start a hundred programs or so.
test: $(READY) ## run the tests
	unset PYTHONDONTWRITEBYTECODE; OMP_NUM_THREADS=1 \
	  $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: $(READY) ## run every gate: format, lint, house rules, import contracts, docs, types
	$(BIN)/python scripts/check.py $(ARGS)

bench: $(READY) ## measure speed and quality; each benchmark ends with a line of JSON
	@set -e; for file in $$(grep -l '^if __name__' benchmarks/*.py); do \
	  name=$$(basename $$file .py); echo "== $$name"; \
	  $(BIN)/python -m benchmarks.$$name $(ARGS); \
	done

docs: $(READY) ## bring the generated tables of docs/ in step with the code
	$(BIN)/python scripts/docs_tables.py
	$(BIN)/python scripts/effect_pages.py

clean: ## remove .venv, caches and what the demo made; keeps the user's weights and ledger
	rm -rf $(VENV) demo out dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find src tests scripts benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew whenever pyproject.toml changes. Both lines are needed: an older .venv is kept and
# brought up to date, a missing one is made.
$(READY): pyproject.toml
	@found=; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  if $$python -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "no Python >= 3.11 with the venv module was found;" \
	    "install one and name it: make PYTHON=/path/to/python3.11" >&2; exit 1; \
	fi; \
	echo "setting up $(VENV) with $$($$found --version), once: about 800 MB, a minute or more"; \
	$$found -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)
