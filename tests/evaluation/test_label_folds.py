"""Folds that give each fold its share of each label."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold

from mmclassic.evaluation._label_folds import LabelKFold, label_splitter, stratify_labels

RNG = np.random.default_rng(0)
Y = (RNG.random((200, 5)) < [0.03, 0.1, 0.3, 0.5, 0.9]).astype(int)
Y = Y[np.argsort(Y[:, 0])]  # the rare label comes last: KFold would put it into one fold


@pytest.mark.parametrize("rng", [None, np.random.default_rng(1)])
def test_every_fold_has_its_share(rng):
    folds = stratify_labels(Y, 4, rng)
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= 4
    for column in Y.T:
        counts = np.bincount(folds[column == 1], minlength=4)
        assert counts.max() - counts.min() <= max(2, 0.1 * column.sum())
    rare = np.bincount(folds[Y[:, 0] == 1], minlength=4)
    assert rare.min() >= 1
    plain = [Y[test, 0].sum() for _, test in KFold(4).split(Y)]
    assert min(plain) == 0


def test_folds_are_a_partition_and_the_same_each_time():
    for seed in (None, 3):
        splits = [list(LabelKFold(4, seed).split(Y, Y)) for _ in range(2)]
        tests = np.concatenate([test for _, test in splits[0]])
        assert sorted(tests.tolist()) == list(range(200))
        for (_, first), (_, second) in zip(*splits, strict=True):
            np.testing.assert_array_equal(first, second)
    assert LabelKFold(4).get_n_splits() == 4


def test_splitters():
    groups = np.arange(200) // 10
    assert isinstance(label_splitter(3, Y, groups), GroupKFold)
    assert isinstance(label_splitter(KFold(3), Y), KFold)
    with pytest.raises(ValueError, match=r"cv=30 folds need .* 30 groups, there are 20"):
        label_splitter(30, Y, groups)
    with pytest.raises(ValueError, match="cv=1 folds"):
        label_splitter(1, Y)
