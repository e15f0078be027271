# The commands of Wingline. Each sets up what it lacks first: below .venv and .wingline, and nowhere else.
#   make demo     a real call on real SIP phones      (ARGS=--json: one JSON object on the last line)
#   make check    format, lint, types, layers, unit tests; needs no Asterisk
#   make test     everything
#   make run      the line, for a site

PYTHON ?= python3
BIN := .venv/bin
SETUP := $(BIN)/python -m wingline.setup
SUPPLY := .wingline/supply
LOCK := $(SUPPLY)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
  --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"

.PHONY: demo run check test set-up-tests deb bundle guide voice meaning accuracy soak cluster-test install-test lock audit sbom

demo: .venv/ready
	@$(SETUP) line people
	@$(BIN)/wingline demo $(ARGS)

run: .venv/ready
	@$(SETUP) line
	@$(BIN)/wingline up $(ARGS)

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest tests/unit -n 3 -m "not model and not slow"

# What is fetched and unpacked for the rest is, while the quick checks compute. Stories are told when nothing else
# computes: they last as long as people speak, and sound that comes late fails them. A test that hangs is ended by name.
STORIES := tests/stories tests/live tests/contract
REST := -r fER --dist worksteal -o faulthandler_timeout=400 -o faulthandler_exit_on_timeout=true $(ARGS)

test: .venv/ready
	@$(MAKE) --no-print-directory --jobs 2 check set-up-tests
	$(BIN)/pytest tests/unit -n 2 -m "model or slow"
	$(BIN)/pytest tests --ignore=tests/unit $(addprefix --ignore=,$(STORIES)) -n 3 $(REST)
	$(BIN)/pytest $(STORIES) -n 3 $(REST)

set-up-tests: .venv/ready
	@$(SETUP) line people browser bench
	-@$(SETUP) clock

# The pictures of docs/guide, taken by the console's happy paths: after a page of it has changed.
guide: .venv/ready
	@$(SETUP) browser
	WINGLINE_GUIDE=1 $(BIN)/pytest tests/console/test_happy_paths.py

# Natural voices, for who makes the shipped recordings again or writes prompts of their own.
voice: .venv/ready
	@$(SETUP) voice
	$(BIN)/pip install --quiet --editable .[voice]

# The meaning part of speech, learnt again from corpus/ (three quarters of an hour), and docs/accuracy.md.
meaning: .venv/ready
	$(BIN)/pip install --quiet --editable .[train]
	$(BIN)/python -m corpus.grammar
	$(BIN)/python -m corpus.train
	$(BIN)/python -m corpus.calibrate

accuracy: voice
	@$(SETUP) line people
	$(BIN)/python -m corpus.accuracy

# Canaries through many calls, and then looked for everywhere; the stories that take minutes each; then chaos, a run for
# each seed (CALLS=40 SEEDS="1 2 3").
soak: .venv/ready
	@$(SETUP) line people
	-@$(SETUP) clock
	WINGLINE_SOAK_CALLS=$(or $(CALLS),40) $(BIN)/pytest tests/stories/test_canaries.py
	WINGLINE_LONG=1 $(BIN)/pytest $(addprefix tests/stories/test_,exchange_clock.py next_release.py phones_gone.py two_prisons.py)
	@failed=0; for seed in $(or $(SEEDS),1 2 3); do \
	  $(BIN)/wingline chaos --seed $$seed --calls $(or $(CALLS),40) $(ARGS) || failed=1; done; exit $$failed

# Several machines, as in deploy/cluster, each a network namespace on this one: as root (sudo make cluster-test).
cluster-test: .venv/ready
	@$(SETUP) line people bench cluster
	@$(BIN)/python -m wingline.bench.cluster $(ARGS)

# The Debian package in a Debian of its own, whose systemd starts it: as root, with debootstrap and iproute2 (deploy/README.md).
install-test: .venv/ready
	@$(SETUP) line people
	@$(BIN)/python -m wingline.bench.install $(ARGS)

# What .venv is made of, with hashes, after a change of pyproject.toml. Newer ones of the rest: rm requirements.lock first.
lock: $(SUPPLY)/ready
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --group build --output-file build.lock
	$(LOCK) --group supply --output-file supply.lock

# Is any of it known to be weak: asks pypi.org, so it needs the internet.
audit: $(SUPPLY)/ready
	$(SUPPLY)/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

# What is in it (CycloneDX), for whoever must know.
sbom: $(SUPPLY)/ready
	$(SUPPLY)/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible \
	  --output-file wingline.cdx.json

$(SUPPLY)/ready: supply.lock
	$(PYTHON) -m venv --clear $(SUPPLY)
	$(SUPPLY)/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement supply.lock
	@touch $@

# A Debian package into dist/ (WHEELS=1: with every Python package in it), and a signed bundle for a site without internet.
deb: .venv/ready
	deploy/debian/build.sh dist

bundle: .venv/ready
	@$(SETUP) line
	deploy/bundle/build.sh dist $(or $(KEY),$(error Name an SSH key to sign with: make bundle KEY=~/.ssh/id_ed25519))

# Made again when the packages have changed.
.venv/ready: pyproject.toml build.lock requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Wingline needs Python 3.11 or newer as $(PYTHON)."; \
	  echo "  What to do: sudo apt-get install python3 python3-venv (Debian 12, Ubuntu 24.04 and newer),"; \
	  echo "  or name another one: make PYTHON=/path/to/python3.11 demo"; exit 1; }
	@$(PYTHON) -m wingline.setup.environment
