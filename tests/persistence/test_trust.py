"""Only listed types are made."""

from __future__ import annotations

from importlib import import_module
from inspect import isclass

import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import mmclassic
from mmclassic.joint._block_values import BlockValues
from mmclassic.joint._linear_code import LinearCode
from mmclassic.joint._network_code import NetworkCode
from mmclassic.media import Limits
from mmclassic.persistence import load, save
from mmclassic.persistence._trusted import OWN_TYPES, TRUSTED
from mmclassic.recipes._few_rows import FoldsOrAll
from mmclassic.text._hashed_terms import HashedTerms
from mmclassic.text._terms import Terms
from tests.persistence.objects import Holder, module_function


def test_other_types_are_refused_with_advice(tmp_path):
    path = tmp_path / "model.mmc"
    save(make_pipeline(FunctionTransformer(module_function), Holder()), path)
    own = f"{Holder.__module__}.Holder"
    with pytest.raises(
        ValueError, match=rf"{own}, {Holder.__module__}.module_function.*pass trusted=\["
    ):
        load(path)
    with pytest.raises(ValueError, match=f"not trusted: {Holder.__module__}.module_function"):
        load(path, trusted=[Holder])
    loaded = load(path, trusted=[own, module_function])
    assert loaded[0].func is module_function


@pytest.mark.parametrize("trusted", ["os.system", Holder])
def test_trusted_must_be_a_list(trusted, tmp_path):
    save(Holder(), tmp_path / "m")
    with pytest.raises(ValueError, match="trusted must be a list"):
        load(tmp_path / "m", trusted=trusted)


def test_the_list_of_own_types_is_complete():
    """All public estimators and heads, the records they hold, and the stand-ins of the format."""
    public = [getattr(mmclassic, name) for name in mmclassic._HOMES]
    estimators = [one for one in public if isclass(one) and issubclass(one, BaseEstimator)]
    records = [Limits, Terms, HashedTerms, BlockValues, LinearCode, NetworkCode, FoldsOrAll]
    expected = {f"{one.__module__}.{one.__name__}" for one in [*estimators, *records]}
    stand_ins = {name for name in OWN_TYPES if name.startswith("mmclassic.persistence._pack.")}
    assert set(OWN_TYPES) - stand_ins == expected
    assert len(stand_ins) == 5


@pytest.mark.parametrize("name", sorted(TRUSTED))
def test_every_trusted_name_exists(name):
    module, _, attribute = name.rpartition(".")
    assert callable(getattr(import_module(module), attribute))


def test_nothing_trusted_runs_programs_or_reads_files():
    rooms = {name.split(".")[0] for name in TRUSTED}
    assert rooms == {"builtins", "functools", "mmclassic", "numpy", "scipy", "sklearn"}
    plain = {name for name in TRUSTED if name.split(".")[0] in ("builtins", "numpy")}
    assert plain == {"builtins.dict", "builtins.frozenset", "numpy.dtype"}
