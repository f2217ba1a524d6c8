# `make run` and `make test` each set up all they need; the rest is for who works on the code.
PYTHON ?= python3
BIN := .venv/bin
RUNTIME := $(shell sed -n 's/^ *Runtime: //p' template.yaml)

.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: .venv/ready .venv-emulator/ready ## start the stack on this machine, and show a sample day go round
	@$(BIN)/python -m jbplus_local $(RUN_ARGS)

anew: ## forget the data of earlier runs of make run
	@rm -rf .local/emulator .local/dropserver .local/recipients .local/wewis

outage: .venv/ready ## have the exchange of make run answer 503 for a while: make outage OUTAGE_ARGS="--seconds 30"
	@$(BIN)/python -m jbplus_local.outage $(OUTAGE_ARGS)

test: .venv/ready .venv-emulator/ready ## run all tests, two files at a time
	@# Bytecode is kept, whatever is set: each process would compile all tests, and many compile the product, anew.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

reliability: .venv/ready .venv-emulator/ready ## try faults and load on the functions, and write docs/reliability.md; takes minutes
	@$(BIN)/python -m tests.reliability

search: .venv/ready ## search wider for what published statistics give away; takes minutes
	@SEARCH=1 $(BIN)/pytest tests/statistics/test_search.py $(PYTEST_ARGS)

browser: .venv/ready .venv-emulator/ready .local/axe/ready ## look at the API's page and the written pages in a browser; needs chromium
	@PYTHONPATH=.local/axe $(BIN)/pytest tests/browser/look_at_page.py tests/browser/look_at_written_pages.py $(PYTEST_ARGS)

installs: .venv/ready ## install the product and the recipient's library into empty environments, and run their examples
	@$(BIN)/pytest tests/installs/empty_environments.py $(PYTEST_ARGS)

dropservers: .venv/ready .local/debian/ready ## try the FTPS client on proftpd and vsftpd; as root, with Debian's packages
	@$(BIN)/pytest tests/dropserver/real_servers.py $(PYTEST_ARGS)

check: .venv/ready ## lint, formatting, import rules and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/mypy layers/jbplus/jbplus openapi/jbplus_openapi recipient/jbplus_recipient cli/jbplus_cli local/jbplus_local deploy gates tests benchmarks mutants
	@for function in functions/*/app.py functions/*/build.py; do $(BIN)/mypy "$$function" || exit 1; done

gates: .venv/ready .venv-gates/ready ## look at the template, for secrets and persons' numbers, at licences and known weaknesses
	@$(BIN)/python -m gates

format: .venv/ready ## format the code
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

openapi: .venv/ready ## write docs/openapi.json anew from the code
	@$(BIN)/python -m jbplus_openapi docs/openapi.json

lint-openapi: openapi/lint/node_modules/ready ## look at the API's document with Redocly and Spectral; needs npm
	@cd openapi/lint && REDOCLY_SUPPRESS_UPDATE_NOTICE=true node_modules/.bin/redocly lint ../../docs/openapi.json
	@cd openapi/lint && node_modules/.bin/spectral lint --fail-severity=hint ../../docs/openapi.json

log-codes: .venv/ready ## write docs/log-codes.md anew from the code
	@$(BIN)/python -m jbplus_openapi.log_codes docs/log-codes.md

sandbox: .venv/ready .venv-emulator/ready ## write docs/sandbox.md anew from what a local stack answers
	@$(BIN)/python -m jbplus_local.sandbox docs/sandbox.md

examples: .venv/ready ## write docs/voorbeelden.md anew, by running its examples
	@$(BIN)/python -m tests.examples.page docs/voorbeelden.md

stand-vectors: .venv/ready ## write docs/stand-vectors.json anew: pairs, and what a stand says of them
	@$(BIN)/python -m jbplus_openapi.stand_vectors docs/stand-vectors.json

protocol-map: .venv/ready ## write docs/protocol-map.md anew from the list of obligations
	@$(BIN)/python -m jbplus_cli.evidence.page docs/protocol-map.md

rights: .venv/ready .venv-emulator/ready ## see that each right of each function is needed, by taking it away; takes minutes
	@$(BIN)/pytest -n 2 --dist worksteal tests/e2e/needed_rights.py $(PYTEST_ARGS)

sam: runtime .venv-sam/ready ## validate and build the template as for AWS; needs python3.13, the functions' runtime
	@SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam validate --lint
	@SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam build --cached --parallel

invoke: .venv/ready .aws-sam/build/template.yaml ## run one function in a container against `make run`: make invoke FUNCTION=ConsultationFunction
	@$(BIN)/python -m jbplus_local.invoke "$(FUNCTION)" $(EVENT)

sam-local: .venv/ready .venv-emulator/ready .aws-sam/build/template.yaml ## run each function in a container with its sample event
	@tests/sam_local/run.sh $(PYTEST_ARGS)

deploy: .venv/ready .venv-sam/ready ## deploy ENV of samconfig.toml: make deploy ENV=dev PARAMETERS="Issuer=https://…"; CHECK=1 only checks
	@$(BIN)/python -m deploy $(if $(CHECK),--check) $(ENV) $(PARAMETERS)

runtime:
	@$(RUNTIME) --version >/dev/null 2>&1 || { echo "This needs $(RUNTIME) on the PATH, the functions' runtime, and it is not there. Get it with: \
	pyenv install $(RUNTIME:python%=%) && export PATH=\"\$$(pyenv prefix $(RUNTIME:python%=%))/bin:\$$PATH\" \
	(or: uv python install $(RUNTIME:python%=%), your system's package $(RUNTIME), or https://www.python.org/downloads/)"; exit 1; }

