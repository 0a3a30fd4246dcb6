"""Methods that only models with a density have."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any


class DensityMethod:
    """As scikit-learn's ``available_if``, but the error itself says why there is no such method.

    Parameters
    ----------
    function : callable
        The method, of a model with ``method``; one with ``method="mlp"`` has it not.

    Raises
    ------
    AttributeError
        Where the method is asked for and there is no density.

    Examples
    --------
    >>> class Model:
    ...     method = "mlp"
    ...
    ...     @DensityMethod
    ...     def score(self, X): ...
    >>> hasattr(Model(), "score")
    False
    """

    def __init__(self, function: Callable):
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, model: Any, owner: type) -> Any:
        if model is None:
            return self.function
        if model.method == "mlp":
            raise AttributeError(
                f'{owner.__name__} with method="mlp" has no {self.function.__name__}: its network '
                'has no density. Use method="pca" or "factor_analysis".'
            )
        return MethodType(self.function, model)
