"""Quantiles that merge, in Python."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import tierwise as tw
from tierwise import exceptions

VALUES = np.random.default_rng(2).lognormal(size=20_000)


def test_parts_merge_to_within_the_bound():
    whole = tw.learn.QuantileSketch(256)
    for kind, part in zip([pd.Series, pl.Series, np.asarray, list], np.array_split(VALUES, 4), strict=True):
        whole.merge(tw.learn.QuantileSketch(256).add(kind(part)))
    assert whole.rows == len(VALUES)
    assert 0 < whole.rank_error < 0.03
    for share in (0.0, 0.1, 0.5, 0.999, 1.0):
        value = whole.quantile(share)
        assert abs(np.mean(value >= VALUES) - share) <= whole.rank_error + 1 / len(VALUES)
    assert np.array_equal(whole.quantile([0.1, 0.5]), [whole.quantile(0.1), whole.quantile(0.5)])


def test_cuts_are_edges_of_bins():
    left = np.random.default_rng(3).random(len(VALUES)) < VALUES / (1 + VALUES)
    cuts = tw.learn.QuantileSketch().add(VALUES).cuts(8)
    bins = tw.learn.bin_feature(VALUES, left, positive=True, edges=cuts)
    shares = bins.table["rows"][:8] / len(VALUES)
    assert np.abs(shares - 1 / 8).max() < 0.01


def test_small_sketches_are_exact_and_survive_pickling():
    sketch = tw.learn.QuantileSketch().add([3.0, None, 1.0, 2.0])
    assert (sketch.rows, sketch.unknown, sketch.rank_error, sketch.quantile(0.5)) == (3, 1, 0.0, 2.0)
    copy = pickle.loads(pickle.dumps(sketch))
    assert copy.to_json() == sketch.to_json()
    assert sketch.merge(sketch).rows == 6
    assert np.isnan(tw.learn.QuantileSketch().quantile(0.5))


def test_mistakes_are_named():
    sketch = tw.learn.QuantileSketch()
    with pytest.raises(exceptions.InvalidParameterError, match="`capacity` of `QuantileSketch`"):
        tw.learn.QuantileSketch(3)
    with pytest.raises(exceptions.InvalidValueError, match="row 1"):
        sketch.add([1.0, np.inf])
    with pytest.raises(exceptions.CannotMergeError, match="capacity"):
        sketch.merge(tw.learn.QuantileSketch(8))
    with pytest.raises(exceptions.InvalidParameterError, match="`share`"):
        sketch.add([1.0]).quantile(2)
    with pytest.raises(exceptions.InvalidParameterError, match="`other` of `merge`"):
        sketch.merge([1.0])
