# `make demo` and `make test`; `make prove` takes half an hour more.
# VENV chooses the environment.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test prove lint types style docs bench clean

# The first time it trains; after that the run is there to look at.
demo: $(VENV)/.main
	if [ -f ckpts/unet/run.json ]; then \
		$(BIN)/kn fit --resume ckpts/unet; \
	else \
		$(BIN)/kn fit unet; \
	fi

# Each backend, then the notebooks; `STAGES=jax` runs one of them.
test: $(VENV)/.test
	$(BIN)/python -m tests.suite $(STAGES)

# The long forms of what the suite shows in short: kills, swaps, load.
prove: $(VENV)/.test
	$(BIN)/python -m tests.prove $(PROOFS)

# Each runs on one core: `make -j 2 lint`.
lint: docs types style

types: $(VENV)/.test
	$(BIN)/mypy

style: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/vulture

# Warnings are errors, and so is a reference that leads nowhere.
docs: $(VENV)/.test
	KERAS_BACKEND=tensorflow $(BIN)/python -m sphinx -W --keep-going -n -q \
		docs docs/_build/html

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench.compare

$(VENV)/.main: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kerasnotes needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test: $(VENV)/.main constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt \
		--group test --group dev --group docs \
		--editable ".[jax,torch,onnx,openvino,grpc,ray,backbones,hub]"
	$(BIN)/python -m pip install --quiet --no-deps "kserve>=0.15"
	touch $@

clean:
	rm -rf $(VENV) build dist docs/_build *.egg-info
