# Each target sets up what it needs; nothing has to be done before. `make help` lists them.
PYTHON ?= python3
IN_VENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test test-all test-cluster check format screenshots pictures bench soak docs-check messages clean dev

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: ## Start the sandbox and the portal, and print a link per demo resident
	@$(PYTHON) scripts/demo.py

test: dev ## Run the tests (ARGS="tests/test_x.py -k name" runs some)
	@sh scripts/need.sh chromium-headless-shell redis-server postgresql java npm
	@$(IN_VENV) scripts/node_tools.py
	@sh scripts/test.sh $(ARGS)

test-all: dev ## Run every test, those too that take long and rarely break
	@sh scripts/need.sh chromium-headless-shell redis-server postgresql java npm nginx haproxy caddy
	@$(IN_VENV) scripts/node_tools.py
	@SLOW=1 sh scripts/test.sh

test-cluster: dev ## Kill, freeze and upgrade parts of two hosts behind a balancer
	@sh scripts/need.sh redis-server postgresql haproxy
	@$(IN_VENV) -m pytest tests/cluster -q -s $(ARGS)

check: dev ## Lint, types, templates, style sheet, imports, migrations, deployment, pins
	@sh scripts/need.sh npm
	@$(IN_VENV) scripts/node_tools.py
	@sh scripts/check.sh

format: dev ## Put Python and templates into the form that check asks for
	@.venv/bin/ruff check --fix-only --quiet
	@.venv/bin/ruff format --quiet
	@-git ls-files --cached --others --exclude-standard 'templates/*.html' | xargs .venv/bin/djade --target-version 5.2

screenshots: dev ## Picture every page and state into build/screenshots
	@sh scripts/need.sh chromium-headless-shell
	@$(IN_VENV) -m pytest tests/browser/screenshots.py -q -p no:asyncio -n auto $(ARGS)

pictures: dev ## Take the pictures of docs/staff.md anew
	@sh scripts/need.sh chromium-headless-shell
	@$(IN_VENV) -m pytest tests/browser/staff_pictures.py -q -p no:asyncio $(ARGS)

bench: dev ## Measure the portal beside its peers (BENCH_JSON=file keeps the numbers)
	@$(IN_VENV) -m bench $(ARGS)

soak: dev ## Ask one portal for pages for five minutes (SECONDS_TO_SOAK): does it grow?
	@$(IN_VENV) -m bench.soak

docs-check: ## Follow docs/operations.md in a scratch Debian, as root
	@sh scripts/need.sh debootstrap
	@$(PYTHON) scripts/docs_check.py

clean: ## Remove all that make has made, .venv included
	rm -rf .venv build var .coverage .coverage.* .hypothesis .schemathesis
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

messages: dev ## Bring the languages in locale/ in step with the source
	@$(IN_VENV) scripts/messages.py update

dev:
	@$(PYTHON) scripts/install.py dev
	@$(IN_VENV) scripts/messages.py compile
