"""scikit-learn's multilayer perceptron, trained epoch by epoch while modalities drop out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.neural_network._base import ACTIVATIONS

from mmclassic._threads import one_thread
from mmclassic.joint._inputs import drop_modalities, join_inputs


def check_layers(hidden_layer_sizes: Any) -> None:
    """Refuse what is no list of layers.

    Raises
    ------
    ValueError
        If there is no layer, or one that is no whole number of units from 1.

    Examples
    --------
    >>> check_layers((100, 20))
    """
    wrong = [n for n in hidden_layer_sizes if not isinstance(n, Integral) or n < 1]
    if wrong or not len(hidden_layer_sizes):
        raise ValueError(
            f"hidden_layer_sizes must name one layer or more, each of a whole number of units from "
            f"1, such as (100,); got {hidden_layer_sizes!r}."
        )


def train_network(
    network: Any,
    components: Sequence[np.ndarray],
    present: np.ndarray,
    target: np.ndarray,
    *,
    dropout: float,
    rng: np.random.Generator,
    loss: Callable[[Any], float] | None = None,
    patience: int = 10,
    classes: np.ndarray | None = None,
    sample_weight: np.ndarray | None = None,
) -> Any:
    """Train epoch by epoch; with a loss, keep the epoch at which it was least.

    Parameters
    ----------
    network : MLPClassifier or MLPRegressor
        Not fitted; its ``max_iter`` is the most epochs.
    components : sequence of ndarray of shape (n_samples, n_components of the block)
    present : bool ndarray of shape (n_samples, n_modalities)
    target : ndarray of shape (n_samples,) or (n_samples, n_targets)
    dropout : float
        Probability with which a modality is taken from a row in an epoch.
    rng : Generator
    loss : callable, optional
        From the network to its loss on rows that it is not trained on.
    patience : int, default=10
        How many epochs in a row may bring no better loss.
    classes : ndarray of shape (n_classes,), optional
        For a classifier.
    sample_weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    network : the network, fitted
    """
    given = {} if classes is None else {"classes": classes}
    if sample_weight is not None:
        given["sample_weight"] = sample_weight
    best, best_epoch, weights = np.inf, 0, None
    for epoch in range(network.max_iter):
        kept = drop_modalities(present, dropout, rng) if dropout else present
        network.partial_fit(join_inputs(components, kept), target, **given)
        if loss is None:
            continue
        found = loss(network)
        if found < best - 1e-5:
            best, best_epoch = found, epoch
            weights = [w.copy() for w in (*network.coefs_, *network.intercepts_)]
        if epoch - best_epoch >= patience:
            break
    if weights is not None:
        n_layers = len(network.coefs_)
        network.coefs_, network.intercepts_ = weights[:n_layers], weights[n_layers:]
    # The moments of the optimiser are twice the size of the weights, and nothing needs them again.
    network.__dict__.pop("_optimizer", None)
    return network


def train_classifier(
    network: Any,
    components: Sequence[np.ndarray],
    present: np.ndarray,
    codes: np.ndarray,
    held_out: np.ndarray,
    *,
    dropout: float,
    patience: int,
    sample_weight: np.ndarray | None = None,
) -> Any:
    """A classifier that stops early on the rows that are held out.

    Parameters
    ----------
    network : MLPClassifier
        Its random state also seeds what is dropped.
    components, present, dropout, patience, sample_weight
        As in :func:`train_network`.
    codes : ndarray of shape (n_samples,), int
        Every class 0 … K - 1 is among them.
    held_out : bool ndarray of shape (n_samples,)
        Rows that have nothing are in neither part.

    Returns
    -------
    network : MLPClassifier, fitted
    """
    has_any = present.any(axis=1)
    test, train = np.flatnonzero(held_out & has_any), np.flatnonzero(~held_out & has_any)
    if not len(train):
        train, test = test, train
    weight = np.ones(len(codes)) if sample_weight is None else sample_weight
    inputs = join_inputs([block[test] for block in components], present[test])

    def loss(network):
        own = network.predict_proba(inputs)[np.arange(len(test)), codes[test]]
        return -np.average(np.log(np.maximum(own, 1e-12)), weights=weight[test])

    network.batch_size = min(network.batch_size, len(train))
    with one_thread():
        return train_network(
            network,
            [block[train] for block in components],
            present[train],
            codes[train],
            dropout=dropout,
            rng=np.random.default_rng(network.random_state),
            loss=loss if len(test) else None,
            patience=patience,
            classes=np.arange(codes.max() + 1),
            sample_weight=None if sample_weight is None else weight[train],
        )


def forward(
    network: Any, values: np.ndarray, start: int = 0, stop: int | None = None
) -> np.ndarray:
    """Values behind some layers of a network.

    Parameters
    ----------
    network : MLPClassifier or MLPRegressor, fitted
    values : ndarray of shape (n_samples, width of layer ``start``)
    start, stop : int
        Weights to begin with, and those not to use any more; by default all but the last, so that
        the values are those of the last hidden layer.

    Returns
    -------
    values : ndarray of shape (n_samples, width of layer ``stop``)
        The last weights are followed by no activation.
    """
    n_layers = len(network.coefs_)
    stop = n_layers - 1 if stop is None else stop
    activate = ACTIVATIONS[network.activation]
    for layer in range(start, stop):
        values = values @ network.coefs_[layer] + network.intercepts_[layer]
        if layer < n_layers - 1:
            activate(values)
    return values
