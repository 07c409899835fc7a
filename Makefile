# One word per chore, the same by hand and in CI (.ci/run).

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
ARGS ?=

.PHONY: help run test lint dashboards bench lock clean venv

help:  ## list the chores
	@echo "make CHORE [ARGS='...']:"
	@sed -n 's/^\([a-z]*\): *[a-z]*  *## \(.*\)/  \1	\2/p' Makefile | expand -t 14

run: venv  ## watch the demo world, no key needed; ARGS='--web.listen-address :9999'
	@exec $(BIN)/genmedia-exporter demo $(ARGS)

test: venv  ## run the tests; ARGS='-k judge'
	@$(BIN)/python -m pytest $(ARGS)

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

lock: venv  ## write requirements-dev.txt anew; ARGS=--upgrade takes newer versions
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/python -c 'import tomllib; \
	  needs = tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]; \
	  print("\n".join([*needs, "editables"]))' \
	| $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --group dev $(ARGS) -o requirements-dev.txt pyproject.toml -

clean:  ## remove the environment and everything that was made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find exporter tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment holds exactly what the lock names. It is made anew when the lock or pyproject.toml
# changed; by content, for a checkout changes times without changing files.
venv:
	@made_of=$$({ cat requirements-dev.txt pyproject.toml; echo "$(PYTHON)"; } | cksum); \
	if [ "$$made_of" = "$$(cat $(VENV)/.made-of 2>/dev/null)" ] \
	  && $(BIN)/python -c '' 2>/dev/null; then exit 0; fi; \
	$(find_python); \
	echo "Making $(VENV) with $$("$$python" --version)..."; \
	"$$python" -m venv --clear $(VENV) || exit 1; \
	install='$(BIN)/python -m pip --disable-pip-version-check install --quiet'; \
	if ! $$install --require-hashes -r requirements-dev.txt; then \
	  echo "make: the packages of requirements-dev.txt could not be installed; pip's message stands above." >&2; \
	  echo "make: this takes network to a package index (pip reads PIP_INDEX_URL and pip.conf)." >&2; \
	  exit 1; \
	fi; \
	$$install --no-deps --no-build-isolation -e . || exit 1; \
	echo "$$made_of" > $(VENV)/.made-of

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
