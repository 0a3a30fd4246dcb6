"""Early fusion against a logistic regression on the joined features."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import BlockScaler, DataQualityWarning, EarlyFusionClassifier, UnreadableCellsError
from mmclassic.fusion._early_choice import choose_candidate
from mmclassic.fusion._scores import soften
from tests.fusion.examples import LEFT, RIGHT, NumberVectorizer, make_cells, make_scores, make_table

BLOCKS = [("left", BlockScaler(), LEFT), ("right", BlockScaler(), RIGHT)]


def by_hand(table, C):
    """Both blocks scaled, side by side, and one logistic regression."""
    blocks = [StandardScaler().fit_transform(table[columns]) for columns in (LEFT, RIGHT)]
    features = np.hstack(blocks) / np.sqrt(2)
    return features, LogisticRegression(C=C, max_iter=1000)


def test_it_is_a_logistic_regression_on_the_joined_features_at_a_temperature():
    table, y = make_table()
    model = EarlyFusionClassifier(BLOCKS, Cs=[3.0]).fit(table, y)
    features, reference = by_hand(table, 3.0)
    reference.fit(features, y)
    expected = soften(reference.predict_log_proba(features), model.temperature_)
    np.testing.assert_allclose(model.predict_proba(table), expected, atol=1e-4)
    np.testing.assert_allclose(model.classifier_.coef_, reference.coef_, atol=1e-3)
    np.testing.assert_array_equal(model.predict(table), expected.argmax(axis=1))


def test_c_is_the_one_with_the_least_cross_fitted_log_loss():
    table, y = make_table(n_rows=150)
    candidates = (0.003, 0.3, 30.0)
    model = EarlyFusionClassifier(BLOCKS, Cs=candidates).fit(table, y)
    losses = []
    for C in candidates:
        pipeline = make_pipeline(BlockScaler(), LogisticRegression(C=C * 2, max_iter=1000))
        # One block of four features has half the variance of two blocks of two.
        logs = cross_val_predict(pipeline, table, y, method="predict_log_proba")
        losses.append(min(log_loss(y, soften(logs, t)) for t in np.geomspace(0.01, 10, 300)))
    assert candidates[int(np.argmin(losses))] == model.C_


def test_choosing_a_candidate():
    scores, y = make_scores(300, 3)
    logs = np.log(scores)
    logs[:, 2] *= 4  # the best candidate is overconfident: its temperature mends it
    logs[:, 2] -= np.log(np.exp(logs[:, 2]).sum(axis=1, keepdims=True))
    index, temperature = choose_candidate(logs, y, np.full((300, 3), 1 / 3))
    assert index == 2
    assert temperature == pytest.approx(
        4 * choose_candidate(np.log(scores[:, 2:]), y, np.full((300, 3), 1 / 3))[1], rel=1e-3
    )


def test_many_features_and_few_rows():
    """More features than rows: solved in the space of the rows, with the same result."""
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = rng.normal(size=(40, 300))
    X[:, :5] += 2 * y[:, None]
    blocks = [("a", BlockScaler(), slice(0, 200)), ("b", BlockScaler(), slice(200, 300))]
    model = EarlyFusionClassifier(blocks, Cs=[1.0], cv=2).fit(X, y)
    scaled = StandardScaler().fit_transform(X) / np.sqrt(np.repeat([200, 100], [200, 100]))
    reference = LogisticRegression(C=1.0, max_iter=1000).fit(scaled, y)
    np.testing.assert_allclose(model.classifier_.coef_, reference.coef_, atol=1e-4)
    expected = soften(reference.predict_log_proba(scaled), model.temperature_)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-3)


def test_an_absent_block_is_at_its_mean():
    table, y = make_table(missing=0.2)
    model = EarlyFusionClassifier(BLOCKS).fit(table, y)
    rows = table[LEFT].isna().all(axis=1) & table[RIGHT].notna().all(axis=1)
    assert rows.any()
    filled = table.copy()
    filled.loc[rows, LEFT] = table[LEFT].mean().to_numpy()
    np.testing.assert_allclose(model.predict_proba(table[rows]), model.predict_proba(filled[rows]))


def test_a_row_without_anything_gets_the_prior():
    table, y = make_table()
    table.loc[:4] = np.nan
    y = np.minimum(y, 1)
    model = EarlyFusionClassifier(BLOCKS).fit(table, y)
    prior = np.bincount(y) / 90
    np.testing.assert_allclose(model.class_prior_, prior)
    np.testing.assert_allclose(model.predict_proba(table[:5]), np.tile(prior, (5, 1)))
    np.testing.assert_allclose(model.predict_proba(table).sum(axis=1), 1)


def test_sparse_and_dense_blocks():
    table, y = make_table()
    table["text"] = np.array(["one cat", "two dogs", "three birds"])[y]
    table.loc[5, "text"] = None
    blocks = [*BLOCKS, ("text", TfidfVectorizer(), "text")]
    model = EarlyFusionClassifier(blocks, cv=3).fit(table, y)
    assert model.classifier_.coef_.shape == (3, 4 + 6)
    assert (np.delete(model.predict(table), 5) == np.delete(y, 5)).all()


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames_with_other_columns_and_labels_of_text(library):
    table, y = make_table(missing=0.1)
    y = np.array(["bird", "cat", "dog"])[y]
    expected = EarlyFusionClassifier(BLOCKS).fit(table, y)
    other = library({"extra": [0] * 90, **table[["d", "a", "c", "b"]].to_dict("list")})
    model = EarlyFusionClassifier(BLOCKS).fit(other, y)
    np.testing.assert_array_equal(model.predict_proba(other), expected.predict_proba(table))
    assert model.classes_.tolist() == ["bird", "cat", "dog"]
    assert set(model.predict(other)) <= set(model.classes_)


def test_no_rows():
    model = EarlyFusionClassifier(BLOCKS).fit(*make_table())
    assert model.predict_proba(make_table()[0][:0]).shape == (0, 3)
    assert model.predict(make_table()[0][:0]).shape == (0,)


def test_it_is_an_estimator():
    table, y = make_table()
    model = EarlyFusionClassifier(BLOCKS, cv=3)
    with pytest.raises(NotFittedError):
        model.predict(table)
    expected = model.fit(table, y).predict_proba(table)
    for other in (clone(model).fit(table, y), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.predict_proba(table), expected)
    parallel = clone(model).set_params(n_jobs=2).fit(table, y)
    np.testing.assert_array_equal(parallel.predict_proba(table), expected)
    assert "BlockScaler" in model._repr_html_()
    assert [name for name, _, _ in model.modalities_] == ["left", "right"]


def test_nested_parameters_and_dropped_blocks():
    table, y = make_table()
    model = EarlyFusionClassifier([("left", make_pipeline(BlockScaler()), LEFT), BLOCKS[1]])
    model.set_params(left="drop").fit(table, y)
    assert model.classifier_.coef_.shape[1] == 2
    alone = EarlyFusionClassifier([BLOCKS[1]]).fit(table, y)
    np.testing.assert_array_equal(model.predict_proba(table), alone.predict_proba(table))
    numbers = make_pipeline(NumberVectorizer(), BlockScaler())
    cells, labels = make_cells()
    search = GridSearchCV(
        EarlyFusionClassifier([("x", numbers, "x")], cv=2),
        {"x__numbervectorizer__power": [2, 3]},
        cv=2,
        error_score="raise",
    ).fit(cells, labels)
    assert search.best_params_["x__numbervectorizer__power"] in (2, 3)


def test_groups_stay_together():
    table, y = make_table()
    groups = np.arange(90) // 5
    grouped = EarlyFusionClassifier(BLOCKS, cv=3).fit(table, y, groups=groups)
    splits = list(StratifiedGroupKFold(3).split(table, y, groups))
    explicit = EarlyFusionClassifier(BLOCKS, cv=splits).fit(table, y)
    assert grouped.temperature_ == explicit.temperature_
    plain = EarlyFusionClassifier(BLOCKS, cv=list(StratifiedKFold(3).split(table, y))).fit(table, y)
    assert grouped.temperature_ != plain.temperature_


def test_every_cell_is_decoded_once():
    table, y = make_cells(missing=[3])
    numbers = make_pipeline(NumberVectorizer(), BlockScaler())
    model = EarlyFusionClassifier([("x", numbers, "x"), ("z", numbers, "z")]).fit(table, y)
    assert len(NumberVectorizer.decoded) == 119
    model.predict(table[:10])
    assert len(NumberVectorizer.decoded) == 119 + 19


def test_unreadable_cells():
    table, y = make_cells(broken=[7, 30])
    numbers = make_pipeline(NumberVectorizer(), BlockScaler())
    model = EarlyFusionClassifier([("x", numbers, "x"), ("z", numbers, "z")])
    with pytest.raises(UnreadableCellsError, match="2 of 120 cells") as caught:
        model.fit(table, y)
    assert [error.row for error in caught.value.errors] == [7, 30]
    model.set_params(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="2 of 120 cells") as caught:
        model.fit(table, y)
    assert len(caught) == 1
    assert [error.row for error in model.unreadable_cells_] == [7, 30]
    lacking, labels = make_cells(missing=[7, 30])
    same = clone(model).fit(lacking, labels)
    np.testing.assert_array_equal(model.predict_proba(lacking), same.predict_proba(lacking))
    with pytest.raises(UnreadableCellsError, match=r"max_error_rate=0\.01"):
        model.set_params(max_error_rate=0.01).fit(table, y)


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"Cs": []}, "Cs must be one positive number or more"),
        ({"Cs": [1.0, -1.0]}, "Cs must be one positive number or more"),
        ({"Cs": 3}, "'Cs' parameter"),
        ({"cv": 1}, "'cv' parameter"),
        ({"on_unreadable": "ignore"}, "'on_unreadable' parameter"),
        ({"max_error_rate": 2.0}, "'max_error_rate' parameter"),
        ({"modalities": "text"}, "'modalities' parameter"),
        ({"modalities": []}, "no modality to fuse"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        EarlyFusionClassifier(BLOCKS).set_params(**parameters).fit(*make_table())


def test_what_cannot_be_fitted():
    table, y = make_table()
    with pytest.raises(ValueError, match="X has 90 rows, y has 80"):
        EarlyFusionClassifier(BLOCKS).fit(table, y[:80])
    with pytest.raises(ValueError, match="one class only"):
        EarlyFusionClassifier(BLOCKS).fit(table, np.zeros(90))
    table[LEFT] = np.nan
    with pytest.raises(ValueError, match="Modality 'left' has no row to fit on"):
        EarlyFusionClassifier(BLOCKS).fit(table, y)


def test_a_row_that_is_certain_is_no_row_of_an_unseen_class():
    """The log-odds are too large for the logarithm of the other class's probability."""
    X = np.r_[np.full((20, 1), -1.0), np.full((20, 1), 1.0)]
    y = np.repeat([0, 1], 20)
    model = EarlyFusionClassifier([("x", StandardScaler(), slice(None))]).fit(X, y)
    far = np.array([[-1e4], [1e4]])
    assert np.abs(model.classifier_.decision_function(far)).min() > 800
    np.testing.assert_allclose(model.predict_proba(far), np.eye(2), atol=1e-12)


