# Two commands matter: `make demo` plays the exercise, `make test` is everything CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCKS := requirements/core.txt requirements/build.txt
# Other people's programs that the tests talk to, each in an environment of its own.
PEERS := $(VENV)/peers/taky/.installed $(VENV)/peers/schemathesis/.installed

.PHONY: demo setup console test lint unit soak lock clean

demo: setup  # stays and serves the running night until Ctrl-C; without the console: windhover demo --no-serve
	$(BIN)/windhover demo --out out/demo

setup: $(STAMP) console

# The console of web/, built into the package; nothing is done where nothing in web/ changed.
console: $(STAMP)
	@$(BIN)/python hatch_build.py

$(STAMP): $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Windhover needs Python 3.11 or newer: set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/peers/%/.installed: requirements/peer-%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.tested: $(STAMP) requirements/test.txt $(PEERS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@

test: $(VENV)/.tested lint unit

lint: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/.tested console
	$(BIN)/python -m pytest -n 2 -m "not soak"

# Hours: kill series, two hundred nights, fuzzing by the million. Its dated result is quoted in docs/measured.md.
soak: $(VENV)/.tested $(VENV)/peers/atheris/.installed
	$(BIN)/python -m pytest -m soak -s
	WINDHOVER_HYPOTHESIS=search $(BIN)/python -m pytest -n 2 -m "not soak and not browser"
	$(BIN)/python -m tests.fuzz.soak --runs 10000000
	$(BIN)/windhover bench nights --count 200 --first 1000

# Rewrites the hash-locked requirements; needs uv (pip install uv). No registry is named in what it writes.
UVC := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet
lock:
	rm -f requirements/*.txt
	$(UVC) pyproject.toml -o requirements/core.txt
	$(UVC) requirements/build.in -o requirements/build.txt
	$(UVC) requirements/node.in -o requirements/node.txt
	$(UVC) pyproject.toml --extra test -c requirements/core.txt -o requirements/test.txt
	$(UVC) pyproject.toml --extra peers -c requirements/core.txt -o requirements/peers.txt
	$(UVC) pyproject.toml --extra feeds -c requirements/core.txt -o requirements/feeds.txt
	$(UVC) pyproject.toml --extra weather -c requirements/core.txt -o requirements/weather.txt
	for peer in taky schemathesis atheris; do $(UVC) requirements/peer-$$peer.in -o requirements/peer-$$peer.txt; done

clean:
	rm -rf $(VENV) out dist build web/node_modules web/.generated src/windhover/server/static
