"""Folds of the cross-fit."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
)

from mmclassic import DataQualityWarning
from mmclassic.fusion._folds import split_rows, splitter_for

CODES = np.repeat([0, 1, 2], [30, 20, 4])
GROUPS = np.arange(54) % 9


def rows_of(splits):
    return [(train.tolist(), test.tolist()) for train, test in splits]


def test_an_int_means_stratified_folds_as_in_scikit_learn():
    splits = split_rows(splitter_for(4, CODES), CODES)
    expected = StratifiedKFold(4).split(np.zeros((54, 1)), CODES)
    assert rows_of(splits) == rows_of(expected)


def test_groups_make_them_grouped():
    splits = split_rows(splitter_for(3, CODES, GROUPS), CODES, GROUPS)
    expected = StratifiedGroupKFold(3).split(np.zeros((54, 1)), CODES, GROUPS)
    assert rows_of(splits) == rows_of(expected)
    for train, test in splits:
        assert not set(GROUPS[train]) & set(GROUPS[test])


def test_random_state_shuffles():
    shuffled = [
        rows_of(split_rows(splitter_for(3, CODES, random_state=s), CODES)) for s in (0, 0, 1)
    ]
    assert shuffled[0] == shuffled[1] != shuffled[2]
    expected = StratifiedKFold(3, shuffle=True, random_state=0).split(CODES, CODES)
    assert shuffled[0] == rows_of(expected)


@pytest.mark.parametrize(
    ("groups", "n_folds", "match"),
    [
        (None, 4, "cv=10 was reduced to 4 folds: the smallest class has 4 rows"),
        (np.arange(54) % 3, 3, "cv=10 was reduced to 3 folds: there are 3 groups"),
        (GROUPS, 4, "cv=10 was reduced to 4 folds: the smallest class has 4 rows"),
    ],
)
def test_their_number_is_capped_with_one_warning(groups, n_folds, match):
    with pytest.warns(DataQualityWarning, match=match) as caught:
        splitter = splitter_for(10, CODES, groups)
    assert len(caught) == 1
    assert splitter.get_n_splits() == n_folds


def test_other_splitters_are_taken_as_they_are():
    splitter = GroupKFold(3)
    assert splitter_for(splitter, CODES) is splitter
    given = [(np.arange(20), np.arange(20, 54))]
    assert rows_of(split_rows(splitter_for(given, CODES), CODES)) == rows_of(given)
    predefined = splitter_for(PredefinedSplit(CODES - 1), CODES)
    assert [test.tolist()[0] for _, test in split_rows(predefined, CODES)] == [30, 50]
    mask = np.arange(54) < 20
    masked = split_rows(splitter_for([(mask, ~mask)], CODES), CODES)
    assert rows_of(masked) == rows_of(given)


@pytest.mark.parametrize(
    ("cv", "groups", "codes", "match"),
    [
        (1, None, CODES, "cv must be at least 2 folds, got 1"),
        (5, None, np.array([0, 0, 1]), "Class 'cat' has a single row.*cv=KFold.5..*\"mean\""),
        (3, np.zeros(54), CODES, "groups holds a single group"),
    ],
)
def test_what_cannot_be_split(cv, groups, codes, match):
    with pytest.raises(ValueError, match=match):
        splitter_for(cv, codes, groups, classes=["bird", "cat", "dog"])


@pytest.mark.parametrize(
    ("cv", "match"),
    [
        (RepeatedKFold(n_splits=2, n_repeats=2), "tests row 0 more than once"),
        (ShuffleSplit(4, test_size=0.5, random_state=0), "tests row .* more than once"),
        ([(np.arange(30), np.arange(25, 54))], "trains on rows that it tests"),
        ([(np.arange(30), np.array([60]))], "do not fit a table of 54 rows.*index 60"),
    ],
)
def test_folds_that_would_let_a_model_see_its_test_rows_are_refused(cv, match):
    with pytest.raises(ValueError, match=match):
        split_rows(splitter_for(cv, CODES), CODES)


def test_rows_may_stay_untested():
    splits = split_rows(splitter_for(ShuffleSplit(1, random_state=0), CODES), CODES)
    assert len(splits) == 1
    assert KFold(2).get_n_splits() == len(split_rows(splitter_for(KFold(2), CODES), CODES))
