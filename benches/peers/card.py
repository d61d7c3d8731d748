"""The 17-row card on a long Arrow table, against numpy and polars.

The yardstick is what numpy takes merely to sum each of the 17 columns, as 64-bit floats: that is the speed of memory.
"""

import numpy as np
import polars as pl
import pyarrow as pa
import tierwise as tw
from side_by_side import table, take_turns

CARD = tw.lead.supplier_prospects()
YARDSTICK = "numpy sums the columns"
NAMES = [feature.name for feature in CARD.features]
YES = {
    one["name"]: (one["feature"], one["attributes"][0]["points"])
    for one in CARD.spec["characteristics"]
    if "attributes" in one
}
LINES = {
    one["name"]: (one["feature"], one["per_unit"]["points"], one["per_unit"]["up_to"])
    for one in CARD.spec["characteristics"]
    if "per_unit" in one
}


def prospects(rows: int) -> dict[str, np.ndarray]:
    """Draw facts as 64-bit floats: yes-nos at a third, counts up to seven."""
    rng = np.random.default_rng(1)
    counts = {feature for feature, _, _ in LINES.values()}
    return {
        name: (rng.integers(0, 8, rows) if name in counts else rng.random(rows) < 1 / 3).astype(np.float64)
        for name in NAMES
    }


def with_nulls(columns: dict[str, np.ndarray], share: float) -> dict[str, pa.Array]:
    rng = np.random.default_rng(2)
    return {name: pa.array(values, mask=rng.random(len(values)) < share) for name, values in columns.items()}


def as_stored(columns: dict[str, np.ndarray]) -> dict[str, pa.Array]:
    counts = {feature for feature, _, _ in LINES.values()}
    return {name: pa.array(values.astype(np.int64 if name in counts else bool)) for name, values in columns.items()}


def merely_sum(columns: dict[str, np.ndarray]) -> list[float]:
    return [values.sum() for values in columns.values()]


def numpy_card(columns: dict[str, np.ndarray]) -> np.ndarray:
    """The card as a tidy analyst writes it; unknown counts as nothing."""
    score = np.zeros(len(columns[NAMES[0]]))
    for feature, points in YES.values():
        score += np.where(columns[feature] == 1.0, points, 0.0)
    for feature, points, most in LINES.values():
        score += points * np.clip(np.nan_to_num(columns[feature]), 0.0, most)
    return score


def polars_card(frame: pl.DataFrame) -> np.ndarray:
    """The card as one polars expression."""
    total = pl.lit(0.0)
    for feature, points in YES.values():
        total = total + pl.when(pl.col(feature) == 1).then(points).otherwise(0.0)
    for feature, points, most in LINES.values():
        total = total + points * pl.col(feature).fill_null(0).clip(0.0, most)
    return frame.select(score=total)["score"].to_numpy()


def run(quick: bool) -> str:
    rows, repetitions = (50_000, 3) if quick else (2_000_000, 15)
    columns = prospects(rows)
    forms = {
        "64-bit floats without nulls": {name: pa.array(values) for name, values in columns.items()},
        "10 % null": with_nulls(columns, 0.1),
        "booleans and integers": as_stored(columns),
    }
    texts = [f"## Card: {rows:,} records, 17 columns\n"]
    for form, arrays in forms.items():
        arrow = pa.table(arrays)
        frame = pl.from_arrow(arrow)
        floats = {name: _floats(values) for name, values in arrays.items()}
        candidates = {
            YARDSTICK: lambda floats=floats: merely_sum(floats),
            "tierwise: score": lambda arrow=arrow: CARD.score(arrow),
            "tierwise: score and grade": lambda arrow=arrow: CARD.grade(arrow),
            "tierwise: score, grade, 3 reasons": lambda arrow=arrow: CARD.grade(arrow, reasons=3),
            "numpy card: score": lambda floats=floats: numpy_card(floats),
            "polars expression: score": lambda frame=frame: polars_card(frame),
        }
        truth = numpy_card(floats)
        for name in ["tierwise: score", "polars expression: score"]:
            worst = float(np.abs(np.asarray(candidates[name]()) - truth).max())
            assert worst < 1e-9, (name, worst)
        graded = CARD.grade(arrow, reasons=3)
        score = np.asarray(graded["score"])
        assert np.abs(score - truth).max() < 1e-9
        raw = np.array(["D", "C", "B", "A"])[np.searchsorted([25.0, 50.0, 75.0], score, side="right")]
        assert (np.asarray(graded["raw_grade"].cast(pa.string())) == raw).all()
        timings = take_turns(candidates, repetitions)
        for name in candidates:
            timings[name].note = "" if name == YARDSTICK else "equal to 1e-9"
        texts.append(table(form, timings, YARDSTICK))
    return "\n".join(texts)


def _floats(values: pa.Array) -> np.ndarray:
    return np.ascontiguousarray(values.cast(pa.int8()) if pa.types.is_boolean(values.type) else values, np.float64)