def test_logarithms_of_probabilities():
    table, y = make_table()
    model = EarlyFusionClassifier(BLOCKS).fit(table, y)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(table)), model.predict_proba(table))


class Plus(BlockScaler):
    """Features that are far from zero at their mean."""

    def transform(self, X):
        return super().transform(X) + 7


def test_an_absent_block_is_at_its_mean_whatever_the_scale():
    table, y = make_table(missing=0.2)
    shifted = [("left", Plus(), LEFT), BLOCKS[1]]
    expected = EarlyFusionClassifier(BLOCKS, Cs=[1.0]).fit(table, y).predict_proba(table)
    model = EarlyFusionClassifier(shifted, Cs=[1.0]).fit(table, y)
    np.testing.assert_allclose(model.predict_proba(table), expected, atol=1e-3)


def test_columns_as_they_are():
    table, y = make_table(missing=0.1)
    model = EarlyFusionClassifier([("left", "passthrough", LEFT), BLOCKS[1]], Cs=[1.0])
    model.fit(table, y)
    filled = table.fillna(dict(table[LEFT].mean()))
    np.testing.assert_allclose(model.predict_proba(filled), model.predict_proba(table))
    names = ["left__a", "left__b", "right__c", "right__d"]
    assert model.get_feature_names_out().tolist() == names


