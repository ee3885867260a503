# osteogait: make run | test | bench | lint.  Everything is set up by what is asked for; nothing but Debian 12/13 with
# python3, make and the package registries is assumed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
LAB := .venv-lab
TFLITE := .venv-tflite
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONDONTWRITEBYTECODE =

.PHONY: help run demo screenshots test test-lab test-tflite test-vm bench bench-peers bench-boosting accuracy lint lab train wheel pi-selftest lock clean

help:
	@echo "make run        set up, then the station on the screen, with an example person and a simulated sensor"
	@echo "make demo       set up, then a whole screening of a simulated person without a screen"
	@echo "make test       all tests (training has an environment of its own)"
	@echo "make test-tflite        the model's tests once more on tflite-runtime and numpy 1 (Python 3.11)"
	@echo "make test-vm    the radio's tests with a real bluetoothd in an emulated machine (fetches 100 MB, some minutes)"
	@echo "make screenshots        a picture of every page in both languages and all sizes, in build/screenshots"
	@echo "make lint       ruff, mypy, import contracts"
	@echo "make bench      measured speeds as a table"
	@echo "make bench-peers        the same beside mobgap and scikit-digital-health, whose environments it makes"
	@echo "make bench-boosting     speed of the network beside XGBoost and LightGBM, whose environment it makes"
	@echo "make accuracy   scores of ours and both peers on the open recordings, written to docs/accuracy.md"
	@echo "make train COHORT=DIR   retrain the fusion model into models/osteofusion/bundle"
	@echo "make pi-selftest        the built wheel on an emulated Raspberry Pi 4 (ARM64=path of the emulator script)"

# --- set-up ---------------------------------------------------------------------------------------------------------
$(VENV)/.run: requirements/run.txt pyproject.toml deploy/debian-packages
	@deploy/install-debian-packages run
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/build.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@deploy/install-debian-packages dev
	@echo "Installing the development tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

$(LAB)/.lab: requirements/lab.txt pyproject.toml | $(VENV)/.run
	@deploy/install-debian-packages run
	@test -x $(LAB)/bin/python || $(PYTHON) -m venv $(LAB)
	@echo "Installing the training environment into $(LAB) (about 1.5 GB) ..."
	@$(LAB)/bin/python -m pip install --quiet --require-hashes -r requirements/lab.txt
	@$(LAB)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# the old TFLite runtime: Python 3.11 and numpy 1 only
$(TFLITE)/.tflite: requirements/tflite.txt pyproject.toml | $(VENV)/.run
	@deploy/install-debian-packages run
	@test -x $(TFLITE)/bin/python || $(PYTHON) -m venv $(TFLITE)
	@echo "Installing tflite-runtime with numpy 1 into $(TFLITE) ..."
	@$(TFLITE)/bin/python -m pip install --quiet --require-hashes -r requirements/tflite.txt
	@$(TFLITE)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lab: $(LAB)/.lab

# --- the main job -----------------------------------------------------------------------------------------------------
run: $(VENV)/.run
	@$(BIN)/osteogait serve --example --open $(RUN)

demo: $(VENV)/.run
	@$(BIN)/osteogait demo $(DEMO)

# --- checks -----------------------------------------------------------------------------------------------------------
test: $(VENV)/.dev test-lab
	$(BIN)/python -m pytest $(PYTEST)

test-lab: $(LAB)/.lab
	$(LAB)/bin/python -m pytest tests/osteofusion/lab $(PYTEST)

# everything that an engine or numpy 1 could answer differently; elsewhere than on Python 3.11 there is no such wheel
test-tflite:
	@if $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; \
	then $(MAKE) --no-print-directory $(TFLITE)/.tflite && \
	  $(TFLITE)/bin/python -m pytest tests/osteofusion tests/osteogait/assessment/test_engines.py $(PYTEST); \
	else echo "tflite-runtime is skipped: its last wheel is for Python 3.11, this is $$($(PYTHON) --version)."; fi

# nothing is installed: the packages of group vm are unpacked below build/vm
test-vm: $(VENV)/.dev
	$(BIN)/python -m pytest -m vm tests/vm $(PYTEST)

screenshots: $(VENV)/.dev
	$(BIN)/python tests/browser/screenshots.py $(ROOMS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python tests/bench/bench.py
	@if [ -d "$${OSTEOGAIT_SHARED:-../shared}/data/gait" ]; then $(MAKE) --no-print-directory bench-peers; \
	else echo "Beside the two open toolboxes: make bench-peers, where the open recordings are (set OSTEOGAIT_SHARED)."; fi

bench-peers: $(VENV)/.dev
	@deploy/install-debian-packages peers
	$(BIN)/python tests/accuracy/bench_peers.py

bench-boosting: $(VENV)/.dev
	@deploy/install-debian-packages peers
	OMP_NUM_THREADS=1 $(BIN)/python tests/bench/boosting.py

accuracy: $(VENV)/.dev
	@deploy/install-debian-packages peers
	OMP_NUM_THREADS=1 $(BIN)/python tests/accuracy/accuracy.py

# --- model and packages -------------------------------------------------------------------------------------------------
WORK ?= build/lab
BUNDLE ?= models/osteofusion/bundle
train: $(LAB)/.lab
	@test -n "$(COHORT)" || { echo "make train COHORT=DIR  (folder with the survey tables)"; exit 2; }
	@mkdir -p "$(WORK)"
	$(LAB)/bin/python -m osteofusion.lab cohort --data "$(COHORT)" --work "$(WORK)" --report docs/cohort-report.md
	$(LAB)/bin/python -m osteofusion.lab train --work "$(WORK)"
	$(LAB)/bin/python -m osteofusion.lab rehearse --work "$(WORK)"
	$(LAB)/bin/python -m osteofusion.lab quantize --work "$(WORK)" --out "$(BUNDLE)"
	$(LAB)/bin/python -m osteofusion.lab evaluate --work "$(WORK)" --bundle "$(BUNDLE)" --report docs/model-report.md \
	    $(if $(EVIDENCE),--evidence "$(EVIDENCE)")
	@echo "Sign it before use: $(BIN)/osteogait model sign --key FILE $(BUNDLE)"

wheel: $(VENV)/.dev
	@rm -rf dist
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist

pi-selftest: wheel
	@test -n "$(ARM64)" || { echo "make pi-selftest ARM64=PATH  (script that makes and runs an emulated arm64 Debian)"; exit 2; }
	@deploy/install-debian-packages pi
	deploy/pi-selftest "$(ARM64)" dist/osteogait-*.whl

# --- upkeep -----------------------------------------------------------------------------------------------------------
lock: $(VENV)/.dev
	deploy/lock

clean:
	rm -rf $(VENV) $(LAB) $(TFLITE) .venv-peers dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
