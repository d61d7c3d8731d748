"""The golden files: Python gives the same bits as Rust, through every kind of table."""

import json
import math
import pathlib

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from customers import Capsule, bits, columns_of
from tierwise._models import from_json

FOLDER = pathlib.Path(__file__).parents[1] / "golden"
FILES = sorted(FOLDER.glob("*.json"))


def _numbered(columns, kinds):
    """A number as a float whatever it looks like, so that a column has one type."""
    return {
        name: [float(value) if kinds[name] == "number" and value is not None else value for value in values]
        for name, values in columns.items()
    }


_POLARS = {"number": pl.Float64, "yes_no": pl.Boolean, "category": pl.String}
_ARROW = {"number": pa.float64(), "yes_no": pa.bool_(), "category": pa.string()}


def _arrow(columns, kinds):
    return pa.table({name: pa.array(values, _ARROW[kinds[name]]) for name, values in columns.items()})


TABLES = {
    "dict": lambda columns, kinds: columns,
    "pandas": lambda columns, kinds: pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()}),
    "pandas, inferred": lambda columns, kinds: pd.DataFrame(columns).convert_dtypes(),
    "polars": lambda columns, kinds: pl.DataFrame(columns, schema={k: _POLARS[kinds[k]] for k in columns}),
    "pyarrow": _arrow,
    "capsule": lambda columns, kinds: Capsule(_arrow(columns, kinds)),
}


def test_there_are_golden_files():
    assert FILES, f"no golden file in {FOLDER}"


@pytest.mark.parametrize("kind", list(TABLES))
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_same_bits_as_in_rust(file, kind):
    golden = json.loads(file.read_text(encoding="utf-8"))
    model = from_json(json.dumps(golden["model"]))
    assert model.fingerprint == golden["model"]["fingerprint"]
    kinds = {feature.name: feature.kind for feature in model.features}
    records = golden["records"]
    columns = _numbered({name: [record.get(name) for record in records] for name in kinds}, kinds)
    table = TABLES[kind](columns, kinds)
    expected = golden["expected"]

    assert _hex(model.score(table)) == [one["score_bits"] for one in expected]
    if "terms" in golden:
        explained = columns_of(model.explain(table))
        assert list(explained) == ["base", *golden["terms"]]
        assert set(_hex(explained.pop("base"))) == {golden["base_bits"]}
        by_term = [_hex(values) for values in explained.values()]
        assert [list(row) for row in zip(*by_term, strict=True)] == [one["contribution_bits"] for one in expected]
    if "graded" in expected[0]:
        graded = columns_of(model.grade(table, reasons=3))
        wanted = [one["graded"] for one in expected]
        for name in ["raw_grade", "grade", "binding_prerequisite", "worst_grade", "best_grade"]:
            assert graded[name] == [one[name] for one in wanted]
        for name in ["worst_score", "best_score"]:
            assert _hex(graded[name]) == [one[f"{name}_bits"] for one in wanted]
        for place in range(3):
            reasons = [dict(enumerate(one["reasons"])).get(place) for one in wanted]
            assert graded[f"reason_{place + 1}"] == reasons
    elif isinstance(model, tw.lead.Scorecard):
        assert model.grades == []


def _hex(values):
    if isinstance(values, list):
        values = [math.nan if value is None else value for value in values]
    return ["nan" if _is_nan(one) else f"{one:016x}" for one in bits(values)]


def _is_nan(word):
    return (word >> 52) & 0x7FF == 0x7FF and word & ((1 << 52) - 1) != 0