in-step: .venv/ready ## register 100,000 persons, plant seven divergences, and see that a sync names and mends exactly those
	@$(BIN)/python -m tests.stand.hundred_thousand

decade: .venv/ready ## live ten years of the whole circle, then plant faults that must be found, which takes five minutes. DECADE_ARGS="--days 365"
	@$(BIN)/python -m tests.decade $(DECADE_ARGS)
	@$(BIN)/python -m tests.decade --faults

bench: .venv/ready ## measure the built functions beside boto3 alone, the usual way and a floor; FULL=1 measures more
	@$(BIN)/python -m benchmarks $(if $(FULL),--full) $(BENCH_ARGS)

bench-gate: .venv/ready ## fail when a hot path takes 3 % more instructions than it took; REACH=1 writes down what it takes
	@$(BIN)/python -m benchmarks $(if $(REACH),--reach,--gate)

fuzz: .venv-fuzz/ready ## look for bytes that break the intake, led by coverage; FUZZ_ARGS="--seconds 600" looks longer
	@PYTHONPATH=layers/jbplus:openapi:recipient:cli .venv-fuzz/bin/python -m tests.fuzz.guided $(FUZZ_ARGS)

rehearsal: .venv/ready .venv-emulator/ready ## damage persons on a stack of its own, set them back, compare, and tell what it took
	@$(BIN)/python -m tests.e2e.rehearsal $(REHEARSAL_ARGS)

mutants: .venv-mutants/ready ## break the product on purpose, and list what no test notices; MINUTES=10, SEED=1, PARTS="persons/ template.yaml"
	@PYTHONPATH=layers/jbplus:openapi:recipient:cli:local .venv-mutants/bin/python -m mutants \
		--minutes $(or $(MINUTES),10) --seed $(or $(SEED),1) $(PARTS)

requirements: .venv/ready ## pin the newest versions of all requirements, with hashes
	@for name in layers/jbplus/requirements requirements/pip requirements/dev requirements/emulator requirements/sam requirements/gates requirements/fuzz requirements/mutants; do \
		$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
			--upgrade $$name.in --output-file $$name.txt || exit 1; done
	@# What runs in the functions' stead has their runtime alone.
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.13 --no-annotate --no-header \
		--upgrade requirements/sam-local.in --output-file requirements/sam-local.txt
	@# Files of this package are served; what it needs to run is not needed.
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--upgrade --no-deps functions/docs/requirements.in --output-file functions/docs/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--upgrade --no-deps requirements/browser.in --output-file requirements/browser.txt
	@# What the benchmark's rivals import besides the layer's libraries.
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header \
		--upgrade --no-deps benchmarks/rivals/requirements.in --output-file benchmarks/rivals/requirements.txt

clean: ## remove what the targets made
	@rm -rf .venv .venv-emulator .venv-gates .venv-sam .venv-fuzz .venv-mutants .aws-sam .local openapi/lint/node_modules

.aws-sam/build/template.yaml: template.yaml $(shell find functions layers -name '*.py' -o -name '*.txt')
	@$(MAKE) --no-print-directory sam

.venv/ready: requirements/pip.txt requirements/dev.txt pyproject.toml
	@$(call environment,.venv,requirements/dev.txt)
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-emulator/ready: requirements/pip.txt requirements/emulator.txt
	@$(call environment,.venv-emulator,requirements/emulator.txt)
	@touch $@

.local/axe/ready: requirements/browser.txt .venv/ready
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(@D) -r $<
	@touch $@

.venv-sam/ready: requirements/pip.txt requirements/sam.txt
	@$(call environment,.venv-sam,requirements/sam.txt)
	@touch $@

.venv-gates/ready: requirements/pip.txt requirements/gates.txt
	@$(call environment,.venv-gates,requirements/gates.txt)
	@touch $@

.venv-fuzz/ready: requirements/pip.txt requirements/fuzz.txt
	@$(call environment,.venv-fuzz,requirements/fuzz.txt)
	@touch $@

openapi/lint/node_modules/ready: openapi/lint/package-lock.json
	@cd $(dir $<) && npm ci --silent
	@touch $@

# The tests of the local stack look for the emulator's environment.
.venv-mutants/ready: requirements/pip.txt requirements/mutants.txt .venv-emulator/ready
	@$(call environment,.venv-mutants,requirements/mutants.txt)
	@touch $@

# Debian installs one FTP server at a time, so the other is only unpacked.
.local/debian/ready:
	@mkdir -p $(@D)
	@command -v vsftpd >/dev/null || (cd $(@D) && apt-get download -q vsftpd && dpkg-deb -x vsftpd_*.deb . && rm vsftpd_*.deb)
	@touch $@

# An environment of its own for each: the emulator and the SAM command line pin libraries that the code has newer.
define environment
$(PYTHON) -c 'import sys; sys.exit("jbplus needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'; \
echo "Setting up $(1): once, and one to three minutes"; \
$(PYTHON) -m venv $(1) && \
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/pip.txt && \
rm -f $(1)/failed && \
{ $(1)/bin/pip install --progress-bar off --disable-pip-version-check --require-hashes -r $(2) 2>&1 || touch $(1)/failed; } \
	| $(PYTHON) requirements/progress.py $(2) && \
test ! -e $(1)/failed
endef
