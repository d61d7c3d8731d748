"""Models: saved, copied and pickled they stay the same; explained they add up; models of other authors join in."""

import copy
import io
import itertools
import json
import math
import pickle

import customers
import numpy as np
import pandas as pd
import pytest
import tierwise as tw
from customers import KINDS, bits, columns_of, facts, kind_of
from hypothesis import given, settings
from hypothesis import strategies as st

TABLE = facts(60)
LABELS = customers.outcome(60)
LEARNER = tw.learn.Logistic(alpha=0.3)
YES_NO = next(feature.name for feature in customers.FEATURES if feature.kind == "yes_no")
MODELS = {
    "card": customers.card(),
    "supplier prospects": tw.lead.supplier_prospects(),
    "logistic": LEARNER.fit(TABLE, LABELS, positive="won", features=customers.FEATURES),
    "propensity": tw.cross_sell.Propensity(LEARNER, product="insurance").fit(
        TABLE, LABELS, positive="won", features=customers.FEATURES
    ),
    "risk": tw.churn.Risk(LEARNER).fit(TABLE, LABELS, positive="won", features=customers.FEATURES),
    "ladder card": tw.lead.LadderCard(
        name="fit",
        features=[tw.Feature.yes_no(YES_NO)],
        criteria=[{"name": "first", "feature": YES_NO, "met_when": "yes", "up": 3, "down": 1}],
    ),
    "look-alike": tw.lead.LookAlike(neighbours=5).fit(TABLE, features=customers.FEATURES),
    "fitted card": tw.lead.CardFit(customers.card()).fit(TABLE, LABELS, positive="won"),
}
TIERS = tw.value.Tiers.by_share(list(range(100)), names=["gold", "silver", "rest"], shares=[0.1, 0.3, 0.6])
RFM = {"recency": [7.0, 2.0, 1.0, 30.0], "frequency": [1.0, 2.0, 3.0, 1.0], "monetary": [9.0, 16.0, 45.0, 2.0]}
SCORER = tw.value.RfmScorer.fit(RFM, bins=3)
PARTS = [{"name": "active", "recency": [2, 3]}, {"name": "asleep", "recency": [1, 1]}]
SEGMENTS = tw.value.RfmSegments(SCORER, PARTS, ordered=True)
ALL = MODELS | {"tiers": TIERS, "rfm scorer": SCORER, "rfm segments": SEGMENTS}


def table_for(model):
    random = np.random.default_rng(11)
    if model != MODELS["supplier prospects"]:
        return TABLE
    choices = {"yes_no": [0.0, 1.0, math.nan], "number": [0.0, 1.0, 4.0, 17.0, math.nan]}
    return {feature.name: random.choice(choices[feature.kind], 60) for feature in model.features}


def answers(model):
    """What a model says, to the bit."""
    if isinstance(model, tw.value.Tiers):
        return model.assign(list(range(-5, 120))).tolist(), model.bands, model.findings
    if isinstance(model, tw.value.RfmScorer):
        return columns_of(model.score(RFM)), model.findings
    if isinstance(model, tw.value.RfmSegments):
        return model.assign(RFM).tolist(), model.names, model.segments, model.findings
    return bits(model.score(table_for(model))), columns_of(model.explain(table_for(model)))


def through_a_pickle_file(model):
    file = io.BytesIO()
    pickle.Pickler(file, protocol=2).dump({"model": model})
    return pickle.loads(file.getvalue())["model"]


ROUND_TRIPS = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "pickle, protocol 2": through_a_pickle_file,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "json": lambda model: tw._models.from_json(model.to_json()),
    "json, reformatted": lambda model: tw._models.from_json(json.dumps(json.loads(model.to_json()))),
}


@pytest.mark.parametrize("trip", list(ROUND_TRIPS))
@pytest.mark.parametrize("name", list(ALL))
def test_a_round_trip_changes_nothing(name, trip):
    model = ALL[name]
    again = ROUND_TRIPS[trip](model)
    assert type(again) is type(model)
    assert again == model
    assert hash(again) == hash(model)
    assert again.fingerprint == model.fingerprint
    assert again.to_json() == model.to_json()
    assert answers(again) == answers(model)


@pytest.mark.parametrize("name", list(ALL))
def test_save_and_load(name, tmp_path):
    file = tmp_path / "model.json"
    tw.save(ALL[name], str(file))
    again = tw.load(file)
    assert again == ALL[name]
    assert answers(again) == answers(ALL[name])
    text = file.read_text(encoding="utf-8")
    assert text.startswith('{\n  "format": 1,')
    assert json.loads(text)["fingerprint"] == ALL[name].fingerprint


