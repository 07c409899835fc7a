# One word per chore, the same by hand and in CI (.ci/run).

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTHON ?=
ARGS ?=
# The tests start hundreds of processes; where compiled modules may not be kept, each compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test nights fuzz programs lint dashboards bench catalogue-audit lock clean runtime venv

help:  ## list the chores
	@echo "make CHORE [ARGS='...']:"
	@sed -n 's/^\([a-z-]*\): *[a-z]*  *## \(.*\)/  \1	\2/p' Makefile | expand -t 18

run: runtime  ## watch the demo world, no key needed; ARGS='--web.listen-address :9999'
	@exec $(BIN)/genmedia-exporter demo $(ARGS)

test: programs  ## run the tests on up to four cores; ARGS='-k judge'
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

nights: programs  ## count what people hear in nights and days of trouble; ARGS='-k vendor'
	@$(BIN)/python -m pytest -m 'long_nights or not long_nights' --timeout=0 tests/nights $(ARGS)

programs: venv  ## install the programs that the tests run, or say what is missing
	@$(BIN)/python -m tests.programs

fuzz: venv  ## try thousands of inputs on everything that reads what others write; ARGS='-k web'
	@$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=fuzz --timeout=0 $(ARGS)
	@$(BIN)/python -m tests.bench.costly_inputs
	@$(BIN)/python -m tests.fuzz.by_coverage
	@PATH="$(BIN):$$PATH" $(BIN)/python -m tests.fuzz.by_description

lint: venv  ## ruff, the formatter and mypy --strict, changing nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

dashboards: venv  ## write the Grafana dashboards anew; ARGS=--check only compares
	@$(BIN)/python -m dashboards.src $(ARGS)

bench: venv  ## measure what must stay fast
	@set -e; for file in tests/bench/*.py; do \
	  case $$file in */__init__.py) continue;; esac; \
	  module=$$(echo "$${file%.py}" | tr / .); echo "== $$module"; \
	  $(BIN)/python -m "$$module" $(ARGS); \
	done

catalogue-audit: venv  ## compare models, prices and ends with litellm's price file; edits nothing
	@$(BIN)/python -m tests.providers.audit $(ARGS)

lock: venv  ## write both locks anew; ARGS=--upgrade takes newer versions
	@$(PIP) install --quiet uv
	@$(call compile,--all-extras --group dev,requirements-dev.txt)
	@$(call compile,--all-extras --constraint requirements-dev.txt,requirements.txt)

# Locks what pyproject.toml names, and what building it takes. $(1): which of it, $(2): the lock.
define compile
$(BIN)/python -c 'import tomllib; \
  needs = tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]; \
  print("\n".join([*needs, "editables"]))' \
| $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header $(1) $(ARGS) -o $(2) pyproject.toml -
endef

clean:  ## remove the environment and everything that was made
	rm -rf $(VENV) .litellm .axe build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find exporter tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment holds what the locks name: requirements.txt to run, and for all other chores
# requirements-dev.txt, which has the same and more. It is made anew when a lock or pyproject.toml
# changed; by content, for a checkout changes times without changing files.
runtime:
	@made_of=$$({ cat requirements.txt pyproject.toml; echo "$(PYTHON)"; } | cksum); \
	if [ "$$made_of" = "$$(cat $(VENV)/.runtime 2>/dev/null)" ] \
	  && $(BIN)/python -c '' 2>/dev/null; then exit 0; fi; \
	$(find_python); \
	echo "Making $(VENV) with $$("$$python" --version): the packages that running takes"; \
	"$$python" -m venv --clear $(VENV) || exit 1; \
	$(call install,requirements.txt) || exit 1; \
	$(PIP) install --quiet --no-deps --no-build-isolation -e . || exit 1; \
	echo "$$made_of" > $(VENV)/.runtime

venv:
	@made_of=$$(cksum < requirements-dev.txt); \
	before=$$(cat $(VENV)/.development 2>/dev/null); \
	if [ "$${before:-$$made_of}" != "$$made_of" ]; then rm -rf $(VENV); fi; \
	$(MAKE) --no-print-directory runtime || exit 1; \
	if [ "$$made_of" = "$$(cat $(VENV)/.development 2>/dev/null)" ]; then exit 0; fi; \
	echo "Adding to $(VENV): the packages that tests, linters and dashboards take"; \
	$(call install,requirements-dev.txt) || exit 1; \
	echo "$$made_of" > $(VENV)/.development

# Installs the packages of a lock: by uv where there is one, in a tenth of the time; else by pip, telling each as it
# comes. $(1): the lock.
define install
if command -v uv >/dev/null && UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-https://pypi.org/simple}}" \
  uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); then :; elif ! { $(PIP) install --progress-bar off --require-hashes -r $(1) || echo failed; } | awk ' \
  /^ *(Downloading|Using cached) / && !/metadata/ { \
    file = $$(NF - 2); size = $$(NF - 1) " " $$NF; split(file, part, "-"); \
    printf "  %s %s %s\n", part[1], part[2], size; fflush() } \
  /^Installing collected packages/ { printf "  installing %d packages...\n", NF - 3; fflush() } \
  /^failed$$/ { failed = 1 } \
  END { exit failed }'; then \
  echo "make: the packages of $(1) could not be installed; pip's message stands above." >&2; \
  echo "make: this takes network to a package index (pip reads PIP_INDEX_URL and pip.conf)." >&2; \
  false; \
fi
endef

# Sets $$python to the first Python >= 3.11 that can make environments, or says what is missing.
define find_python
python=; seen=; \
for name in $(if $(PYTHON),'$(PYTHON)',python3.13 python3.12 python3.11 python3); do \
  version=$$("$$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
  if ! "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
    seen="$$seen $$name is $$version, too old."; \
  elif ! "$$name" -c 'import venv, ensurepip' 2>/dev/null; then \
    seen="$$seen $$name is $$version, but lacks venv and ensurepip (on Debian and Ubuntu: apt-get install python$$version-venv)."; \
  else \
    python=$$name; break; \
  fi; \
done; \
if [ -z "$$python" ]; then \
  echo "make: Python 3.11 or newer with venv is needed. Found:$${seen:- none by the name of $(or $(PYTHON),python3.13, python3.12, python3.11 or python3).}" >&2; \
  echo "make: another one can be named: make PYTHON=/path/to/python3.12" >&2; \
  exit 1; \
fi
endef