def test_features_carry_the_name_of_their_block():
    table, y = make_cells()
    numbers = make_pipeline(NumberVectorizer(), BlockScaler())
    words = make_pipeline(TfidfVectorizer(analyzer="char"), StandardScaler(with_mean=False))
    model = EarlyFusionClassifier([("x", numbers, "x"), ("z", words, "z")]).fit(table, y)
    names = model.get_feature_names_out()
    assert names[:2].tolist() == ["x__number", "x__power"]
    assert set(names[2:]) == {f"z__{letter}" for letter in set("".join(table["z"]))}
    assert len(names) == model.classifier_.coef_.shape[1]


def test_what_is_no_transformer():
    with pytest.raises(TypeError, match="'left': LogisticRegression is no transformer"):
        EarlyFusionClassifier([("left", LogisticRegression(), LEFT)]).fit(*make_table())


def test_several_labels_are_fused_one_by_one():
    table, y = make_table(missing=0.1)
    labels = pd.DataFrame({"first": (y == 0).astype(int), "not last": (y < 2).astype(int)})
    model = EarlyFusionClassifier(BLOCKS, cv=3).fit(table, labels)
    alone = [EarlyFusionClassifier(BLOCKS, cv=3).fit(table, labels[name]) for name in labels]
    expected = np.stack([one.predict_proba(table)[:, 1] for one in alone], axis=1)
    np.testing.assert_allclose(model.predict_proba(table), expected)
    np.testing.assert_array_equal(model.predict(table), expected > 0.5)
    assert model.classes_.tolist() == ["first", "not last"]
    assert [one.C_ for one in model.label_models_] == [one.C_ for one in alone]
    assert model.predict_proba(table[:0]).shape == (0, 2)
    assert not hasattr(model.fit(table, y), "label_models_")


def test_names_of_blocks_of_an_indicator_and_of_a_single_column():
    table, y = make_table()
    labels = np.stack([y == 0, y < 2], axis=1).astype(int)
    model = EarlyFusionClassifier([("left", "passthrough", LEFT), BLOCKS[1]], Cs=[1.0], cv=3)
    names = model.fit(table, y).block_feature_names_
    slices = model.block_slices_
    model.fit(table, labels)
    assert model.block_feature_names_.tolist() == names.tolist()
    assert model.block_slices_ == slices
    alone = EarlyFusionClassifier([("left", "passthrough", "a"), BLOCKS[1]], Cs=[1.0], cv=3)
    assert alone.fit(table, y).get_feature_names_out()[0] == "left__0"
