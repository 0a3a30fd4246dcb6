"""Weights of a linear pool by maximum likelihood on the simplex."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, minimize


def learn_weights(
    own: np.ndarray, sample_weight: np.ndarray, bounds: np.ndarray | None = None
) -> np.ndarray:
    """Weights w ≥ 0 with Σ w = 1 that give Σ_m w_m p_m the least log-loss.

    The problem is convex; it is solved by sequential quadratic programming with the analytic
    gradient.

    Parameters
    ----------
    own : ndarray of shape (n_samples, n_modalities)
        Probability that each modality gives to the true class; floored above zero.
    sample_weight : ndarray of shape (n_samples,)
    bounds : ndarray of shape (n_modalities, 2), optional
        Least and greatest weight of each modality; 0 and 1 by default.

    Returns
    -------
    weights : ndarray of shape (n_modalities,)

    References
    ----------
    G. McLachlan, D. Peel: Finite mixture models. Wiley 2000, section 2.8: the mixing proportions
    of a mixture whose components are known.

    Examples
    --------
    >>> own = np.array([[0.9, 0.5], [0.9, 0.5], [0.1, 0.5]])
    >>> learn_weights(own, np.ones(3)).round(2)
    array([0.42, 0.58])
    """
    n_modalities = own.shape[1]
    limits = np.tile([0.0, 1.0], (n_modalities, 1)) if bounds is None else bounds
    share = sample_weight / sample_weight.sum()

    def loss(weights):
        mixture = own @ weights
        return -share @ np.log(mixture), -(share / mixture) @ own

    constraint = {"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones_like(w)}
    solution = minimize(
        loss,
        feasible_start(limits),
        jac=True,
        method="SLSQP",
        bounds=limits,
        constraints=[constraint],
        options={"ftol": 1e-13, "maxiter": 1000},
    )
    weights = np.clip(solution.x, limits[:, 0], limits[:, 1])
    return weights / weights.sum()


def feasible_start(bounds: np.ndarray) -> np.ndarray:
    """Weights within bounds that sum to one, each as far along its bounds as the others.

    Parameters
    ----------
    bounds : ndarray of shape (n_modalities, 2)

    Raises
    ------
    ValueError
        If no such weights exist.

    Examples
    --------
    >>> feasible_start(np.array([[0.5, 1.0], [0.0, 0.5]]))
    array([0.75, 0.25])
    """
    low, high = bounds[:, 0], bounds[:, 1]
    if low.sum() > 1 + 1e-12 or high.sum() < 1 - 1e-12:
        raise ValueError(
            f"No weights within the bounds sum to one: the least sum to {low.sum():g}, the "
            f"greatest to {high.sum():g}."
        )
    room = (high - low).sum()
    return low if room == 0 else low + (1 - low.sum()) / room * (high - low)


def nearest_to_equal(bounds: np.ndarray) -> np.ndarray:
    """The weights within bounds that sum to one and are nearest to equal ones.

    These are the equal weights, all moved alike and cut off at the bounds.

    Parameters
    ----------
    bounds : ndarray of shape (n_modalities, 2)
        That some weights satisfy.

    Examples
    --------
    >>> nearest_to_equal(np.array([[0.0, 0.1], [0.0, 1.0], [0.0, 1.0]]))
    array([0.1 , 0.45, 0.45])
    """
    equal = np.full(len(bounds), 1 / len(bounds))

    def moved(shift: float) -> np.ndarray:
        return np.clip(equal + shift, bounds[:, 0], bounds[:, 1])

    excess = moved(0.0).sum() - 1
    if abs(excess) < 1e-12:
        return moved(0.0)
    # At -1 all are at their least, at 1 at their greatest: the sums lie on both sides of one.
    low, high = moved(-1.0).sum() - 1, moved(1.0).sum() - 1
    if low >= 0 or high <= 0:
        return moved(-1.0 if low >= 0 else 1.0)
    return moved(float(brentq(lambda shift: moved(shift).sum() - 1, -1, 1, xtol=1e-15)))
