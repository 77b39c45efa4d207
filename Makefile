# Two commands matter: `make start` serves the training base, `make test` tests it. Both do all set-up.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROXY := hub_config/proxy/node_modules/.package-lock.json
WEB := twins/web/node_modules/.package-lock.json
VALIDATOR := tests/twins/gltf_validator/node_modules/.package-lock.json
UV_INSTALL := $(BIN)/uv pip sync --python $(BIN)/python --require-hashes --compile-bytecode --quiet
UV_LOCK := $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --quiet

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/uv: requirements/uv.txt
	@PYTHON="$(PYTHON)" requirements/venv.sh $(VENV)
	@touch $@

$(VENV)/.serve: $(BIN)/uv requirements/serve.txt pyproject.toml
	@echo "Installing the Python packages of the training base ..."
	@# A development set-up already holds every package of the serving one.
	@if [ ! -e $(VENV)/.dev ]; then $(UV_INSTALL) requirements/serve.txt requirements/uv.txt; fi
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@echo "Compiling the simulators ..."
	@$(BIN)/python -m simulators.compilation
	@touch $@

$(VENV)/.dev: $(BIN)/uv requirements/dev.txt pyproject.toml
	@echo "Installing the Python packages of development and tests ..."
	@$(UV_INSTALL) requirements/dev.txt requirements/uv.txt
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation --editable .
	@echo "Compiling the simulators ..."
	@$(BIN)/python -m simulators.compilation
	@touch $@

$(PROXY): hub_config/proxy/package-lock.json | $(BIN)/uv
	@echo "Installing the proxy's Node packages ..."
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix hub_config/proxy --no-fund --no-audit --no-update-notifier --loglevel=error >/dev/null
	@touch $@

$(VALIDATOR): tests/twins/gltf_validator/package-lock.json | $(BIN)/uv
	@echo "Installing the validator of glTF files ..."
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix tests/twins/gltf_validator --no-fund --no-audit --no-update-notifier --loglevel=error >/dev/null
	@touch $@

$(WEB): twins/web/package-lock.json | $(BIN)/uv
	@echo "Installing the Node packages of the twins' module ..."
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix twins/web --no-fund --no-audit --no-update-notifier --ignore-scripts --loglevel=error >/dev/null
	@touch $@

.PHONY: web
web: $(VENV)/.dev $(WEB) ## build the module that draws twins in a browser, twins/web/twin.js
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm run build --silent --prefix twins/web

.PHONY: start
start: $(VENV)/.serve ## set up and serve the training base at http://127.0.0.1:8000
	@$(MAKE) --silent --no-print-directory $(PROXY)
	@exec $(BIN)/shixun start

.PHONY: test
test: $(VENV)/.dev ## set up and run the tests, all but the long ones
	@$(MAKE) --silent --no-print-directory $(PROXY) $(VALIDATOR) $(WEB)
	@tests/system.sh
	@tests/run.sh $(or $(TESTS),-m "not long")

.PHONY: test-long
test-long: $(VENV)/.dev ## run the tests that take minutes each
	@$(MAKE) --silent --no-print-directory $(PROXY)
	@tests/system.sh
	@tests/run.sh -m long

.PHONY: screenshots
screenshots: $(VENV)/.dev ## take the pictures of README and docs anew, in a real browser
	@$(MAKE) --no-print-directory --silent $(PROXY)
	@tests/system.sh
	@PICTURES=docs/pictures tests/run.sh -q tests/e2e -k docker
	@PICTURES=docs/pictures tests/run.sh -q tests/twins/test_pictures.py

.PHONY: lint
lint: $(VENV)/.dev ## formatting, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: format
format: $(VENV)/.dev ## format and mend what can be mended by machine
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lock
lock: $(BIN)/uv ## compile requirements/*.txt and the lock files of Node packages anew
	@$(UV_LOCK) requirements/uv.in -o requirements/uv.txt
	@# rfc3987-syntax and lark only serve an optional JSON Schema format; importing them costs every
	@# single-user server a second, so no lock file holds them. Sessions have no debugger: see images/lab/README.md.
	@$(UV_LOCK) pyproject.toml --extra lab --extra serve --extra dev \
	    --no-emit-package rfc3987-syntax --no-emit-package lark -o requirements/dev.txt
	@$(UV_LOCK) pyproject.toml --extra lab --extra serve -c requirements/dev.txt \
	    --no-emit-package rfc3987-syntax --no-emit-package lark -o requirements/serve.txt
	@$(UV_LOCK) pyproject.toml --extra lab -c requirements/dev.txt \
	    --no-emit-package rfc3987-syntax --no-emit-package lark --no-emit-package debugpy -o requirements/lab.txt
	@for folder in hub_config/proxy tests/twins/gltf_validator twins/web; do \
	    (cd $$folder && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved=true); done
