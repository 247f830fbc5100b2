# Everything that is needed is made here: a virtual environment of its own, nothing outside the checkout.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   := .venv-data
OUT    := outputs/demo
TORCH  := torch==2.13.0

.PHONY: demo test test-data clean

demo: $(VENV)/.demo ## generate the scan tunnel's first shots, 11 times 3 cameras, and say where to look
	mkdir -p $(dir $(OUT))
	$(BIN)/synthgen generate recipes/scan_tunnel.yaml -o $(OUT) -n 11 --exact --workers 2 --ranks 1
	$(BIN)/synthgen preview recipes/scan_tunnel.yaml -n 3 -o $(OUT)/sheet.png
	@echo
	@echo "shards         $(OUT)/train/*.tar and $(OUT)/val/*.tar"
	@echo "contact sheet  $(OUT)/sheet.png"
	@echo "try next       $(BIN)/synthgen preview recipes/rack_aisle.yaml -n 2 -o outputs/rack_aisle.png"

test: $(VENV)/.dev ## lint, types and tests: all that CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/pytest

test-data: $(DATA)/.ready ## engines, S3, loaders, training: what needs more than the core
	$(DATA)/bin/pytest tests_data

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || (apt-get update && apt-get install -y python3-venv && $(PYTHON) -m venv $(VENV))

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[fast,data,report]'
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[fast,dev]'
	touch $@ $(VENV)/.demo

$(DATA)/.ready: pyproject.toml
	$(PYTHON) -m venv $(DATA) || (apt-get update && apt-get install -y python3-venv && $(PYTHON) -m venv $(DATA))
	$(DATA)/bin/pip install --quiet --disable-pip-version-check $(TORCH)
	$(DATA)/bin/pip install --quiet --disable-pip-version-check -e '.[fast,dev,report,torch,dask,ray,s3,dev-data]'
	touch $@

clean: ## forget the environments and what was made
	rm -rf $(VENV) $(DATA) .venvs outputs/demo
