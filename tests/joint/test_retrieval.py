"""CrossModalRetriever: search in both directions, matches, what is missing, kinds of tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from joblib import parallel_config
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    CrossModalRetriever,
    UnreadableCellsError,
    mean_average_precision,
    mean_reciprocal_rank,
)
from mmclassic.joint._principal import principal_space
from mmclassic.joint._projections import canonical
from mmclassic.joint._search import unit_rows

METHODS = ["cca", "pls", "ridge", "semantic", "semantic_cca"]
FEWER_FITS = {"cv": 3, "Cs": (1.0, 10.0)}
LEFT, RIGHT = slice(0, 8), slice(8, 14)
BLOCKS = [("left", BlockScaler(), LEFT), ("right", BlockScaler(), RIGHT)]


def make_pairs(n_rows=240, noise=0.5, n_classes=4, seed=0):
    """Two views of a hidden point near the centre of its class; the first 8 columns are one."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % n_classes
    ways = np.random.default_rng(99)
    hidden = ways.normal(size=(n_classes, 5))[y] * 1.5 + rng.normal(size=(n_rows, 5))
    views = [hidden @ ways.normal(size=(5, width)) for width in (8, 6)]
    X = np.hstack([view + noise * rng.normal(size=view.shape) for view in views])
    return X, y


@pytest.fixture(scope="module")
def pairs():
    return make_pairs()


@pytest.fixture(scope="module")
def others():
    return make_pairs(seed=1)


def retriever(method="cca", **options):
    return CrossModalRetriever(BLOCKS, method, **{**FEWER_FITS, **options})


@pytest.fixture
def table():
    """Words on one side, numbers on the other; some of both are missing."""
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    words = [["red", "rose"], ["blue", "sea"], ["green", "leaf"]]
    texts = [" ".join([*words[k], *rng.choice(["a", "the", "my"], 2)]) for k in y]
    numbers = rng.normal(size=(60, 3)) * 0.3 + np.eye(3)[y] * 3
    frame = pd.DataFrame(numbers, columns=["a", "b", "c"], index=range(100, 160))
    frame["text"] = texts
    frame["label"] = [["rose", "sea", "leaf"][k] for k in y]
    return frame


def word_retriever(method="semantic", **options):
    modalities = [
        ("words", BagOfWordsVectorizer(characters=None), "text"),
        ("numbers", BlockScaler(), ["a", "b", "c"]),
    ]
    return CrossModalRetriever(modalities, method, **{**FEWER_FITS, **options})


# The space