def test_models_that_differ_are_not_equal():
    for one, other in itertools.combinations(ALL.values(), 2):
        assert one != other
        assert one.fingerprint != other.fingerprint
    assert ALL["card"] != "card"
    assert len(set(ALL.values())) == len(ALL)


def test_a_fingerprint_is_of_the_content():
    for model in ALL.values():
        assert len(model.fingerprint) == 32
        assert int(model.fingerprint, 16) >= 0
    spec = json.loads(MODELS["card"].to_json())
    del spec["fingerprint"]
    assert tw._models.from_json(json.dumps(spec)).fingerprint == MODELS["card"].fingerprint
    reordered = dict(reversed(spec.items()))
    assert tw._models.from_json(json.dumps(reordered)).fingerprint == MODELS["card"].fingerprint
    spec["initial"] += 1e-9
    assert tw._models.from_json(json.dumps(spec)).fingerprint != MODELS["card"].fingerprint


@pytest.mark.parametrize("name", list(ALL))
def test_repr_tells_models_apart(name):
    assert ALL[name].fingerprint[:8] in repr(ALL[name])
    assert type(ALL[name]).__name__ in repr(ALL[name])


def test_a_card_by_constructor_and_by_file_is_the_same(tmp_path):
    card = customers.card()
    spec = card.spec
    (tmp_path / "card.json").write_text(json.dumps(spec), encoding="utf-8")
    assert tw.load(tmp_path / "card.json") == card
    parts = {key: value for key, value in spec.items() if key not in ("format", "kind", "fingerprint", "features")}
    assert tw.lead.Scorecard(features=card.features, **parts) == card
    assert card.range == pytest.approx((-0.5 + 3.3 - 2.2 - 0.1 + 2.3, 0.1 + 17 + 7.9 + 5.7 + 4.1 + 5.55), abs=3)


@pytest.mark.parametrize("name", list(MODELS))
@pytest.mark.parametrize("kind", ["dict of lists", "pandas, numpy types", "polars", "pyarrow, chunked"])
def test_explanations_add_up_exactly(name, kind):
    model = MODELS[name]
    table = table_for(model)
    if model != MODELS["supplier prospects"]:
        table = KINDS[kind](table)
    columns = columns_of(model.explain(table))
    assert next(iter(columns)) == "base"
    sums = [itertools_sum(row) for row in zip(*columns.values(), strict=True)]
    assert bits(sums) == bits(model.score(table))


def itertools_sum(row):
    """Left to right: the built-in sum compensates from Python 3.12 on."""
    total = row[0]
    for value in row[1:]:
        total += value
    return total


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9) | st.none(), min_size=1, max_size=30))
def test_explanations_add_up_for_any_number(visits):
    table = {feature.name: [None] * len(visits) for feature in customers.FEATURES} | {"visits": visits}
    for model in [MODELS["card"], MODELS["logistic"]]:
        rows = zip(*columns_of(model.explain(table)).values(), strict=True)
        assert bits([itertools_sum(row) for row in rows]) == bits(model.score(table))


def test_ranks_share_the_better_place():
    model = MODELS["logistic"]
    ranks = model.rank(TABLE)
    scores = np.asarray(model.score(TABLE))
    assert ranks.tolist() == [1 + int((scores > score).sum()) for score in scores]
    assert tw.rank(model, TABLE).tolist() == ranks.tolist()
    frame = pd.DataFrame(TABLE, index=np.arange(60) + 100)
    assert tw.rank(model, frame).index.tolist() == frame.index.tolist()


@pytest.mark.parametrize("name", ["logistic", "propensity", "risk"])
def test_probabilities_are_those_of_the_log_odds(name):
    model = MODELS[name]
    assert model.positive == "won"
    assert np.asarray(model.probability(TABLE)) == pytest.approx(1 / (1 + np.exp(-np.asarray(model.score(TABLE)))))


@pytest.mark.parametrize("name", ["logistic", "propensity", "risk"])
def test_reasons_are_ordered_by_their_effect(name):
    model = MODELS[name]
    scores, explained = model.score(TABLE), columns_of(model.explain(TABLE))
    terms = [term for term in explained if term != "base"]
    reasons = columns_of(model.reasons(TABLE, most=7))
    for row, score in enumerate(scores):
        effect = {
            term: probability(score) - probability(score - explained[term][row])
            for term in terms
            if explained[term][row] != 0
        }
        named = [reasons[f"reason_{place}"][row] for place in range(1, 8)]
        assert named[len(effect) :] == [None] * (7 - len(effect))
        assert set(named[: len(effect)]) == set(effect)
        given_effects = [reasons[f"reason_{place}_effect"][row] for place in range(1, len(effect) + 1)]
        assert given_effects == pytest.approx([effect[term] for term in named[: len(effect)]], abs=1e-15)
        sizes = [abs(value) for value in given_effects]
        assert sizes == sorted(sizes, reverse=True)
        for place, term in enumerate(named[: len(effect)], start=1):
            assert reasons[f"reason_{place}_log_odds"][row] == explained[term][row]
    assert columns_of(model.reasons(TABLE, most=0)) == {}


