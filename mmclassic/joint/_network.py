"""scikit-learn's multilayer perceptron, trained epoch by epoch while modalities drop out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.neural_network._base import ACTIVATIONS

from mmclassic.joint._inputs import drop_modalities, join_inputs


def train_network(
    network: Any,
    components: Sequence[np.ndarray],
    present: np.ndarray,
    target: np.ndarray,
    *,
    dropout: float,
    rng: np.random.Generator,
    max_iter: int,
    loss: Callable[[Any], float] | None = None,
    patience: int = 10,
    classes: np.ndarray | None = None,
) -> Any:
    """Train epoch by epoch; with a loss, keep the epoch at which it was least.

    Parameters
    ----------
    network : MLPClassifier or MLPRegressor
        Not fitted.
    components : sequence of ndarray of shape (n_samples, n_components of the block)
    present : bool ndarray of shape (n_samples, n_modalities)
    target : ndarray of shape (n_samples,) or (n_samples, n_targets)
    dropout : float
        Probability with which a modality is taken from a row in an epoch.
    rng : Generator
    max_iter : int
        Epochs at most.
    loss : callable, optional
        From the network to its loss on rows that it is not trained on.
    patience : int, default=10
        How many epochs in a row may bring no better loss.
    classes : ndarray of shape (n_classes,), optional
        For a classifier.

    Returns
    -------
    network : the network, fitted
    """
    given = {} if classes is None else {"classes": classes}
    best, best_epoch, weights = np.inf, 0, None
    for epoch in range(max_iter):
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
    return network


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