def test_codes_by_hand(pairs):
    X, _ = pairs
    model = retriever(n_components=3, shrinkage=0.2, power=1.0).fit(X)
    blocks = [BlockScaler().fit_transform(X[:, side]) for side in (LEFT, RIGHT)]
    scores = [principal_space(block).scores for block in blocks]
    *weights, _ = canonical(*scores, n_components=3, shrinkage=0.2, power=1.0)
    expected = [unit_rows(s @ w) for s, w in zip(scores, weights, strict=True)]
    np.testing.assert_allclose(model.transform(X), np.hstack(expected), atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_codes_have_length_one(pairs, method):
    X, y = pairs
    model = retriever(method).fit(X, y)
    for side in np.hsplit(model.transform(X), 2):
        np.testing.assert_allclose(np.linalg.norm(side, axis=1), 1)
    names = model.get_feature_names_out()
    assert names[0] == "left__code0"
    assert len(names) == model.transform(X).shape[1]


@pytest.mark.parametrize("method", METHODS)
def test_both_directions_are_far_above_chance(pairs, others, method):
    model = retriever(method).fit(*pairs)
    found = model.evaluate(*others)
    assert list(found.index) == ["left -> right", "right -> left"]
    assert (found["map"] > 0.5).all()  # chance is a quarter
    partners = model.evaluate(others[0])
    assert (partners["recall@10"] > 3 * 10 / 240).all()


def test_semantic_finds_the_kind_and_cca_the_partner(pairs, others):
    semantic, cca = (retriever(method).fit(*pairs) for method in ("semantic", "cca"))
    assert semantic.score(*others) > cca.score(*others)
    assert cca.score(others[0]) > semantic.score(others[0])


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_the_two_does_not_matter(pairs, others, method):
    X, y = pairs
    one = retriever(method).fit(X, y).match_scores(others[0])
    other = (
        CrossModalRetriever(BLOCKS[::-1], method, **FEWER_FITS).fit(X, y).match_scores(others[0])
    )
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_a_transformer_gets_the_classes(pairs):
    X, y = pairs
    chosen = [("left", make_pipeline(SelectKBest(k=3), BlockScaler()), LEFT), BLOCKS[1]]
    model = CrossModalRetriever(chosen, "semantic").fit(X, y)
    assert model.maps_[0][0].shape == (3,)


def test_labels_are_only_asked_for_where_they_are_needed(pairs):
    X, y = pairs
    np.testing.assert_array_equal(
        retriever("cca").fit(X, y).transform(X), retriever("cca").fit(X).transform(X)
    )
    for method in ("semantic", "semantic_cca"):
        with pytest.raises(ValueError, match=f'method="{method}" requires y .*"cca", "pls"'):
            retriever(method).fit(X)
    for method in METHODS:
        with pytest.raises(ValueError, match="X has 240 rows, y has 3"):
            retriever(method).fit(X, y[:3])


@pytest.mark.parametrize("ks", [0, (1, -5), (1.5,), [True], "5", (np.nan,)])
def test_recall_is_at_whole_numbers_from_one(pairs, ks):
    with pytest.raises(ValueError, match="ks must be whole numbers from 1"):
        retriever().fit(pairs[0]).evaluate(pairs[0], ks=ks)


def test_recall_at_one_number(pairs):
    model = retriever().fit(pairs[0])
    expected = model.evaluate(pairs[0], ks=(5,))
    for ks in (5, np.int64(5), np.array([5])):
        pd.testing.assert_frame_equal(model.evaluate(pairs[0], ks=ks), expected)


def test_jobs_change_nothing(pairs):
    X, y = pairs
    with parallel_config("threading"):
        one, two = (retriever("semantic", n_jobs=n).fit(X, y) for n in (1, 2))
    np.testing.assert_array_equal(one.transform(X), two.transform(X))
    assert one.threshold_ == two.threshold_
    assert one.Cs_ == two.Cs_


# Search


@pytest.mark.parametrize("by", ["left", "right"])
def test_search_is_the_full_sort_of_the_cosines(pairs, others, by):
    model = retriever().fit(pairs[0])
    codes = np.hsplit(model.transform(pairs[0]), 2)
    asked = np.hsplit(model.transform(others[0]), 2)
    m = ["left", "right"].index(by)
    cosines = asked[m] @ codes[1 - m].T
    rows, similarities = model.search(others[0], k=7, by=by)
    expected = np.argsort(-cosines, axis=1)[:, :7]
    assert (rows == expected).mean() > 0.999
    np.testing.assert_allclose(similarities, np.sort(cosines, axis=1)[:, :-8:-1], atol=1e-6)


def test_another_index_and_more_rows(pairs, others):
    model = retriever().fit(pairs[0])
    first, _ = model.search(others[0][:5], k=3, by="left")
    assert model.index(others[0]) is model
    assert model.search(others[0], k=1, by="left")[0].max() < 240
    model.index(pairs[0][:100]).add(pairs[0][100:])
    assert model.n_indexed_ == 240
    np.testing.assert_array_equal(model.search(others[0][:5], k=3, by="left")[0], first)
    empty = model.index(pairs[0][:0])
    assert (empty.search(others[0][:2], k=3, by="left")[0] == -1).all()


def test_a_short_index_is_filled_up(pairs):
    rows, similarities = (
        retriever().fit(pairs[0]).index(pairs[0][:2]).search(pairs[0][:4], k=5, by="right")
    )
    assert (rows[:, 2:] == -1).all()
    assert np.isnan(similarities[:, 2:]).all()
    assert sorted(rows[0, :2]) == [0, 1]


def test_scores_are_the_public_measures(pairs, others):
    X, y = others
    model = retriever().fit(pairs[0])
    left, right = np.hsplit(model.transform(X), 2)
    products = [left @ right.T, right @ left.T]
    same = y[:, None] == y
    expected = np.mean([mean_average_precision(p, same) for p in products])
    assert model.score(X, y) == pytest.approx(expected)
    expected = np.mean([mean_reciprocal_rank(p, np.eye(len(X))) for p in products])
    assert model.score(X) == pytest.approx(expected)


def test_a_search_over_methods(pairs):
    X, y = pairs
    search = GridSearchCV(retriever(), {"method": ["pls", "semantic"]}, cv=3).fit(X, y)
    assert search.best_params_ == {"method": "semantic"}
    assert search.best_score_ > 0.5


# Matches


def test_pairs_match_and_strangers_do_not(pairs, others):
    model = retriever().fit(pairs[0])
    X = others[0]
    strangers = np.hstack([X[:, LEFT], np.roll(X[:, RIGHT], 1, axis=0)])
    hits = model.match(X).mean(), (~model.match(strangers)).mean()
    assert np.mean(hits) == pytest.approx(model.match_accuracy_, abs=0.05)
    assert np.mean(hits) > 0.85
    np.testing.assert_array_equal(model.match(X), model.match_scores(X) >= model.threshold_)


@pytest.mark.parametrize("method", METHODS)
def test_noise_does_not_match(method):
    """A space of noise looks good on the rows that it was fitted on, not in folds."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90, 80)), np.arange(90) % 3
    noise = [("left", BlockScaler(), slice(0, 40)), ("right", BlockScaler(), slice(40, 80))]
    model = CrossModalRetriever(noise, method, shrinkage=0.0).fit(X, y)
    assert model.match_accuracy_ < 0.6
    own = model.match_scores(X).mean()
    assert own > (0.2 if method != "ridge" else 0.05)


def test_two_pairs_give_no_threshold(pairs):
    model = retriever().fit(pairs[0][:2])
    assert np.isnan(model.threshold_)
    assert model.search(pairs[0][:1], k=1, by="left")[0].shape == (1, 1)
    with pytest.raises(ValueError, match="There is no threshold"):
        model.match(pairs[0])


def test_groups_share_a_fold(pairs):
    """Rows of a group are copies: only folds that keep them together are honest."""
    rng = np.random.default_rng(0)
    X = np.repeat(rng.normal(size=(12, 14)), 6, axis=0) + 0.01 * rng.normal(size=(72, 14))
    fooled = retriever(shrinkage=0.0).fit(X)
    honest = retriever(shrinkage=0.0).fit(X, groups=np.repeat(np.arange(12), 6))
    assert fooled.match_accuracy_ > 0.8
    assert honest.match_accuracy_ < 0.7
    with pytest.raises(ValueError, match="X has 72 rows, groups has 3"):
        retriever().fit(X, groups=[1, 2, 3])


# What is missing


@pytest.mark.parametrize("method", METHODS)
def test_rows_that_lack_a_modality(pairs, method):
    X, y = pairs
    holes = X.copy()
    holes[::4, RIGHT] = np.nan
    model = retriever(method).fit(holes, y)
    codes = model.transform(holes)
    left, right = np.hsplit(codes, 2)
    assert np.isnan(right[::4]).all()
    assert not np.isnan(left).any()
    assert np.isnan(model.match_scores(holes)[::4]).all()
    assert not model.match(holes)[::4].any()
    rows, similarities = model.search(holes, k=5, by="right")
    assert (rows[::4] == -1).all()
    assert np.isnan(similarities[::4]).all()
    assert (rows[1::4] >= 0).all()
    found, _ = model.search(holes, k=300, by="left")
    assert set(found[0][found[0] >= 0]) == set(np.flatnonzero(~np.isnan(holes[:, 8])))
    assert model.evaluate(holes)["n_queries"].tolist() == [180, 180]


@pytest.mark.parametrize("method", ["cca", "pls", "ridge"])
def test_pairs_are_learnt_from_complete_rows(pairs, method):
    X, _ = pairs
    holes = X.copy()
    holes[::4, RIGHT] = np.nan
    model = retriever(method).fit(holes)
    complete = retriever(method).fit(X[np.arange(240) % 4 != 0])
    np.testing.assert_array_equal(model.transform(X), complete.transform(X))
    assert model.threshold_ == complete.threshold_


def test_a_classifier_learns_from_all_that_have_its_modality(pairs):
    X, y = pairs
    holes = X.copy()
    holes[::4, RIGHT] = np.nan
    model, whole = retriever("semantic", Cs=[1.0]).fit(holes, y), retriever("semantic", Cs=[1.0])
    expected = np.hsplit(whole.fit(X, y).transform(X), 2)[0]
    np.testing.assert_array_equal(np.hsplit(model.transform(X), 2)[0], expected)


def test_a_fold_may_lack_a_modality(pairs):
    X, y = pairs
    holes, groups = X.copy(), np.repeat(np.arange(6), 40)
    holes[(groups > 1) | (np.arange(240) % 10 > 2), RIGHT] = np.nan
    model = retriever("semantic", cv=5).fit(holes, y, groups=groups)
    assert np.isfinite(model.threshold_)


def test_nothing_to_learn_from(pairs):
    X = pairs[0].copy()
    X[::2, LEFT] = np.nan
    X[1::2, RIGHT] = np.nan
    with pytest.raises(ValueError, match="rows that have both modalities: at least 2"):
        retriever().fit(X)
    constant = pairs[0].copy()
    constant[:, RIGHT] = 1.0
    with pytest.raises(ValueError, match="Modality 'right': its features do not vary"):
        retriever().fit(constant)


# Kinds of tables


@pytest.mark.parametrize("method", METHODS)
def test_frames_with_vectorizers(table, method):
    model = word_retriever(method).fit(table, table["label"])
    rows, _ = model.search(["the sea is blue"], k=5, by="words")
    assert (table["label"].to_numpy()[rows] == "sea").all()
    rows, _ = model.search(pd.DataFrame({"a": [0.0], "b": [0.1], "c": [3.0]}), k=5, by="numbers")
    assert (table["label"].to_numpy()[rows] == "leaf").all()


@pytest.mark.parametrize(
    "queries",
    [
        ["a blue sea", None, "my rose"],
        pd.Series(["a blue sea", None, "my rose"], index=[5, 5, 5]),
        pl.Series(["a blue sea", None, "my rose"]),
        np.array(["a blue sea", None, "my rose"], dtype=object),
        pd.DataFrame({"text": ["a blue sea", None, "my rose"]}),
        pl.DataFrame({"more": [1, 2, 3], "text": ["a blue sea", None, "my rose"]}),
    ],
    ids=["list", "Series", "polars Series", "array", "frame", "polars frame"],
)
def test_queries_of_one_column(table, queries):
    model = word_retriever().fit(table, table["label"])
    rows, _ = model.search(queries, k=2, by="words")
    assert rows.shape == (3, 2)
    assert (rows[1] == -1).all()
    assert (table["label"].to_numpy()[rows[[0, 2]]] == [["sea"] * 2, ["rose"] * 2]).all()


def test_polars_is_pandas(table):
    table.loc[103, "text"] = None
    first = word_retriever().fit(table, table["label"])
    frame = pl.from_pandas(table)
    second = word_retriever().fit(frame, frame["label"])
    np.testing.assert_array_equal(first.transform(table), second.transform(frame))
    assert first.threshold_ == second.threshold_


def test_set_output(table):
    model = word_retriever("cca", n_components=2).set_output(transform="pandas")
    found = model.fit_transform(table)
    assert list(found.columns) == [f"{n}__code{i}" for n in ("words", "numbers") for i in (0, 1)]
    assert found.index.tolist() == table.index.tolist()


def test_columns_as_they_are(pairs):
    X, _ = pairs
    plain = CrossModalRetriever([("left", "passthrough", LEFT), ("right", "passthrough", RIGHT)])
    assert plain.fit(X).transform(X).shape == (240, 12)


def test_stateless_steps_run_once(table):
    lengths = []

    def count(column):
        lengths.append(len(column))
        return np.asarray(column, dtype=object)

    steps = make_pipeline(FunctionTransformer(count), BagOfWordsVectorizer(characters=None))
    model = word_retriever().set_params(words=steps)
    model.fit(table, table["label"])
    assert lengths == [60]


def test_unreadable_cells(table):
    table["text"] = table["text"].astype(object)
    table.iloc[3, table.columns.get_loc("text")] = 42
    with pytest.raises(UnreadableCellsError, match="1 of"):
        word_pipeline().fit(table, table["label"])
    with pytest.warns(UserWarning, match="1 of"):
        model = word_pipeline(on_unreadable="missing").fit(table, table["label"])
    assert [error.row for error in model.unreadable_cells_] == [3]
    assert 3 not in model.index_["words"][1]


def word_pipeline(**options):
    words = make_pipeline(
        BagOfWordsVectorizer(characters=None), FunctionTransformer(accept_sparse=True)
    )
    return word_retriever(**options).set_params(words=words)


# Arguments


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modalities": BLOCKS[:1]}, "takes two modalities, got 1: left"),
        ({"modalities": [*BLOCKS, ("more", BlockScaler(), [0])]}, "takes two modalities, got 3"),
        ({"left": "drop"}, "takes two modalities, got 1: right"),
        (
            {"modalities": [("power", BlockScaler(), LEFT), BLOCKS[1]]},
            "A modality cannot be called 'power'",
        ),
        ({"method": "magic"}, "'method' parameter"),
        ({"shrinkage": 1.5}, "'shrinkage' parameter"),
        ({"power": -1}, "'power' parameter"),
        ({"n_components": 0}, "'n_components' parameter"),
        ({"Cs": []}, "Cs must be one positive number or more"),
        ({"cv": 1}, "'cv' parameter"),
    ],
)
def test_bad_parameters(pairs, change, message):
    with pytest.raises(ValueError, match=message):
        clone(retriever("semantic")).set_params(**change).fit(*pairs)


def test_bad_calls(pairs, table):
    X, y = pairs
    model = retriever("semantic").fit(X, y)
    with pytest.raises(ValueError, match="by must be the name of a modality, left or right; got"):
        model.search(X, by="middle")
    with pytest.raises(ValueError, match="k must be a whole number from 1, got 0"):
        model.search(X, k=0, by="left")
    with pytest.raises(ValueError, match="X has 240 rows, y has 3"):
        retriever("semantic").fit(X, y[:3])
    with pytest.raises(ValueError, match=r"X has 240 rows, y has the shape \(3,\)"):
        model.evaluate(X, y[:3])
    words = word_retriever().fit(table, table["label"])
    with pytest.raises(ValueError, match=r"pass \[cell\] for one row"):
        words.search("a blue sea", by="words")
    with pytest.raises(ValueError, match="The table has no column 'text'; it has: a, b"):
        words.search(table[["a", "b"]], by="words")
