"""Customers that the tests share: the same facts as a table of every kind, and the models that score them."""

import datetime
import itertools
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import tierwise as tw

ROWS = 24
_EPOCH = datetime.date(1970, 1, 1)


def facts(rows=ROWS, unknown=True):
    """Per column a list of plain Python values; ``None`` is unknown."""
    random = np.random.default_rng(7)
    columns = {
        "visits": [float(value) for value in random.integers(0, 12, rows)],
        "staff": [int(value) for value in random.integers(1, 400, rows)],
        "met": [bool(value) for value in random.integers(0, 2, rows)],
        "country": [["DE", "FR", "US", "XX"][value] for value in random.integers(0, 4, rows)],
        "since": [_EPOCH + datetime.timedelta(days=int(day)) for day in random.integers(-400, 20000, rows)],
    }
    if unknown:
        for place, values in enumerate(columns.values()):
            for row in range(place, rows, 5):
                values[row] = None
    return columns


def outcome(rows=ROWS):
    """A result per row that no single column decides."""
    return ["won" if (row * 7) % 3 == 0 or row % 5 == 1 else "lost" for row in range(rows)]


FEATURES = [
    tw.Feature.number("visits"),
    tw.Feature.number("staff", unknown="own"),
    tw.Feature.yes_no("met", unknown="own"),
    tw.Feature.category("country", ["DE", "FR", "US"], unknown="own"),
    tw.Feature.number("since"),
]


def card():
    """A card that asks about every kind of feature."""
    return tw.lead.Scorecard(
        name="every kind",
        features=FEATURES,
        initial=0.1,
        characteristics=[
            {"name": "visits", "feature": "visits", "per_unit": {"points": 1.7, "up_to": 10}},
            {
                "name": "staff",
                "feature": "staff",
                "attributes": [
                    {"when": {"range": {"below": 100}}, "points": 3.3},
                    {"when": "unknown", "points": 1.1},
                    {"when": "otherwise", "points": 7.9},
                ],
            },
            {
                "name": "met",
                "feature": "met",
                "attributes": [
                    {"when": "yes", "points": 5.7},
                    {"when": "no", "points": -0.3},
                    {"when": "unknown", "points": 0.7},
                ],
            },
            {
                "name": "country",
                "feature": "country",
                "attributes": [
                    {"when": {"level": "DE"}, "points": 4.1},
                    {"when": {"any_of": ["FR", "US"]}, "points": 2.3},
                    {"when": "unknown", "points": 0.9},
                ],
            },
            {"name": "since", "feature": "since", "per_unit": {"points": 0.000_37, "up_to": 15000}},
        ],
        grades=[{"name": "A", "from": 20}, {"name": "B", "from": 12, "to": 20}, {"name": "C", "to": 12}],
        prerequisites=[{"name": "met", "feature": "met", "met_when": "yes", "correction": {"notch_down": 1}}],
    )


def logistic():
    """A fitted model over the same features."""
    learner = tw.learn.Logistic(alpha=0.5)
    return learner.fit(facts(200), outcome(200), positive="won", features=FEATURES)


def _days(values):
    return np.array(values, dtype="datetime64[D]")


def _arrow(columns):
    return {
        "visits": pa.array(columns["visits"], pa.float64()),
        "staff": pa.array(columns["staff"], pa.int64()),
        "met": pa.array(columns["met"], pa.bool_()),
        "country": pa.array(columns["country"], pa.string()),
        "since": pa.array(columns["since"], pa.date32()),
    }


