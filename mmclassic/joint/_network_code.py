"""The code of a multilayer perceptron that gives back what it is given, less some modalities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.neural_network import MLPRegressor

from mmclassic.joint._inputs import drop_modalities, join_inputs
from mmclassic.joint._network import forward, train_network


@dataclass(frozen=True)
class NetworkCode:
    """A trained network, of which one layer is the code.

    Attributes
    ----------
    network : MLPRegressor
    layer : int
        Number of weights before the code.
    sizes : list of int
        Values of each block.
    scale : float
        What values are multiplied by for the network: about one each.
    """

    network: Any
    layer: int
    sizes: list
    scale: float

    @property
    def n_components(self) -> int:
        """Width of the code."""
        return len(self.network.intercepts_[self.layer - 1])

    def encode(self, values: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Codes of rows, shape (n_samples, n_components)."""
        starts = np.cumsum([0, *self.sizes])[:-1]
        present = np.column_stack(
            [there[:, s] if n else np.zeros(len(there), bool)
             for s, n in zip(starts, self.sizes, strict=True)]
        )  # fmt: skip
        inputs = join_inputs(_split(values * self.scale, self.sizes), present)
        return forward(self.network, inputs, 0, self.layer)

    def decode(self, code: np.ndarray) -> np.ndarray:
        """Values of codes, shape (n_samples, n_values)."""
        n_layers = len(self.network.coefs_)
        return forward(self.network, code, self.layer, n_layers) / self.scale

    def fill(self, values: np.ndarray, there: np.ndarray) -> np.ndarray:
        """Values with what is absent as it is decoded; the mean, zero, for rows with nothing."""
        decoded = self.decode(self.encode(values, there))
        return np.where(there, values, np.where(there.any(axis=1, keepdims=True), decoded, 0.0))


def fit_network_code(
    values: np.ndarray,
    present: np.ndarray,
    sizes: Sequence[int],
    *,
    hidden_layer_sizes: tuple[int, ...],
    n_components: int,
    dropout: float,
    alpha: float,
    max_iter: int,
    random_state: int,
) -> NetworkCode:
    """Train a network to give back all values from those of the modalities that are not dropped.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_values)
        Complete: what rows lack was filled in.
    present : bool ndarray of shape (n_samples, n_modalities)
        What rows do lack is never shown.
    sizes : sequence of int, length n_modalities
        Values of each block.
    hidden_layer_sizes : tuple of int
        Before the code, and in reverse behind it.
    n_components : int
    dropout, alpha, max_iter, random_state
        As in :class:`MultimodalAutoencoder`.

    Returns
    -------
    code : NetworkCode
    """
    rng = np.random.default_rng(random_state)
    # Each block has a variance of one: values are small where there are many.
    scale = float(np.sqrt(values.shape[1] / max(len(sizes), 1)))
    target = values * scale
    rows = rng.permutation(len(values))
    test, train = np.split(rows, [len(rows) // 5])
    parts = _split(target, sizes)
    shown = drop_modalities(present[test], dropout, rng)
    inputs = join_inputs([part[test] for part in parts], shown)

    def loss(network):
        return float(np.mean((network.predict(inputs).reshape(len(test), -1) - target[test]) ** 2))

    network = MLPRegressor(
        hidden_layer_sizes=(*hidden_layer_sizes, n_components, *hidden_layer_sizes[::-1]),
        activation="tanh",
        alpha=alpha,
        learning_rate_init=0.003,
        batch_size=min(32, len(train)),
        max_iter=max_iter,
        random_state=random_state,
    )
    network = train_network(
        network,
        [part[train] for part in parts],
        present[train],
        target[train] if target.shape[1] > 1 else target[train, 0],
        dropout=dropout,
        rng=rng,
        loss=loss if len(test) else None,
        patience=20,
    )
    return NetworkCode(network, len(hidden_layer_sizes) + 1, list(sizes), scale)


def _split(values: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    return np.split(values, np.cumsum(sizes)[:-1], axis=1)
