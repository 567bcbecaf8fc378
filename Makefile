# `make` prints the targets; `make demo` and `make test` need Python 3.11–3.13, git and make alone.

.DEFAULT_GOAL := help
PORT ?= 8000

INSTALLED := .venv/installed

.PHONY: help
help: ## print the targets
	@sed -n 's/^\([a-z.]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: .venv
.venv: $(INSTALLED) ## the Python environment, from requirements-dev.lock

$(INSTALLED): requirements-dev.lock pyproject.toml hatch_build.py tools/environment.sh
	@tools/environment.sh
	@touch $@

.PHONY: lock
lock: $(INSTALLED) ## resolve the dependencies anew into the lock files
	tools/lock.sh
