"""Frequency counts, the model they make, and the verdict on it."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from sklearn.naive_bayes import CategoricalNB
from tierwise import exceptions

# Leads that give the counts of Odoo's own test of its predictive scoring, which ends at 74.30.
PUBLISHED = {
    "stage": ["qualified", "qualified", "qualified", "new", "new"],
    "country": ["a", "b", "a", None, None],
    "state": ["a", "a", "b", None, None],
    "email": ["a", "a", "a", "a", "a"],
    "phone": ["a", "a", "a", "b", "b"],
    "source": ["b", None, "a", "a", None],
}
RESULT = ["won", "won", "lost", "lost", "lost"]


def published():
    return tw.lead.FrequencyCounts(
        ["country", "state", "email", "phone", "source"],
        stage="stage",
        stages=["new", "qualified", "won"],
        won_stage="won",
    )


def leads(rows=600, seed=5, signal=True):
    rng = np.random.default_rng(seed)
    won = rng.random(rows) < 0.4
    source = np.where(rng.random(rows) < 0.7, np.where(won & signal, "fair", "web"), "advert")
    frame = pd.DataFrame(
        {
            "source": source,
            "asked": rng.random(rows) < (0.3 + 0.4 * won * signal),
            "urgent": rng.random(rows) < 0.3,
            "team": rng.choice(["north", "south"], rows),
            "stage": np.where(won, "offer", rng.choice(["new", "offer"], rows)),
        }
    )
    return frame, np.where(won, "won", "lost")


def counts_of_everything():
    return tw.lead.FrequencyCounts(
        ["source", tw.Feature.yes_no("asked")], stage="stage", stages=["new", "offer"], tags=["urgent"], team="team"
    )


def test_the_published_case_comes_out():
    counts = published()
    counts.observe(PUBLISHED, RESULT)
    lead = {name: [value[0]] for name, value in PUBLISHED.items()} | {"source": ["a"]}
    assert counts.model("odoo").percent(lead).tolist() == [74.30]
    unknown = {name: [None] for name in PUBLISHED}
    assert counts.model("odoo").percent(unknown | {"stage": ["won"]}).tolist() == [100.0]
    assert counts.model("odoo").percent(unknown).tolist() == [0.0]


@pytest.mark.parametrize("seed", range(3))
def test_scikit_learn_agrees_where_smoothing_is_the_same(seed):
    frame, result = leads(seed=seed)
    fields = ["source", "team", "stage"]
    codes = np.column_stack([np.unique(frame[field], return_inverse=True)[1] for field in fields])
    won, lost = np.sum(result == "won") + 0.1, np.sum(result == "lost") + 0.1
    peer = CategoricalNB(alpha=0.1, class_prior=[lost / (won + lost), won / (won + lost)]).fit(codes, result)
    counts = tw.lead.FrequencyCounts(fields)
    counts.observe(frame, result)
    model = counts.model("odoo")
    np.testing.assert_allclose(model.probability(frame), peer.predict_proba(codes)[:, 1], rtol=0, atol=1e-13)


def test_scikit_learn_agrees_where_values_are_equally_common():
    # Then drawing towards the pool's shares is drawing towards equal ones: alpha is k / levels.
    codes = np.repeat([0, 0, 1, 1, 2, 2], [30, 10, 15, 25, 5, 35])
    result = np.repeat(["won", "lost", "won", "lost", "won", "lost"], [30, 10, 15, 25, 5, 35])
    peer = CategoricalNB(alpha=2.0).fit(codes[:, None], result)
    counts = tw.lead.FrequencyCounts(["x"])
    counts.observe({"x": codes}, result)
    found = counts.model(level=6.0, team=1.0).probability({"x": codes})
    np.testing.assert_allclose(found, peer.predict_proba(codes[:, None])[:, 1], rtol=0, atol=1e-13)


def test_any_frame_goes_in_and_the_same_kind_comes_out():
    frame, result = leads()
    models = []
    for kind in [frame, pl.from_pandas(frame), pa.Table.from_pandas(frame), frame.to_dict("list")]:
        counts = counts_of_everything()
        counts.observe(kind, result)
        models.append(counts.model())
    assert len({model.fingerprint for model in models}) == 1
    model = models[0]
    assert isinstance(model.percent(frame), pd.Series)
    assert isinstance(model.percent(pl.from_pandas(frame)), pl.Series)
    explained = model.explain(frame)
    assert list(explained.columns) == ["base", "team", "stage", "source", "asked", "urgent"]
    total = explained["base"].copy()
    for name in explained.columns[1:]:
        total += explained[name]
    assert (total == model.score(frame)).all()
    assert set(model.reasons(frame, 1)["reason_1"].dropna()) <= {"team", "stage", "source", "asked", "urgent"}
    assert model.positive == "won"


def test_one_by_one_is_as_all_at_once_and_can_be_taken_back():
    frame, result = leads(60)
    at_once, one_by_one = counts_of_everything(), counts_of_everything()
    at_once.observe(frame, result)
    empty = counts_of_everything()
    for row in range(len(frame)):
        lead = {name: [frame[name][row]] for name in frame}
        one_by_one.observe(lead, [result[row]])
    assert one_by_one == at_once
    assert at_once.leads == ((result == "won").sum(), (result == "lost").sum())
    at_once.reopen(frame, result)
    assert at_once.leads == empty.leads == (0, 0)
    assert at_once.counts()["won"].sum() == 0


def test_the_outcome_may_be_a_column():
    frame, result = leads()
    one, other = counts_of_everything(), counts_of_everything()
    one.observe(frame, result)
    other.observe(frame.assign(result=result), "result")
    assert one == other


def test_counts_by_value():
    frame, result = leads()
    counts = counts_of_everything()
    counts.observe(frame, result)
    table = counts.counts(like=frame)
    assert list(table.columns) == ["field", "value", "won", "lost"]
    fair = table[(table["field"] == "source") & (table["value"] == "fair")].iloc[0]
    assert fair["won"] == ((frame["source"] == "fair") & (result == "won")).sum()
    assert fair["lost"] == ((frame["source"] == "fair") & (result == "lost")).sum()
    assert isinstance(counts.counts(like=pl.DataFrame()), pl.DataFrame)
    assert len(counts.counts(like=pl.from_pandas(frame))) == len(table) == len(counts.counts()["field"])


def test_parts_merge_in_any_order():
    frame, result = leads()
    parts = [counts_of_everything(), counts_of_everything()]
    parts[0].observe(frame[:100], result[:100])
    parts[1].observe(frame[100:], result[100:])
    whole = counts_of_everything()
    whole.observe(frame, result)
    parts[1].merge(parts[0])
    assert parts[1] == whole
    twice = parts[0].leads
    parts[0].merge(parts[0])
    assert parts[0].leads == (2 * twice[0], 2 * twice[1])
    with pytest.raises(exceptions.CannotMergeError):
        whole.merge(published())
    with pytest.raises(exceptions.InvalidParameterError):
        whole.merge(whole.model())


def test_counts_and_model_are_kept(tmp_path):
    frame, result = leads()
    counts = counts_of_everything()
    counts.observe(frame, result)
    tw.save(counts, tmp_path / "counts.json")
    again = tw.load(tmp_path / "counts.json")
    assert isinstance(again, tw.lead.FrequencyCounts)
    assert again == counts == pickle.loads(pickle.dumps(counts))
    again.observe(frame[:1], result[:1])
    assert again != counts
    model = counts.model()
    for kept in [pickle.loads(pickle.dumps(model)), tw.from_json(model.to_json())]:
        assert isinstance(kept, tw.lead.FrequencyModel)
        assert (kept.score(frame) == model.score(frame)).all()


def test_a_value_that_was_never_seen_is_unknown_to_the_model():
    frame, result = leads()
    counts = counts_of_everything()
    counts.observe(frame, result)
    lead = {name: [frame[name][0]] for name in frame}
    strange, unknown = lead | {"source": ["zeppelin"]}, lead | {"source": [None]}
    assert counts.model().score(strange) == counts.model().score(unknown)


def test_outcomes_must_be_named():
    def observed(outcome, **labels):
        counts = tw.lead.FrequencyCounts(["x"])
        counts.observe({"x": ["a"] * len(outcome)}, outcome, **labels)
        return counts.leads

    assert observed(["lost"]) == (0, 1)
    assert observed([False, False], positive=True) == (0, 2)
    assert observed([0, 1, 0], positive=1) == (1, 2)
    assert observed([True, False], positive=1) == (1, 1)
    assert observed(["won", "gone"]) == (1, 1)
    assert observed(["gone"], negative="gone") == (0, 1)
    for outcome, labels in [
        (["Won"], {}),
        (["gone"], {"positive": "here"}),
        (["won", "lost", "open"], {}),
        (["won", "lost"], {"negative": "gone"}),
    ]:
        with pytest.raises(exceptions.InvalidOutcomeError):
            observed(outcome, **labels)
    with pytest.raises(exceptions.InvalidValueError):
        observed(["won", None])


def test_what_is_refused_changes_nothing():
    frame, result = leads()
    counts = counts_of_everything()
    counts.observe(frame, result)
    before = counts.to_json()
    lead = {name: [frame[name][0]] for name in frame}
    with pytest.raises(exceptions.UnknownNameError, match="the stage in `stage` is `later`"):
        counts.observe(lead | {"stage": ["later"]}, ["won"])
    with pytest.raises(exceptions.InvalidValueError):
        counts.reopen(lead | {"source": ["zeppelin"]}, ["won"])
    with pytest.raises(exceptions.MissingColumnError):
        counts.observe({"source": ["web"]}, ["won"])
    with pytest.raises(exceptions.WrongKindError):
        counts.observe(lead | {"source": [1.5]}, ["won"])
    with pytest.raises(exceptions.WrongKindError):
        counts.observe(lead | {"source": ["new"], "asked": ["yes"]}, ["won"])
    with pytest.raises(exceptions.WrongLengthError):
        counts.observe(lead, ["won", "lost"])
    assert counts.to_json() == before


def test_parameters_are_checked():
    frame, result = leads()
    counts = counts_of_everything()
    with pytest.raises(exceptions.NotEnoughDataError):
        counts.model()
    counts.observe(frame, result)
    for wrong in [
        {"smoothing": "laplace"},
        {"level": 1.0},
        {"level": 1.0, "team": 0.0},
        {"level": 1.0, "team": 1.0, "smoothing": "odoo"},
        {"temper": 1.5},
        {"temper": float("nan")},
    ]:
        with pytest.raises(exceptions.InvalidParameterError):
            counts.model(**wrong)
    for wrong in [{"stages": ["a"]}, {"won_stage": "a"}, {"tags": "urgent"}, {"tag_support": -1}]:
        with pytest.raises(exceptions.InvalidParameterError):
            tw.lead.FrequencyCounts(["x"], **wrong)
    for fields in ["x", [1], [tw.Feature.number("x")]]:
        with pytest.raises(exceptions.InvalidFeatureError):
            tw.lead.FrequencyCounts(fields)
    with pytest.raises(exceptions.InvalidFeatureError, match="stages have an order"):
        tw.lead.FrequencyCounts(stage="stage")
    with pytest.raises(exceptions.UnknownNameError):
        tw.lead.FrequencyCounts(stage="stage", stages=["a"], won_stage="b")


def test_a_verdict_on_leads_with_and_without_signal():
    for signal in [True, False]:
        frame, result = leads(2000, signal=signal)
        counts = tw.lead.FrequencyCounts(["source", tw.Feature.yes_no("asked")], team="team")
        found = tw.lead.frequency_signal(counts, frame, result)
        assert found.verdict == ("better" if signal else "no better than the base rate")
        assert (found.low > 0) == signal
        assert found.low <= found.gain <= found.high
        assert found.leads == 1980
        assert counts.leads == (0, 0)
        assert found.base_log_loss == pytest.approx(0.673, abs=0.02)
        assert found.gain == pytest.approx(found.base_log_loss - found.tempered_log_loss, abs=1e-12)
    with pytest.raises(exceptions.NotEnoughDataError):
        tw.lead.frequency_signal(counts, frame[:30], result[:30])
    with pytest.raises(exceptions.InvalidParameterError):
        tw.lead.frequency_signal(counts, frame, result, confidence=1.0)


def test_the_verdict_is_that_of_predicting_block_by_block():
    frame, result = leads(400)
    won = result == "won"
    base, loss = [], []
    counts = tw.lead.FrequencyCounts(["source", "team"])
    for first in range(0, 400, 4):
        block = slice(first, first + 4)
        if min(counts.leads) > 0:
            chance = counts.model("odoo").probability(frame[block])
            rate = (counts.leads[0] + 0.1) / (sum(counts.leads) + 0.2)
            loss.extend(-np.log(np.where(won[block], chance, 1 - chance)))
            base.extend(-np.log(np.where(won[block], rate, 1 - rate)))
        counts.observe(frame[block], result[block])
    found = tw.lead.frequency_signal(tw.lead.FrequencyCounts(["source", "team"]), frame, result, smoothing="odoo")
    assert found.leads == len(loss)
    assert found.log_loss == pytest.approx(np.mean(loss), abs=1e-12)
    assert found.base_log_loss == pytest.approx(np.mean(base), abs=1e-12)


def test_copies_of_a_fact_are_tempered():
    frame, result = leads(3000)
    copies = frame[["source"]].assign(**{f"copy_{copy}": frame["source"] for copy in range(5)})
    model = tw.lead.Frequency(assess=True).fit(copies, result, positive="won")
    assert 0.1 < model.temper < 0.3  # six times the same: each counts for about a sixth
    assert model.report.temper == model.temper
    assert model.report.tempered_log_loss < model.report.log_loss
    explained = model.explain(copies)
    total = explained["base"].copy()
    for name in explained.columns[1:]:
        total += explained[name]
    assert (total == model.score(copies)).all()
    assert tw.from_json(model.to_json()).temper == model.temper


def test_one_call_is_counts_and_a_model():
    frame, result = leads()
    fields = ["source", tw.Feature.yes_no("asked")]
    counts = tw.lead.FrequencyCounts(fields, tags=["urgent"], team="team")
    counts.observe(frame, result)
    fitted = tw.lead.Frequency(fields=["source", "asked"], tags=["urgent"], team="team").fit(
        frame, result, positive="won"
    )
    assert fitted == counts.model()
    assert fitted.report is None
    assert fitted.temper == 1.0
    everything = tw.lead.Frequency().fit(frame.assign(result=result), "result", positive="won")
    assert [feature.name for feature in everything.features] == list(frame.columns)
    with pytest.raises(exceptions.WrongKindError):
        tw.lead.Frequency().fit(frame.assign(size=0.5), result, positive="won")


def test_fields_that_lie_within_teams_do_not_make_noise_a_signal():
    random = np.random.default_rng(5)
    team = random.integers(0, 5, 4000)
    leads = {
        "team": [f"team {one}" for one in team],
        "agent": [f"agent {one}-{random.integers(0, 6)}" for one in team],
    }
    won = np.where(random.random(4000) < 0.35, "won", "lost")
    counts = tw.lead.FrequencyCounts(fields=["agent"], team="team", positive="won")
    signal = tw.lead.frequency_signal(counts, leads, won, positive="won")
    assert signal.verdict == "no better than the base rate"
    assert signal.log_loss < signal.base_log_loss + 0.01
