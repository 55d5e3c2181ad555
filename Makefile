# Two commands are all there is to know: `make demo` and `make test`. Both set up .venv by themselves.
# Kept to what GNU make 3.81 (macOS) and a plain sh can do.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check coverage laws lint setup setup-dev lock clean torture soak rush fuzz hostile bench bench-reading bench-verdicts bench-histories bench-alignment bench-events bench-storage bench-dispatch bench-discovery bench-polling
# A Python path of the caller's must not shadow what .venv holds; and where Python may not keep what it has
# compiled, each of the many processes of a test run compiles all of it again.
unexport PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE

PY := .venv/bin/python
on = $(filter-out 0,$(1))

# PYTHON chooses on the command line only: in the environment it is often meant for another program.
ifeq ($(origin PYTHON),environment)
PYTHON :=
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

demo: setup ## half a minute of the real thing (KEEP=1: stays up, JSON=1: one JSON line an event)
	@$(PY) -m demo $(if $(call on,$(KEEP)),--keep) $(if $(call on,$(JSON)),--json)

# A worker that has nothing left takes tests from one that has: a few are much longer than the rest.
PYTEST = $(PY) -m pytest -n auto --dist worksteal

test: lint ## lint, types, import order, all tests
	$(PYTEST)

check: lint ## the fast part: the same without the slow tests
	$(PYTEST) -m "not slow"

coverage: setup-dev ## all tests again, measured: which lines and branches they reach (twice as long)
	$(PYTEST) --cov --cov-report=term

laws: setup-dev ## the laws alone, each tried twenty times as often (TIMES=20)
	WRITETHRU_LAWS='$(or $(TIMES),20)' $(PYTEST) -m hypothesis

torture: setup-dev ## kills, power cuts, full disks: the long forms, an hour or more (FORM=name: one of them; COUNT=n)
	@$(PY) -m tests.torture $(FORM) $(if $(COUNT),--count $(COUNT))

soak: setup-dev ## a thousand hosts, 200 of them hostile, for an hour (HOURS=n, FORM=isolation: how late the others are)
	@$(PY) -m tests.soak $(or $(FORM),soak) $(if $(HOURS),--hours $(HOURS))

rush: setup-dev ## the real daemon in fast motion: 500 stories on 40 hosts, a day in twelve minutes (ARGS=more options)
	@$(PY) -m tests.rush $(ARGS)

fuzz: setup-dev ## random input for everything that reads what others wrote, until interrupted (TARGET=name, SECONDS=n, DATA=folder)
	@$(PY) -m tests.fuzz $(TARGET) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(DATA),--data '$(DATA)')

hostile: setup-dev ## every bad answer of a server, each twenty times in a row (ROW=n: one row, COUNT=n)
	@$(PY) -m tests.hostile $(if $(ROW),--row $(ROW)) $(if $(COUNT),--count $(COUNT))

bench: bench-reading bench-verdicts bench-histories bench-alignment bench-events bench-storage bench-dispatch bench-discovery ## all of them (DATA=folder of the sets, ARGS=more options)

bench-reading: setup-dev ## how well pages are read, beside other readers (DATA=folder)
	@$(PY) -m benchmarks.reading --data '$(DATA)' $(ARGS)

bench-verdicts: setup-dev ## are articles told from what is none (DATA=folder)
	@$(PY) -m benchmarks.verdicts --data '$(DATA)' $(ARGS)

bench-histories: setup-dev ## what is raised and missed between two looks (DATA=folder)
	@$(PY) -m benchmarks.histories --data '$(DATA)' $(ARGS)

bench-alignment: setup-dev ## how well two versions are aligned, beside other ways (DATA=folder)
	@$(PY) -m benchmarks.alignment --data '$(DATA)' $(ARGS)

bench-events: setup-dev ## what is told of labelled pairs of sentences (DATA=folder)
	@$(PY) -m benchmarks.events --data '$(DATA)' $(ARGS)

bench-storage: setup-dev ## what keeping costs: bytes, time, growth (DATA=folder, ARGS="--scale 10000 1000000": larger archives, made)
	@$(PY) -m benchmarks.storage --data '$(DATA)' $(ARGS)

bench-dispatch: setup-dev ## what it costs to know whose turn it is, at 10,000 articles and at a million (ARGS=more options)
	@$(PY) -m benchmarks.dispatch $(ARGS)

bench-discovery: setup-dev ## are the articles of feeds, sitemaps and pages found, and robots.txt obeyed (DATA=folder)
	@$(PY) -m benchmarks.discovery --data '$(DATA)' $(ARGS)

bench-polling: setup-dev ## what the polling policy sees of newsrooms, beside other schedules; needs numpy (DATA=folder)
	@$(PY) -m benchmarks.polling --data '$(DATA)' $(ARGS)

lint: setup-dev ## lint, format, types, import order
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

setup: ## .venv with what Writethru needs to run (PYTHON=/path/to/python3 chooses one)
	@PYTHON='$(PYTHON)' sh tools/setup.sh

setup-dev: ## .venv with what testing needs as well
	@PYTHON='$(PYTHON)' sh tools/setup.sh dev

# The build backend is locked too: the project is installed without build isolation.
COMPILE = build/uv/bin/uv --no-config pip compile \
	--universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	--custom-compile-command 'make lock' $(if $(call on,$(UPGRADE)),--upgrade)

lock: setup ## rewrite the locks after a change in pyproject.toml (UPGRADE=1: newest of everything)
	$(PY) -m venv build/uv
	build/uv/bin/python -m pip install --quiet --upgrade uv
	printf 'pip\n' | $(COMPILE) - -o tools/pip.lock
	printf 'setuptools\n' | $(COMPILE) - pyproject.toml -o requirements.lock
	printf 'setuptools\n' | $(COMPILE) - pyproject.toml -o requirements-dev.lock --extra dev -c requirements.lock

clean: ## remove .venv and everything else that make has made
	rm -rf .venv build dist *.egg-info .coverage .coverage.* .hypothesis demo-run
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