def _chunked(columns):
    rows = len(columns["visits"])
    cuts = sorted({0, rows // 3, rows // 3, rows // 2, rows})
    arrays = _arrow(columns)
    return pa.table(
        {
            name: pa.chunked_array([values[a:b] for a, b in itertools.pairwise(cuts)], type=values.type)
            for name, values in arrays.items()
        }
    )


def _garbage(array):
    """The same array with arbitrary memory under its nulls."""
    if array.null_count == 0 or pa.types.is_string(array.type) or pa.types.is_boolean(array.type):
        return array
    dtype = {"double": np.float64, "int64": np.int64, "date32[day]": np.int32}[str(array.type)]
    values = np.frombuffer(array.buffers()[1], dtype=dtype)[: len(array)].copy()
    values[array.is_null().to_numpy(zero_copy_only=False)] = -77_777 if dtype != np.float64 else math.inf
    return pa.Array.from_buffers(array.type, len(array), [array.buffers()[0], pa.py_buffer(values)])


def _sliced(columns):
    arrays = _arrow(columns)
    padded = {
        name: pa.concat_arrays([values[:0], pa.array([None] * 3, values.type), values, pa.nulls(2, values.type)])
        for name, values in arrays.items()
    }
    return pa.table({name: values.slice(3, len(arrays[name])) for name, values in padded.items()})


def _with_type(columns, **types):
    arrays = _arrow(columns)
    return pa.table({name: values.cast(types.get(name, values.type)) for name, values in arrays.items()})


def _numpy_columns(columns):
    known = {name: [value is not None for value in values] for name, values in columns.items()}
    return {
        "visits": np.array([math.nan if value is None else value for value in columns["visits"]]),
        "staff": np.array([math.nan if value is None else value for value in columns["staff"]]),
        "met": np.ma.masked_array([bool(value) for value in columns["met"]], ~np.array(known["met"], dtype=bool)),
        "country": np.array(columns["country"], dtype=object),
        "since": _days(columns["since"]),
    }


def _pandas_numpy(columns):
    frame = {
        "visits": pd.Series(columns["visits"], dtype="float64"),
        "staff": pd.Series(columns["staff"], dtype="float64"),
        "met": pd.Series(columns["met"], dtype=object),
        "country": pd.Series(columns["country"], dtype=object),
        "since": pd.Series(_days(columns["since"]).astype("datetime64[ns]")),
    }
    return pd.DataFrame(frame)


def _pandas_nullable(columns):
    frame = {
        "visits": pd.Series(columns["visits"], dtype="Float64"),
        "staff": pd.Series(columns["staff"], dtype="Int64"),
        "met": pd.Series(columns["met"], dtype="boolean"),
        "country": pd.Series(columns["country"], dtype="str"),
        "since": pd.Series(_days(columns["since"]).astype("datetime64[s]")),
    }
    return pd.DataFrame(frame)


def _pandas_arrow(columns):
    return _chunked(columns).to_pandas(types_mapper=pd.ArrowDtype)


def _pandas_categorical(columns):
    frame = _pandas_nullable(columns)
    frame["country"] = pd.Categorical(columns["country"], categories=["US", "XX", "never", "FR", "DE"])
    frame.index = pd.Index([f"c{row}" for row in range(len(frame))][::-1], name="customer")
    return frame


def _polars(columns, country=pl.String):
    schema = {"visits": pl.Float64, "staff": pl.Int32, "met": pl.Boolean, "country": pl.String, "since": pl.Date}
    return pl.DataFrame(columns, schema=schema).with_columns(pl.col("country").cast(country))


def _polars_chunked(columns):
    frame = _polars(columns)
    rows = frame.height
    return pl.concat([frame[: rows // 4], frame[rows // 4 : rows // 2], frame[rows // 2 :]], rechunk=False)


class Capsule:
    """A table of an engine that nobody has heard of: it speaks Arrow and nothing else."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


KINDS = {
    "dict of lists": lambda columns: dict(columns),
    "dict of arrays": _numpy_columns,
    "dict of series": lambda columns: dict(_pandas_nullable(columns).items()),
    "dict of polars series": lambda columns: {one.name: one for one in _polars(columns)},
    "dict of arrow arrays": _arrow,
    "pandas, numpy types": _pandas_numpy,
    "pandas, nullable types": _pandas_nullable,
    "pandas, arrow types": _pandas_arrow,
    "pandas, categorical and an index": _pandas_categorical,
    "polars": _polars,
    "polars, chunked": _polars_chunked,
    "polars, categorical": lambda columns: _polars(columns, pl.Categorical),
    "polars, enum": lambda columns: _polars(columns, pl.Enum(["XX", "US", "never", "FR", "DE"])),
    "polars, NaN": lambda columns: _polars(columns).with_columns(pl.col("visits").fill_null(math.nan)),
    "polars, datetimes": lambda columns: _polars(columns).with_columns(pl.col("since").cast(pl.Datetime("us"))),
    "pyarrow": lambda columns: pa.table(_arrow(columns)),
    "pyarrow, chunked": _chunked,
    "pyarrow, garbage under null": lambda columns: pa.table(
        {name: _garbage(values) for name, values in _arrow(columns).items()}
    ),
    "pyarrow, sliced": _sliced,
    "pyarrow, dictionary": lambda columns: pa.table(
        _arrow(columns) | {"country": _arrow(columns)["country"].dictionary_encode()}
    ),
    "pyarrow, large strings": lambda columns: _with_type(columns, country=pa.large_string(), staff=pa.uint16()),
    "pyarrow, string views": lambda columns: _with_type(columns, country=pa.string_view(), staff=pa.float32()),
    "pyarrow, timestamps": lambda columns: _with_type(columns, since=pa.timestamp("ns"), visits=pa.float16()),
    "capsule": lambda columns: Capsule(_chunked(columns)),
}


def plain(values):
    """A column of any kind as a list, ``None`` for unknown."""
    if isinstance(values, pl.Series):
        values = values.to_list()
    elif isinstance(values, (pa.Array, pa.ChunkedArray)):
        values = values.to_pylist()
    elif isinstance(values, pd.Series):
        values = values.astype(object).tolist()
    elif isinstance(values, np.ndarray):
        values = values.tolist()
    return [None if isinstance(value, float) and math.isnan(value) else value for value in values]


def columns_of(frame):
    """A frame of any kind as a dict of lists."""
    if isinstance(frame, dict):
        return {name: plain(values) for name, values in frame.items()}
    names = frame.column_names if isinstance(frame, pa.Table) else list(frame.columns)
    return {name: plain(frame[name]) for name in names}


def bits(values):
    """Numbers of any kind by their bits, so that nothing rounds away."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        values = values.to_numpy(zero_copy_only=False) if isinstance(values, pa.Array) else values.to_numpy()
    return np.asarray(values, dtype=np.float64).view(np.uint64).tolist()


def kind_of(result):
    """The library that a table or a column belongs to."""
    if isinstance(result, (dict, np.ndarray)):
        return "numpy"
    return type(result).__module__.partition(".")[0]
