"""Fixtures of the tests of saving."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.persistence import load, save
from tests.persistence.objects import Carrier, Holder, Lengths


@pytest.fixture
def there_and_back(tmp_path):
    def go(model, **options):
        path = tmp_path / "model.mmc"
        save(model, path)
        return load(path, trusted=[Holder, Lengths, Carrier], **options)

    return go


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 4))
    y = np.array(["a", "b", "c"])[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)]
    return X, y
