# One target for each thing that a person does. `make` alone lists them.
# Works with GNU make 3.81, the one on macOS. Windows: see README.md.

PYTHON ?= python3
# As many as a small machine has cores: some tests ask how long a check takes.
WORKERS ?= 2
MINUTES ?= 60
VENV := .venv
RUN := $(VENV)/bin/python
# uv installs in seconds what takes pip half a minute. Where it is not installed, and with UV= , pip does it.
UV ?= $(shell command -v uv 2>/dev/null)
ifneq ($(strip $(UV)),)
MAKE_VENV = "$(UV)" venv -q --clear --seed --python "$(PYTHON)" $(VENV)
PIP := "$(UV)" pip install -q --compile-bytecode --python $(RUN)
else
MAKE_VENV = "$(PYTHON)" -m venv $(VENV)
PIP := $(RUN) -m pip --disable-pip-version-check -qq install
endif

# PORT=8890 : that port or none.  BROWSER= : open no browser, print the address.
LAB :=
ifneq ($(strip $(PORT)),)
LAB += --port=$(PORT) --ServerApp.port_retries=0
endif
ifneq ($(origin BROWSER),undefined)
ifeq ($(strip $(BROWSER)),)
LAB += --no-browser
endif
endif
# COURSE=ko : the lessons in that language, and JupyterLab too.
COURSE_NEEDS :=
ifneq ($(strip $(COURSE)),)
LAB += --course=$(strip $(COURSE))
COURSE_NEEDS := $(if $(wildcard translations/$(strip $(COURSE))/requirements.txt),$(VENV)/course-$(strip $(COURSE)))
endif
# Stored outputs are those of Linux: error numbers and what the system says of a socket differ.
# Elsewhere every cell must run without an error, and outputs are not compared.
COMPARE := $(if $(filter Linux,$(shell uname)),,--nbval-lax)

.PHONY: help lab fresh test weekly notebooks translations book board hub bench soak mutants lint install clean

help:
	@echo "make lab         open your lessons in JupyterLab (PORT=8890 BROWSER= on a server, COURSE=ko: in Korean)"
	@echo "make test        run all tests (ARGS=... goes to pytest)"
	@echo "make weekly      the long forms of some tests, suites of others, the soak: an hour"
	@echo "make notebooks   run the notebooks and save them as they are committed"
	@echo "make translations   make the lessons of translations/, in notebooks_ko (ARGS=05: one lesson)"
	@echo "make fresh       begin a lesson anew: LESSON=05. Your file is kept under another name"
	@echo "make book        build the web book of the stored notebooks, in build/book (ARGS=06: one lesson)"
	@echo "make board       the class board: votes and progress of a class (ARGS=--help)"
	@echo "make hub         a class on a real JupyterHub: sixteen learners, one lesson (needs npm)"
	@echo "make bench       measure the helpers, and write bench/README.md (ARGS=--help)"
	@echo "make mutants     break right programs and the helpers on purpose: checks and tests must notice"
	@echo "make soak        the tests of tests/soak for an hour (MINUTES=5 SEED=7, ARGS=--help)"
	@echo "make lint        ruff, mypy, and who imports whom"
	@echo "make install     install what the tests need, and no more"
	@echo "make clean       remove $(VENV) and all caches"

lab: $(VENV)/learner $(COURSE_NEEDS)
	@echo "JupyterLab is starting. Control-C twice stops it. To teach with it: docs/teaching.md"
	@$(RUN) -P -m helpers.desk $(LAB)

fresh: $(VENV)/learner
	@$(RUN) -P -m helpers.desk fresh "$(LESSON)" $(filter --course=%,$(LAB))

test: $(VENV)/tester
	@$(RUN) -m pytest -n $(WORKERS) $(COMPARE) $(ARGS)

# No -n: what these tests keep busy is busy enough.
weekly: $(VENV)/tester
	@$(PIP) -e ".[weekly]"
	@$(RUN) -m pytest -m weekly $(COMPARE) $(ARGS)
	@$(RUN) -m tools.suites stdlib tornado waitress websocket-client trio pyftpdlib
	@if command -v npm >/dev/null; then $(MAKE) hub; else echo "npm is missing: make hub is left out"; fi
	@$(RUN) -m bench.soak --minutes=30

notebooks: $(VENV)/tester
	@$(RUN) -m tools.notebooks write

translations: $(VENV)/tester
	@$(RUN) -m tools.translations all $(ARGS)

book: $(VENV)/tester
	@$(RUN) -m tools.book $(ARGS)

board: $(VENV)/learner
	@$(if $(strip $(COURSE)),SOCKET_COURSE_LANG="$(strip $(COURSE))") $(RUN) -P -m helpers.classroom.board $(ARGS)

hub: $(VENV)/tester
	@$(PIP) -e ".[hub]"
	@npm install --silent --prefix $(VENV)/hub configurable-http-proxy@5
	@$(RUN) -m tools.hub $(ARGS)

bench: $(VENV)/tester
	@$(PIP) -e ".[bench]"
	@$(RUN) -m bench $(ARGS)

mutants: $(VENV)/tester
	@$(PIP) -e ".[mutants]"
	@$(if $(ARGS),,$(RUN) -m tools.attack)
	@$(RUN) -m bench.mutants $(ARGS)

soak: $(VENV)/tester
	@$(RUN) -m bench.soak --minutes=$(MINUTES) $(if $(SEED),--seed=$(SEED)) $(ARGS)

lint: $(VENV)/tester
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check
	@$(RUN) -m mypy
	@$(VENV)/bin/lint-imports --no-cache --no-logo

install: $(VENV)/tester

# The two files below say that an installation is complete, and since when.
$(VENV)/learner: requirements.txt pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { \
	    echo "Python is missing: there is no $(PYTHON). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(if $(strip $(UV)),true,"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null) || { \
	    echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing into $(VENV). This is done once and takes about a minute."
	@$(MAKE_VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/course-%: translations/%/requirements.txt $(VENV)/learner
	@$(PIP) -r $<
	@touch $@

$(VENV)/tester: $(VENV)/learner
	@echo "Installing what the tests need."
	@$(PIP) -r requirements.txt -e ".[test]"
	@touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +
