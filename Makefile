# Two commands matter: `make demo` shows the main job, `make test` checks everything.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test check editors pictures benchmark clean

demo: $(VENV)/.runtime
	$(BIN)/dowse demo

test: check
	$(BIN)/python -m pytest -m "not editor"

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

editors: $(VENV)/.test
	VENV=$(abspath $(VENV)) tests/e2e/install.sh
	$(BIN)/python -m pytest -m editor

pictures: $(VENV)/.test
	VENV=$(abspath $(VENV)) tests/e2e/install.sh
	DOWSE_SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/e2e/test_vscode.py -k with_the_model
	$(BIN)/python -m tests.e2e.picture

benchmark: $(VENV)/.test
	$(BIN)/python -m pip install --quiet onnx onnxruntime usearch
	$(BIN)/python -m benchmarks

$(VENV)/.runtime: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	@echo "Installing; llama.cpp is compiled for this machine, which takes about ten minutes once."
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable ".[train,test]"
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
