# One word each. Every target makes the virtual environment it needs (see scripts/venv).
#
#   make test PYTHON=3.11          another interpreter (default: the newest found)
#   make test ARGS="-n 2 -k ratchet"    more arguments for pytest
#   make test WHEEL=dist/x.whl     test a built wheel, not the checkout

PYTHON ?=
ARGS ?=
WHEEL ?=
export PYTHON
# The suite starts hundreds of interpreters.
unexport PYTHONDONTWRITEBYTECODE

subject = $(if $(WHEEL),wheel $(WHEEL),test -e .)

platform = platform-infrastructure platform-before platform-halfway platform-after platform-service platform-rollback platform-workspaces
platform_checks = platform-mutations platform-tables platform-migrate

.PHONY: $(platform) $(platform_checks) demo prove test browser coverage lint format readme docs comparison bench costs harm fuzz wheel clean

demo: ## Run the plugin on examples/quickstart in all three phases, and the gate on examples/agent_platform
	@bin=$$(scripts/venv demo -e . --group demo) && PATH="$$bin:$$PATH" examples/quickstart/demo && \
	"$$bin/python" examples/agent_platform/run.py demo

prove: ## Plant a use of everything that the examples' configurations declare, and see that each is noticed
	@bin=$$(scripts/venv demo -e . --group demo) && for tree in quickstart agent_platform/before agent_platform/after; do \
	echo "== $$tree" && (cd "examples/$$tree" && "$$bin/ssot-tracker" prove $(ARGS)) || exit 1; done

# The phases of issue #220's test plan (see examples/agent_platform/README.md).
platform-infrastructure: arguments = before -m infrastructure
platform-before: arguments = before
platform-halfway: arguments = halfway
platform-after: arguments = after
platform-service: arguments = service
platform-rollback: arguments = rollback
platform-workspaces: arguments = workspaces
$(platform): ## Run one phase of the plan on the example, its server as a service, its rollback triggers, or make the folders in which its commands run
	@bin=$$(scripts/venv demo -e . --group demo) && "$$bin/python" examples/agent_platform/run.py $(arguments) $(ARGS)

platform-mutations: script = mutate
platform-tables: script = tables
platform-migrate: script = migrate
$(platform_checks): ## Break the example's trees on purpose and see each row notice it; check its README's tables, ARGS=--write makes them; migrate one to the other by fix
	@bin=$$(scripts/venv demo -e . --group demo) && "$$bin/python" examples/agent_platform/$(script).py $(ARGS)

test: ## Run the test suite
	@bin=$$(scripts/venv $(subject) --group test) && "$$bin/pytest" $(or $(ARGS),-n auto --dist worksteal)

browser: ## Run the browser tests of the HTML report; they need chromium and chromedriver
	@bin=$$(scripts/venv $(if $(WHEEL),browser-wheel $(WHEEL),browser -e .) --group test --group browser) && \
	SSOT_BROWSER=required "$$bin/pytest" tests/browser $(ARGS)

coverage: ## Run the test suite with branch coverage, and hold it to the floor in pyproject.toml
	@bin=$$(scripts/venv $(subject) --group test) && rm -f .coverage .coverage.* && \
	"$$bin/coverage" run "$$bin/pytest" $(ARGS) && "$$bin/coverage" combine --quiet && "$$bin/coverage" report

bench: ## Compare calls, suites, memory and results with the peers, and tests of others with themselves; ARGS goes to benchmarks/suites.py
	@bin=$$(scripts/venv bench -e . --group bench) && "$$bin/python" benchmarks/peers.py && \
	"$$bin/python" benchmarks/memory.py && "$$bin/python" benchmarks/memory.py --result && \
	"$$bin/python" benchmarks/memory.py --session && "$$bin/python" benchmarks/sites.py && \
	mkdir -p .venvs/others && "$$bin/python" benchmarks/others.py .venvs/others && \
	"$$bin/python" benchmarks/suites.py $(ARGS)

costs: ## Hold what the plugin costs, in instructions, to the limits in benchmarks/regression.py; needs valgrind
	@bin=$$(scripts/venv costs -e .) && "$$bin/python" benchmarks/regression.py

harm: ## Run suites of other projects without and with the plugin, and show what differs; ARGS names some of them
	@python=$$(scripts/pythons 3.13) && older=$$(scripts/pythons 3.11) && mkdir -p .venvs/harm && \
	"$$python" benchmarks/harm/suites.py .venvs/harm --python "$$python" --python "$$older" $(ARGS) && \
	"$$python" benchmarks/harm/combinations.py .venvs/harm

fuzz: ## Fuzz configuration, results, baseline and scanner, SECONDS each (default 60)
	@bin=$$(scripts/venv fuzz -e . --group fuzz) && for name in configuration results baseline scanner; do \
	echo "== $$name" && "$$bin/python" tests/fuzz/targets.py $$name $(or $(SECONDS),60) || exit 1; done

lint: ## Check style, format, types, the direction of imports and the changelog fragments
	@bin=$$(scripts/venv lint -e . --group lint) && PATH="$$bin:$$PATH" scripts/lint

format: ## Format the code as `make lint` wants it
	@bin=$$(scripts/venv lint -e . --group lint) && "$$bin/ruff" check --fix . && "$$bin/ruff" format .

readme: ## Bring the files and outputs shown in README.md and docs/ up to date, docs/commands.md, and the schema of the result
	@bin=$$(scripts/venv demo -e . --group demo) && "$$bin/python" scripts/readme.py --write && "$$bin/python" scripts/commands.py --write && \
	"$$bin/python" scripts/result_schema.py --write

docs: export NO_MKDOCS_2_WARNING = 1
docs: ## Build the documentation into site/, a warning is an error; check that its comparison is up to date
	@bin=$$(scripts/venv docs -e . --group docs) && "$$bin/python" scripts/neighbours.py && \
	"$$bin/python" scripts/commands.py && "$$bin/mkdocs" build --quiet --strict

comparison: ## Bring the table in docs/comparison.md up to date
	@bin=$$(scripts/venv docs -e . --group docs) && "$$bin/python" scripts/neighbours.py --write

wheel: ## Build dist/*.tar.gz, and dist/*.whl from it
	@bin=$$(scripts/venv build --group build) && rm -rf dist && "$$bin/python" -m build --outdir dist .

clean: ## Remove what the other targets made
	rm -rf .venvs dist site .coverage .coverage.* htmlcov .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
