# «Моё здоровье». `make` alone lists what can be done.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --no-header --generate-hashes --universal --python-version 3.11
SOURCES := backend geo graphql_schema identity mobile_contracts notifications tests

.DEFAULT_GOAL := help
.PHONY: help run test check lint types layers contracts bench bench-check kills fuzz install install-dev explorer explorer-if-node lock docs clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install explorer-if-node ## Everything a newcomer needs: database, demo region, simulators, server on 127.0.0.1:8000
	@exec $(BIN)/zdorovye run

test: install-dev explorer-if-node ## The whole suite on SQLite and on a real PostgreSQL, in parallel and random order
	@$(BIN)/python -m pytest -n 3

check: install-dev lint types layers contracts ## Lint, types, the staircase, contracts, then the whole suite
	@$(MAKE) --no-print-directory test

lint: install-dev ## ruff, unused dependencies, dead code
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/deptry . 2>&1 | tail -n 20
	@$(BIN)/vulture

types: install-dev ## mypy --strict, tests included
	@$(BIN)/mypy

layers: install-dev ## The one staircase
	@$(BIN)/lint-imports --no-logo

contracts: install-dev ## The promise to the clients: schema, operations, manifests
	@$(BIN)/zdorovye contracts check

bench: install-dev tests/bench/peers/node_modules/.installed ## Measure ours beside REST, Strawberry, Mercurius, PostGraphile; writes docs/performance.md
	@$(BIN)/python -m tests.bench

bench-check: install-dev tests/bench/peers/node_modules/.installed ## A short run: ratios must not be worse than the committed ones
	@$(BIN)/python -m tests.bench --check

kills: install-dev ## 50 kill -9 of the process that sends, on each engine: nothing lost, nothing shown twice
	@ZDOROVYE_TEST_KILLS=50 $(BIN)/python -m pytest --timeout 900 -s tests/notifications/test_workers.py

fuzz: install-dev ## 100,000 random operations: the compiled executor against graphql-core (CASES=n for another count)
	@$(BIN)/python -m tests.graphql_schema.equality.campaign $(or $(CASES),100000)

install: .venv/.runtime ## Virtual environment with the locked runtime

install-dev: .venv/.dev .venv/.graphql-core-tests .venv/.esia-independent ## The same, with what tests and checks need

explorer: ## Build GraphiQL with the explorer (needs Node >= 20)
	@cd graphql_schema/explorer && npm ci --silent && npm run --silent build

explorer-if-node: graphql_schema/explorer/dist/.built

lock: .venv/.bootstrap ## Resolve every dependency anew into hashed locks
	@$(COMPILE) --upgrade pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) --upgrade pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	@$(COMPILE) --upgrade --group pyproject.toml:bootstrap -o requirements/bootstrap.txt
	@echo graphql-core | $(COMPILE) --no-deps --no-annotate -c requirements/runtime.txt - -o requirements/graphql-core-tests.txt
	@printf 'pytest-describe\nuv-build>=0.13,<0.14\n' | \
		$(COMPILE) --no-deps --no-annotate --upgrade - -o requirements/graphql-core-tests-tools.txt
	@printf 'esia-connector\npyjwt<2\ncryptography\npytz\nrequests\n' | $(COMPILE) --no-annotate --upgrade - -o requirements/esia-independent.txt
	@echo setuptools | $(COMPILE) --no-annotate --upgrade - -o requirements/esia-independent-tools.txt

clean: ## Remove what these targets made (the data folder stays)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@rm -rf graphql_schema/explorer/node_modules graphql_schema/explorer/dist tests/wire/node_modules tests/bench/peers/node_modules

.venv/.bootstrap: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "zdorovye needs Python 3.11 or newer; $$($(PYTHON) --version 2>&1) found. Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "the venv module is missing: install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/.runtime: .venv/.bootstrap requirements/runtime.txt pyproject.toml
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements/dev.txt tests/wire/package-lock.json
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@if command -v npm >/dev/null; then cd tests/wire && npm ci --silent; \
		else echo "Node is missing: the GraphQL-over-HTTP audit will be skipped, and CI refuses a skip"; fi
	@touch $@

# graphql-core's own tests come with its source archive only; building its metadata needs uv-build, and the tests pytest-describe.
.venv/.graphql-core-tests: .venv/.bootstrap requirements/graphql-core-tests.txt requirements/graphql-core-tests-tools.txt
	@rm -rf .venv/graphql-core-tests
	@$(BIN)/uv pip install -q --python $(BIN)/python --target .venv/graphql-core-tests/tools --no-deps --require-hashes \
		-r requirements/graphql-core-tests-tools.txt
	@PYTHONPATH="$(CURDIR)/.venv/graphql-core-tests/tools" PATH="$(CURDIR)/.venv/graphql-core-tests/tools/bin:$$PATH" \
		$(BIN)/python -m pip download -q --disable-pip-version-check --no-deps --no-build-isolation --require-hashes \
		--no-binary graphql-core -d .venv/graphql-core-tests -r requirements/graphql-core-tests.txt
	@cd .venv/graphql-core-tests && for archive in graphql_core-*.tar.gz; do tar -xzf "$$archive" && rm "$$archive"; done && rm -r graphql_core-*/src
	@touch $@

# A client of ESIA that others wrote, against which the simulator is held; it needs an old PyJWT, and setuptools to be built.
.venv/.esia-independent: .venv/.bootstrap requirements/esia-independent.txt requirements/esia-independent-tools.txt
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .venv/esia-independent
	@$(BIN)/uv pip install -q --python .venv/esia-independent/bin/python --require-hashes -r requirements/esia-independent-tools.txt
	@$(BIN)/uv pip install -q --python .venv/esia-independent/bin/python --require-hashes --no-build-isolation \
		-r requirements/esia-independent.txt
	@touch $@

tests/bench/peers/node_modules/.installed: tests/bench/peers/package-lock.json
	@if command -v npm >/dev/null; then cd tests/bench/peers && npm ci --silent --ignore-scripts && touch node_modules/.installed; \
		else echo "Node is missing: Mercurius and PostGraphile will be left out"; fi

graphql_schema/explorer/dist/.built: graphql_schema/explorer/package-lock.json $(wildcard graphql_schema/explorer/src/*)
	@if command -v npm >/dev/null && node -e 'process.exit(+(parseInt(process.versions.node) < 20))'; then \
		echo "building the GraphQL explorer…"; $(MAKE) --no-print-directory explorer && touch $@ || \
		echo "the explorer could not be built (see above): the server runs without it; try again with: make explorer"; \
		else echo "Node 20 or newer is missing: GET /graphql will show how to build the explorer instead of it"; fi
