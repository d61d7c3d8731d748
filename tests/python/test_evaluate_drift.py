"""Drift against scipy, NumPy, statsmodels and published values; counts that merge; frames in and out."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy import stats
from scipy.spatial import distance
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from tierwise import evaluate, exceptions
from tierwise.evaluate import DriftSettings

THEN = np.arange(1, 1001) / 1000
NOW = THEN**1.3
RAW = DriftSettings(least_expected=0)


def samples(seed, rows=(900, 700), digits=None):
    rng = np.random.default_rng(seed)
    one, two = rng.normal(size=rows[0]), rng.normal(0.2, 1.3, size=rows[1])
    return (one, two) if digits is None else (one.round(digits), two.round(digits))


def psi(reference, current):
    p, q = reference / reference.sum(), current / current.sum()
    return ((q - p) * np.log(q / p)).sum()


def test_published_values():
    found = evaluate.compare_counts([0.1, 0.2, 0.3, 0.25, 0.15], [0.08, 0.22, 0.25, 0.28, 0.17])
    assert found.population_stability == pytest.approx(0.021388275880358645, abs=1e-12)
    found = evaluate.compare_counts([60, 25, 15], [50, 30, 20])
    assert found.population_stability == pytest.approx(0.041732337141682244, abs=1e-12)
    assert found.jensen_shannon == pytest.approx(0.07215012469926435, abs=1e-12)
    assert found.kullback_leibler == pytest.approx(0.02066023401011695, abs=1e-12)
    assert found.chi_square.statistic == pytest.approx(2.0779220779220777, abs=1e-12)
    assert found.chi_square.p_value == pytest.approx(0.3538220984350254, abs=1e-12)
    two = evaluate.compare_counts([60, 25, 15], [50, 30, 20], settings=DriftSettings(log_base="2"))
    assert two.jensen_shannon == pytest.approx(0.08666113157302313, abs=1e-12)
    found = evaluate.column_drift(THEN, NOW)
    assert found.population_stability == pytest.approx(0.05976707808356796, abs=1e-12)
    assert evaluate.population_stability(THEN, NOW) == found.population_stability
    shares = [0.171, 0.119, 0.106, 0.098, 0.093, 0.088, 0.085, 0.082, 0.080, 0.078]
    np.testing.assert_allclose([cell.current for cell in found.cells], shares, rtol=1e-12)
    assert found.distances.kolmogorov_smirnov == pytest.approx(0.097, abs=1e-12)
    assert found.distances.wasserstein == pytest.approx(0.065217288442818, abs=1e-12)
    assert found.distances.wasserstein_in_deviations == pytest.approx(0.2259194271894125, abs=1e-12)


@pytest.mark.parametrize("digits", [None, 1, 0])
@pytest.mark.parametrize("rows", [(900, 700), (50, 3000), (5, 4), (2, 2), (4000, 9000)])
def test_distances_are_those_of_scipy(rows, digits):
    one, two = samples(1, rows, digits)
    apart = evaluate.column_drift(one, two).distances
    test = stats.ks_2samp(one, two, method="asymp")
    assert apart.kolmogorov_smirnov == pytest.approx(test.statistic, abs=1e-12)
    assert apart.p_value == pytest.approx(test.pvalue, rel=1e-9, abs=1e-14)
    assert apart.wasserstein == pytest.approx(stats.wasserstein_distance(one, two), rel=1e-12)
    if one.std() > 0:
        expected = stats.wasserstein_distance(one, two) / one.std()
        assert apart.wasserstein_in_deviations == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("harmonic", [1, 3, 20, 100, 139, 150, 1500, 30_000])
def test_the_chance_of_a_distance_is_that_of_scipy(harmonic):
    # Two samples of 2h rows have the harmonic size h; the second is shifted by so many places.
    rows = 2 * harmonic
    one = np.arange(rows, dtype=float)
    for places in sorted({1, max(1, rows // 50), max(1, rows // 12), max(1, rows // 4), rows // 2, rows}):
        apart = evaluate.column_drift(one, one + places - 0.5).distances
        expected = stats.ks_2samp(one, one + places - 0.5, method="asymp")
        assert apart.kolmogorov_smirnov == pytest.approx(expected.statistic, abs=1e-12)
        # For very many rows the tail is that of the corrected limit.
        close = 5e-3 if harmonic > 20_000 else 1e-9
        assert apart.p_value == pytest.approx(expected.pvalue, rel=close, abs=1e-15)


@pytest.mark.parametrize("by", ["quantile", "width"])
def test_cells_of_numbers_are_those_of_numpy(by):
    one, two = samples(2)
    found = evaluate.column_drift(one, two, settings=DriftSettings(bins=7, by=by))
    edges = np.quantile(one, np.arange(1, 7) / 7) if by == "quantile" else np.linspace(one.min(), one.max(), 8)[1:-1]
    counts = [np.bincount(np.searchsorted(edges, side, "right"), minlength=7) for side in (one, two)]
    if by == "quantile":
        np.testing.assert_allclose([cell.reference for cell in found.cells], counts[0] / 900, rtol=1e-14)
        assert found.population_stability == pytest.approx(psi(*counts), abs=1e-12)
    given = evaluate.column_drift(one, two, settings=DriftSettings(bins=edges.tolist()))
    assert given.population_stability == pytest.approx(found.population_stability, abs=1e-12)
    shares = [counts[0] / 900, counts[1] / 700]
    if len(found.cells) == 7:
        assert found.jensen_shannon == pytest.approx(distance.jensenshannon(*shares), abs=1e-12)
        expected = stats.chi2_contingency(counts, correction=False)
        assert found.chi_square.statistic == pytest.approx(expected.statistic, rel=1e-12)
        assert found.chi_square.p_value == pytest.approx(expected.pvalue, rel=1e-10)


def test_levels_are_counted_as_scipy_counts_them():
    rng = np.random.default_rng(3)
    one, two = rng.choice(list("abcd"), 500, p=[0.4, 0.3, 0.2, 0.1]), rng.choice(list("abce"), 400)
    found = evaluate.column_drift(one, two, settings=DriftSettings(floor=1e-4))
    counts = [[(side == level).sum() for level in "abcde"] for side in (one, two)]
    expected = stats.chi2_contingency(counts, correction=False)
    assert found.chi_square.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.chi_square.degrees_of_freedom == expected.dof
    shares = [np.array(side) / sum(side) for side in counts]
    assert found.population_stability == pytest.approx(psi(*[np.where(s == 0, 1e-4, s) for s in shares]), rel=2e-3)
    assert found.jensen_shannon == pytest.approx(distance.jensenshannon(*shares), abs=1e-12)
    assert found.unseen == {"e": counts[1][4] / 400}
    assert found.distances is None
    assert found.kind == "category"


def test_unknown_is_tested_as_statsmodels_does():
    one, two = samples(4)
    one[::10], two[::7] = np.nan, np.nan
    found = evaluate.column_drift(one, two)
    z, p = proportions_ztest([np.isnan(two).sum(), np.isnan(one).sum()], [len(two), len(one)])
    assert found.unknown.z == pytest.approx(z, rel=1e-12)
    assert found.unknown.p_value == pytest.approx(p, rel=1e-10)
    assert found.cells[-1].name == "unknown"
    known = stats.wasserstein_distance(one[~np.isnan(one)], two[~np.isnan(two)])
    assert found.distances.wasserstein == pytest.approx(known, rel=1e-12)


def test_p_values_are_those_of_chi_square_and_adjusted_for_columns():
    rng = np.random.default_rng(5)
    then = {f"x{i}": rng.normal(size=800) for i in range(12)}
    now = {name: rng.normal(0.03 * i, size=600) for i, name in enumerate(then)}
    found = evaluate.drift(then, now)
    p = []
    for name, one in found.columns.items():
        edges = np.quantile(then[name], np.arange(1, 10) / 10)
        counts = [np.bincount(np.searchsorted(edges, side[name], "right"), minlength=10) for side in (then, now)]
        index, harmonic = psi(*counts), 800 * 600 / 1400
        p.append(stats.chi2.sf(index * harmonic, 9))
        assert one.p_value == pytest.approx(p[-1], rel=1e-9)
        assert one.noise == pytest.approx(stats.chi2.ppf(0.95, 9) / harmonic, rel=1e-9)
    adjusted = [one.adjusted_p_value for one in found.columns.values()]
    np.testing.assert_allclose(adjusted, multipletests(p, method="fdr_bh")[1], rtol=1e-9)


@pytest.mark.parametrize("rows", [100, 1000, 20_000])
def test_neither_large_nor_small_tables_alarm_without_a_change(rows):
    rng = np.random.default_rng(rows)
    replicates, columns = 4, 25
    alarms = unlikely = 0
    for _ in range(replicates):
        then, now = ({f"x{i}": rng.normal(size=rows) for i in range(columns)} for _ in range(2))
        found = evaluate.drift(then, now)
        unlikely += sum(one.p_value < 0.05 for one in found.columns.values())
        alarms += found.level != "stable"
    assert unlikely <= 0.15 * replicates * columns  # 5 of 100 are meant, and 7 are usual for a hundred rows
    assert alarms <= (1 if rows == 100 else 0)
    shifted = {**now, "x0": now["x0"] + 0.9}
    found = evaluate.drift(then, shifted)
    assert {name for name, one in found.columns.items() if one.level != "stable"} == {"x0"}


def frames():
    then = {"age": np.arange(400) % 50 + 20.0, "plan": np.array(["a", "b"] * 200), "met": np.arange(400) % 2 == 0}
    now = {"age": np.arange(400) % 50 + 40.0, "plan": np.array(["a", "c"] * 200), "met": np.arange(400) % 2 == 0}
    return then, now


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_what_comes_in_goes_out(make):
    then, now = frames()
    found = evaluate.drift(make(then), make(now))
    plain = evaluate.drift(then, now)
    assert found.columns == plain.columns
    table = found.table
    assert isinstance(table, type(make(then)))
    columns = table.column_names if isinstance(table, pa.Table) else list(getattr(table, "columns", table))
    levels = table["level"].to_pylist() if isinstance(table, pa.Table) else list(table["level"])
    assert levels == ["act", "act", "stable"]
    assert columns[:5] == ["column", "kind", "level", "population_stability", "noise"]
    distances = np.asarray(table["wasserstein"], dtype=float)
    assert distances[0] == pytest.approx(20, rel=1e-14)
    assert np.isnan(distances[1:]).all()
    assert found.columns["met"].kind == "yes_no"
    assert repr(found) == "<TableDrift of 3 columns: age: act, plan: act>"


def test_columns_may_be_chosen_and_whole_numbers_name_levels():
    then, now = frames()
    then["code"], now["code"] = np.arange(400) % 3, np.arange(400) % 4
    found = evaluate.drift(then, now, columns=["code", "age"], categories=["code"])
    assert list(found.columns) == ["code", "age"]
    assert found.columns["code"].unseen == {"3": 0.25}
    assert evaluate.column_drift(then["code"], now["code"], category=True).unseen == {"3": 0.25}
    with pytest.raises(exceptions.MissingColumnError, match="`code`"):
        evaluate.drift(then, frames()[1])
    with pytest.raises(exceptions.WrongKindError, match="age"):
        evaluate.drift(then, {**now, "age": now["plan"]})


def test_weights_are_repeated_rows():
    one, two = samples(6)
    weights = np.arange(900) % 3
    found = evaluate.column_drift(one, two, reference_weights=weights)
    expected = evaluate.column_drift(np.repeat(one, weights), two)
    assert found.cells == expected.cells
    assert found.distances.kolmogorov_smirnov == expected.distances.kolmogorov_smirnov
    assert found.reference_rows == weights.sum()
    expected = stats.wasserstein_distance(one, two, weights)
    assert found.distances.wasserstein == pytest.approx(expected, rel=1e-12)
    with pytest.raises(exceptions.WrongLengthError, match="reference"):
        evaluate.column_drift(one, two, reference_weights=weights[:-1])


def test_windows_are_the_drift_of_their_rows():
    rng = np.random.default_rng(7)
    days = np.datetime64("2026-01-01") + rng.integers(0, 28, 2000)
    then = {"score": rng.normal(size=1500)}
    now = pd.DataFrame({"score": rng.normal(size=2000) + (days >= np.datetime64("2026-01-15")), "day": days})
    windows = evaluate.drift_windows(then, now, days="day", length=7)
    assert [str(window.first) for window in windows] == ["2026-01-01", "2026-01-08", "2026-01-15", "2026-01-22"]
    assert [window.drift.level for window in windows] == ["stable", "stable", "act", "act"]
    rows = now[(days >= windows[2].first) & (days < windows[2].end)]
    assert windows[2].drift.columns["score"] == evaluate.drift(then, rows, columns=["score"]).columns["score"]
    assert windows[2].rows == len(rows)
    again = evaluate.drift_windows(then, now, days=days, length=7, step=1, columns=["score"])
    assert again[14].drift.columns == windows[2].drift.columns
    with pytest.raises(exceptions.InvalidValueError, match="the day at row 0"):
        evaluate.drift_windows(then, now, days=np.full(2000, np.nan), length=7, columns=["score"])


def test_counts_of_days_merge_and_name_unseen_levels():
    rng = np.random.default_rng(8)
    then = pd.DataFrame({"x": rng.normal(size=900), "plan": rng.choice(["a", "b"], 900), "n": rng.integers(0, 4, 900)})
    now = pd.DataFrame(
        {"x": rng.normal(0.3, size=700), "plan": rng.choice(["a", "b", "c"], 700), "n": rng.integers(0, 5, 700)}
    )
    now.loc[::9, "x"] = np.nan
    reference = evaluate.DriftCounts(then, categories=["n"])
    days = [reference.empty().add(now[:300]), reference.empty().add(now[300:301]), reference.empty().add(now[301:])]
    merged = pickle.loads(pickle.dumps(days[0])).merge(days[1]).merge(days[2])
    assert merged.to_json() == reference.empty().add(now).to_json()
    assert merged.rows == 700
    found, direct = reference.drift(merged), evaluate.drift(then, now, categories=["n"])
    for name, one in found.columns.items():
        expected = direct.columns[name]
        assert one.cells == expected.cells
        assert (one.p_value, one.chi_square, one.unknown) == (expected.p_value, expected.chi_square, expected.unknown)
        assert one.unseen == expected.unseen
    assert list(found.columns["plan"].unseen) == ["c"]
    assert list(found.columns["n"].unseen) == ["4"]
    twice = reference.empty().add(now)
    assert twice.merge(twice).rows == 1400
    assert reference.drift(reference).level == "stable"
    with pytest.raises(exceptions.CannotMergeError):
        reference.merge(evaluate.DriftCounts(now))
    with pytest.raises(exceptions.InvalidSettingError):
        evaluate.DriftCounts.from_json(reference.to_json().replace('"unknown":0.0', '"unknown":-1.0'))


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("reverse", [False, True])
def test_histograms_bound_the_area_and_hold_the_calibration(rate, reverse):
    rng = np.random.default_rng(9)
    score = np.clip(rng.normal(rate, 0.2, 3000), 0, 1)
    happened = rng.random(3000) < rate * (0.3 + score)
    happened[:2] = [True, False]
    labels = np.where(happened, "no", "yes") if reverse else np.where(happened, "yes", "no")
    positive = "no" if reverse else "yes"
    edges = np.linspace(0, 1, 41)[1:-1]
    part = evaluate.ScoreHistogram(edges).add(labels[:1000], score[:1000], positive=positive)
    whole = part.merge(evaluate.ScoreHistogram(edges).add(labels[1000:], score[1000:], positive=positive))
    area, bounds = evaluate.roc_auc(happened, score), whole.roc_auc()
    assert bounds.low <= area <= bounds.high
    table, expected = whole.bins(), evaluate.calibration_table(happened, score, bins=40)
    held = table["weight"] > 0
    np.testing.assert_allclose(table["rate"][held], expected["rate"], rtol=1e-12)
    np.testing.assert_allclose(table["mean_score"][held], expected["mean_probability"], rtol=1e-11)
    assert whole.confusion(edges[20]) == evaluate.confusion(happened, score, edges[20])
    assert pickle.loads(pickle.dumps(whole)).to_json() == whole.to_json()
    assert table["from"][0] == -np.inf


def test_confusion_counts_merge():
    one = evaluate.confusion([0, 1, 1], [0.2, 0.7, 0.4], 0.5)
    two = evaluate.confusion([0, 1], [0.9, 0.7], 0.5)
    assert one.merge(two) == evaluate.confusion([0, 1, 1, 0, 1], [0.2, 0.7, 0.4, 0.9, 0.7], 0.5)


def test_the_shift_of_a_score_is_that_of_its_characteristics():
    rng = np.random.default_rng(10)
    then = pl.DataFrame({"age": rng.normal(40, 9, 800), "plan": rng.choice(["a", "b"], 800)})
    now = pl.DataFrame({"age": rng.normal(46, 9, 600), "plan": rng.choice(["a", "b"], 600, p=[0.8, 0.2])})
    bought = rng.random(800) < 1 / (1 + np.exp(-(then["age"].to_numpy() - 40) / 9))
    model = tw.learn.Logistic().fit(then, bought, positive=True)
    found = evaluate.characteristic_stability(model, then, now)
    assert found.reference == pytest.approx(model.score(then).mean(), abs=1e-12)
    assert found.current == pytest.approx(model.score(now).mean(), abs=1e-12)
    shifts = [one.shift for one in found.characteristics.values()]
    assert found.shift == pytest.approx(found.current - found.reference, abs=1e-12)
    assert sum(shifts) == pytest.approx(found.shift, abs=1e-12)
    assert isinstance(found.table, pl.DataFrame)
    assert found.table["characteristic"].to_list() == ["age", "plan"]
    assert found.characteristics["age"].drift.level == "act"
    with pytest.raises(exceptions.InvalidParameterError, match="explains itself"):
        evaluate.characteristic_stability(None, then, now)


def test_migration_is_the_crosstab_of_pandas():
    rng = np.random.default_rng(11)
    tiers = ["A", "B", "C"]
    before, after = pd.Series(rng.choice(tiers, 300)), pd.Series(rng.choice(tiers, 300))
    after[::20] = None
    moved = evaluate.tier_migration(before, after, tiers)
    np.testing.assert_array_equal(moved.counts, pd.crosstab(before, after).loc[tiers, tiers].to_numpy())
    np.testing.assert_allclose(moved.shares.sum(axis=1), 1, rtol=1e-12)
    assert moved.up.events == np.tril(moved.counts, -1).sum()
    assert moved.down.events == np.triu(moved.counts, 1).sum()
    assert moved.lost == 15
    assert (moved.low < moved.shares).all()
    assert (moved.shares < moved.high).all()
    with pytest.raises(exceptions.UnknownNameError, match="the tier after at row 1 is `D`"):
        evaluate.tier_migration(["A", "B"], ["A", "D"], tiers)
    stale = evaluate.tier_migration(["A", "A"], ["B", "A"], tiers)
    assert np.isnan(stale.shares[1:]).all()


def test_nobody_at_both_dates_is_a_table_of_arrivals_and_departures():
    moved = evaluate.tier_migration(["A", "B", "A", None], [None, None, None, "B"], ["A", "B"])
    assert (moved.counts == 0).all()
    assert np.isnan(moved.shares).all()
    assert (moved.departures.tolist(), moved.arrivals.tolist()) == ([2, 1], [0, 1])
    assert (moved.lost, moved.new, moved.p_value) == (3, 1, 1)
    assert np.isnan(moved.up.rate)
    assert moved.up[:2] + moved.up[3:] == (0, 0, 0, 1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (DriftSettings(bins=1), "The `bins` of `DriftSettings` must be a whole number in \\[2, 10000\\]. Got 1."),
        (DriftSettings(bins=[2, 1]), "each above the one before"),
        (DriftSettings(by="rank"), "`quantile` or `width`"),
        (DriftSettings(floor=0), "`floor`"),
        (DriftSettings(watch=1), "`watch`"),
        (DriftSettings(significance=0), "`significance`"),
        ({"bins": 10}, "a `DriftSettings`"),
    ],
)
def test_settings_outside_their_range_are_refused(settings, message):
    with pytest.raises(exceptions.InvalidParameterError, match=message):
        evaluate.column_drift(THEN, NOW, settings=settings)


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(exceptions.EmptyTableError, match="the current sample is empty"):
        evaluate.column_drift(THEN, [])
    with pytest.raises(exceptions.NotFiniteError, match="column `score` at row 1 is inf"):
        evaluate.column_drift(THEN, [1.0, np.inf], name="score")
    with pytest.raises(exceptions.InvalidValueError, match="the current count at row 1 is -1"):
        evaluate.compare_counts([1, 2], [1, -1])
    assert evaluate.column_drift(THEN, NOW, settings=RAW).rule == evaluate.column_drift(THEN, NOW).rule


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_parts_may_be_empty_or_know_nothing(kind):
    reference = evaluate.DriftCounts({"plan": ["a", "b", "a"], "age": [1.0, 2.0, 3.0]})
    part = reference.empty().add(kind({"plan": ["b", "c"], "age": [1.5, 2.5]}))
    before = part.to_json()
    assert part.add(kind({"plan": [], "age": []})).to_json() == before
    part.add(kind({"plan": [None, None], "age": [1.5, None]}))
    assert part.rows == 4
    plan = reference.drift(part).columns["plan"]
    assert plan.unknown.current == 0.5
    assert plan.unseen == {"c": 0.25}
