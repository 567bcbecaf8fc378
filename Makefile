# `make` prints the targets; `make demo` and `make test` need Python 3.11–3.13, git and make alone.

.DEFAULT_GOAL := help
PORT ?= 8000

INSTALLED := .venv/installed

# Hundreds of processes that the tests start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## print the targets
	@sed -n "s/^\([a-z.]*\):.*## \(.*\)/  make \1\t\2/p" $(MAKEFILE_LIST) | expand -t 18

.PHONY: .venv
.venv: $(INSTALLED) ## the Python environment, from requirements-dev.lock

$(INSTALLED): requirements-dev.lock pyproject.toml hatch_build.py tools/environment.sh
	@tools/environment.sh
	@touch $@

.PHONY: lock
lock: $(INSTALLED) ## resolve the dependencies anew into the lock files
	tools/lock.sh

# --- page assets ---

ASSETS := src/vovremya/ui/static/ui/assets.json
NODE := .venv/bin/python tools/node.py

node_modules/.package-lock.json: package-lock.json .npmrc | $(INSTALLED)
	@echo "Installing the npm packages"
	@$(NODE) npm ci --loglevel=error
	@touch $@

$(ASSETS): $(shell find src/vovremya/*/static_src -type f) tools/assets.mjs node_modules/.package-lock.json \
		$(shell find src/vovremya/locale -name '*.po') tools/catalogues.py | $(INSTALLED)
	@echo "Building the page assets"
	@.venv/bin/python tools/catalogues.py build
	@$(NODE) node tools/assets.mjs

.PHONY: assets
assets: $(ASSETS) ## build styles, scripts, icons, fonts and words of the pages (needs no Node of yours)

.PHONY: catalogues
catalogues: $(INSTALLED) ## collect what the program says; what English lacks then is empty in its catalogue
	@.venv/bin/python tools/catalogues.py collect

# --- running ---

.PHONY: demo
demo: $(INSTALLED) $(ASSETS) ## a demo network at http://127.0.0.1:8000; PORT=9000 takes another port
	@.venv/bin/vovremya demo --port $(PORT)

.PHONY: run
run: $(INSTALLED) $(ASSETS) ## serve your own database, var/vovremya.sqlite3
	@.venv/bin/vovremya serve --port $(PORT)

# --- tests and checks ---

PYTEST := .venv/bin/python -m pytest

.PHONY: test
test: scripts coverage fast races postgres browser ## every test; a missing browser is installed where that can be done
# The rules have been tried by then, for their coverage.
test: TRIED := --ignore tests/rules

# The tests are shared out among the cores; who has none left takes of those of another.
SHARED := -q -n auto --dist worksteal
WITHOUT_RACES := $(SHARED) -m "not browser and not races"
# Rules, words, rights, proxies, slow lines, and what pages ask for before they read anything are the same wherever the
# rows lie; a demo is always a file.
PAGES := test_walls test_guide test_english test_deploy
WITHOUT_DATABASE := --ignore tests/rules --ignore tests/docs --ignore tests/apps/exchange/test_fuzz_import.py \
	--ignore tests/apps/visits/test_rights.py --ignore tests/apps/demo \
	$(PAGES:%=--ignore tests/flows/%.py) --deselect tests/flows/test_server.py::TestSlowClients
# A file's races share what was furnished for them.
RACES := -q -n auto --dist loadfile -m races
# Many of these wait for processes that start, die and time out: three workers for two cores lose nothing by it.
fast postgres: export PYTEST_XDIST_AUTO_NUM_WORKERS := $(shell python3 -c "import os; print(os.cpu_count() * 3 // 2 or 1)")

.PHONY: fast
fast: $(INSTALLED) $(ASSETS) ## the tests that need neither a browser nor racing processes
	@$(PYTEST) $(WITHOUT_RACES) $(TRIED) $(ARGS)

.PHONY: races
races: $(INSTALLED) ## the tests of real processes racing each other
	@$(PYTEST) $(RACES) $(ARGS)

.PHONY: postgres
postgres: $(INSTALLED) $(ASSETS) ## the same on a PostgreSQL, which is started for them: all that a database has a part in
	@.venv/bin/python tools/postgres.py --each $(PYTEST) $(WITHOUT_RACES) $(WITHOUT_DATABASE) $(ARGS)
	@PYTEST_XDIST_AUTO_NUM_WORKERS= .venv/bin/python tools/postgres.py --each $(PYTEST) $(RACES) $(ARGS)

.PHONY: browser
browser: $(INSTALLED) $(ASSETS) ## the tests in a real Chromium
	@.venv/bin/python tools/browser.py; case $$? in \
		0) $(PYTEST) $(SHARED) -m browser $(ARGS);; \
		3) ;; \
		*) exit 1;; \
	esac

.PHONY: scripts
scripts: node_modules/.package-lock.json ## the unit tests of the TypeScript
	@$(NODE) node tools/script_tests.mjs

.PHONY: check
check: lint coverage ## lint, and full branch coverage of every rules room

.PHONY: lint
lint: $(INSTALLED) ## style, import rules, and who may read the clock
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/lint-imports
	@echo "The clock is read at the edges alone"
	@! git grep -nE 'auto_now|clock\.(real_)?now\(|import .*\b(real_)?now\b' -- \
		$(foreach room,rules models queries actions,'src/vovremya/*/$(room)*')

.PHONY: coverage
coverage: $(INSTALLED) ## the tests of the rules must pass through every branch
	@$(PYTEST) -q -n auto tests/rules --cov --cov-report=
	@.venv/bin/python -m coverage report --include='*/rules.py,*/rules/*' --fail-under=100

.PHONY: types
types: $(INSTALLED) node_modules/.package-lock.json ## the types of Python and TypeScript
	@.venv/bin/mypy
	@$(NODE) node node_modules/typescript/bin/tsc --project .

.PHONY: bench
bench: $(INSTALLED) $(ASSETS) ## how fast the board is: 40 bays × 1,000 and 100 bays × 3,000 visits
	@.venv/bin/python -m bench $(ARGS)

.PHONY: proof
proof: $(INSTALLED) $(ASSETS) ## try to break it, each harness in turn; ARGS=--write puts what came of it into docs/proof.md
	@.venv/bin/python -m tests.proof.fuzz_pages $(ARGS)
	@.venv/bin/python -m tests.proof.fuzz_import $(ARGS)
	@.venv/bin/python -m tests.proof.faults $(ARGS)
	@.venv/bin/python -m tests.proof.faults --database postgresql --seconds 30 $(ARGS)
	@.venv/bin/python -m tests.proof.races $(ARGS)
	@.venv/bin/python tools/postgres.py .venv/bin/python -m tests.proof.races $(ARGS)
	@.venv/bin/python -m tests.proof.kills --kills 1000 $(ARGS)
	@.venv/bin/python -m tests.proof.kills --kills 200 --database postgresql $(ARGS)
	@.venv/bin/python -m tests.proof.yellow $(ARGS)
	@.venv/bin/python -m tests.proof.yellow --database postgresql $(ARGS)
	@.venv/bin/python -m tests.proof.fsync $(ARGS)
	@.venv/bin/python -m tests.proof.failover $(ARGS)
	@.venv/bin/python -m tests.proof.soak $(ARGS)

.PHONY: shots
shots: $(INSTALLED) $(ASSETS) ## the pictures of the documentation and, ARGS=manual alone, of the manual, from the running program
	@.venv/bin/python tools/browser.py
	@.venv/bin/python -m tools.shots $(ARGS)

.PHONY: docs
docs: $(INSTALLED) ## make the page of rights, check that the documentation names only what exists
	@.venv/bin/python tools/rights.py
	@$(PYTEST) -q tests/docs $(ARGS)

.PHONY: clean
clean: ## remove everything that make has made, the databases in var/ excepted
	rm -rf .venv node_modules src/vovremya/ui/static src/vovremya/locale/*/*/*.mo dist build