def probability(log_odds):
    return 1 / (1 + math.exp(-log_odds))


def test_what_a_fit_reports():
    model = MODELS["propensity"]
    assert model.report.rows == 60
    assert model.report.positives == LABELS.count("won")
    assert model.report.converged
    assert model.report.log_likelihood > model.report.null_log_likelihood
    names = [one.name for one in model.coefficients]
    assert names[:2] == ["visits", "staff"]
    assert "country=DE" in names
    assert model.intercept.name == "intercept"
    frame = pd.DataFrame(model.coefficients)
    assert list(frame.columns)[:3] == ["name", "estimate", "standard_error"]
    quick = tw.learn.Logistic(alpha=0.3, standard_errors=False).fit(
        TABLE, LABELS, positive="won", features=customers.FEATURES
    )
    assert math.isnan(quick.coefficients[0].standard_error)
    assert np.asarray(quick.score(TABLE)) == pytest.approx(np.asarray(MODELS["logistic"].score(TABLE)), rel=1e-8)


def test_tiers_apply_to_new_customers():
    tiers, now = tw.value.Tiers.split(
        pd.Series(range(100), index=range(900, 1000), name="money"), names=["gold", "rest"], shares=[0.1, 0.9]
    )
    assert now.index.tolist() == list(range(900, 1000))
    assert (now == "gold").sum() == 10
    again = tw._models.from_json(tiers.to_json())
    assert again.names == ["gold", "rest"]
    assert again.features[0].name == "money"
    assert again.assign([89.9, 90.0, 1e9, -5.0, None]).tolist() == ["rest", "gold", "gold", "rest", None]
    falling = tw.value.Tiers.by_cuts(names=["fresh", "late"], cuts=[30], higher_is_better=False, feature="recency")
    assert falling.assign([0, 29, 30, 31]).tolist() == ["fresh", "fresh", "late", "late"]


def test_scores_of_recency_frequency_and_money_apply_to_new_customers():
    scored = SCORER.score(RFM)
    assert scored["cell"].tolist() == [
        100 * r + 10 * f + m for r, f, m in zip(scored["recency"], scored["frequency"], scored["monetary"], strict=True)
    ]
    later = {"recency": [100.0], "frequency": [1.0], "monetary": [1000.0]}
    assert SCORER.score(later)["cell"].tolist() == [113]
    split, at_hand = tw.value.RfmScorer.split(RFM, bins=3)
    assert split == SCORER
    assert columns_of(at_hand) == columns_of(scored)


class Spend:
    """A model as an outsider writes it."""

    features = (tw.Feature.number("visits"), "staff", tw.Feature.category("country", ["DE", "FR"]))

    def score(self, columns):
        """Unknown counts as nothing, Germany as ten."""
        visits, staff = np.nan_to_num(columns["visits"]), np.nan_to_num(columns["staff"])
        return 2 * visits + 0.01 * staff + 10.0 * (columns["country"] == 0)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_plain_class_is_a_model(kind):
    table = KINDS[kind](TABLE)
    expected = [
        2 * (visits or 0) + 0.01 * (staff or 0) + 10 * (country == "DE")
        for visits, staff, country in zip(TABLE["visits"], TABLE["staff"], TABLE["country"], strict=True)
    ]
    scores = tw.score(Spend(), table)
    assert bits(scores) == bits(expected)
    assert kind_of(scores) == ("numpy" if kind == "capsule" else kind_of(table))
    ranks = np.asarray(tw.rank(Spend(), table)).tolist()
    assert ranks == [1 + sum(other > one for other in expected) for one in expected]


@pytest.mark.parametrize("name", list(MODELS))
def test_any_model_is_scored_by_the_same_function(name):
    model = MODELS[name]
    assert bits(tw.score(model, table_for(model))) == bits(model.score(table_for(model)))


def test_what_stays_the_same_cannot_be_changed_by_accident():
    model = MODELS["card"]
    before = model.fingerprint
    model.spec["initial"] = 100
    model.features.clear()
    assert model.fingerprint == before
    assert len(model.features) == 5
