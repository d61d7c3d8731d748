# make demo   four decisions on real customer data: a summary here, pictures in demo-output/report.html
# make test   everything that must hold before a change lands
# make bench  side by side with other libraries, and criterion; figures go to docs/performance.md by hand
# make docs   the Rust reference, in target/doc
#
# Each needs cargo, python3 (3.10 or later, with venv) and the package registries, and sets up the rest itself.

PYTHON ?= python3
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
MATURIN := cd python && PIP_QUIET=1 PIP_DISABLE_PIP_VERSION_CHECK=1 VIRTUAL_ENV=$(CURDIR)/$(VENV) PATH="$(BIN):$$PATH" maturin develop --quiet --locked
CONFIG := --config $(CURDIR)/python/pyproject.toml
PYTEST := $(BIN)/pytest -q -c python/pyproject.toml --rootdir .

.PHONY: demo test test-rust test-python bench docs format clean

demo: $(VENV)/.demo
	$(MATURIN) --release
	$(BIN)/python -m tierwise.demo --output demo-output/report.html

test: test-rust test-python

test-rust:
	cargo fmt --all --check
	cargo fmt --manifest-path tests/own_model/Cargo.toml --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked --quiet --workspace
	cargo test --locked --quiet -p tierwise-benches --benches
	cargo test --locked --quiet --manifest-path tests/own_model/Cargo.toml --target-dir target
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps --workspace --exclude tierwise-python

test-python: $(VENV)/.test
	$(BIN)/ruff format --check $(CONFIG) python/src tests/python benches/peers
	$(BIN)/ruff check $(CONFIG) python/src tests/python benches/peers
	cd python && $(BIN)/mypy src
	$(MATURIN)
	cd python && $(BIN)/python -m mypy.stubtest tierwise._tierwise
	$(PYTEST) python/src tests/python

bench: $(VENV)/.test
	$(MATURIN) --profile wheel
	$(BIN)/python benches/peers/run.py
	cargo bench --locked -p tierwise-benches

docs:
	cargo doc --locked --no-deps --workspace --exclude tierwise-python

format: $(VENV)/.test
	cargo fmt --all
	$(BIN)/ruff format $(CONFIG) python/src tests/python benches/peers
	$(BIN)/ruff check --fix $(CONFIG) python/src tests/python benches/peers

# The lists of packages stand in one place, python/pyproject.toml.
$(VENV)/.demo $(VENV)/.test: $(VENV)/.%: python/pyproject.toml python/requirements.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "maturin>=1.9,<2" tomli
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$($(BIN)/python python/requirements.py $*)
	touch $@

clean:
	rm -rf target $(VENV) demo-output
