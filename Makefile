# Two commands: `make demo` and `make test`. VENV chooses the environment.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
BACKENDS = tensorflow jax torch

.PHONY: demo test lint bench clean

# The first time it trains; after that the run is there to look at.
demo: $(VENV)/.main
	if [ -f ckpts/unet/run.json ]; then \
		$(BIN)/kn fit --resume ckpts/unet; \
	else \
		$(BIN)/kn fit unet; \
	fi

test: $(VENV)/.test
	for backend in $(BACKENDS); do \
		echo "== $$backend"; \
		KERAS_BACKEND=$$backend OMP_NUM_THREADS=1 \
			$(BIN)/python -m pytest -n 2 --dist loadfile || exit 1; \
	done
	KERAS_BACKEND=tensorflow OMP_NUM_THREADS=1 \
		$(BIN)/python -m pytest -n 2 --nbmake notebooks

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

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
		--group test --group dev \
		--editable ".[jax,torch,onnx,openvino,grpc,ray]"
	$(BIN)/python -m pip install --quiet --no-deps "kserve>=0.15"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
