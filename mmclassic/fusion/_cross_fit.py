"""Cross-fitting: every row scored by models that were not fitted on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import delayed

from mmclassic._parallel import run_all
from mmclassic.fusion._fit_monitor import FitMonitor
from mmclassic.fusion._member import fit_estimator, fit_member, gives_probabilities, score_member
from mmclassic.fusion._scores import fit_temperature, soften
from mmclassic.modalities._modality import Modality


def fold_prior(
    codes: np.ndarray,
    rows: np.ndarray,
    n_classes: int,
    sample_weight: np.ndarray | None = None,
) -> np.ndarray:
    """Share of each class in some rows; a class that is not there counts as one row.

    With ``sample_weight``, of shape (n_samples,), rows count by their weight; one row more is then
    worth the mean weight.

    Examples
    --------
    >>> fold_prior(np.array([0, 0, 1, 2]), np.array([0, 1, 2]), 3)
    array([0.5 , 0.25, 0.25])
    """
    weight = np.ones(len(rows)) if sample_weight is None else sample_weight[rows]
    counts = np.bincount(codes[rows], weights=weight, minlength=n_classes)
    counts[counts == 0] = weight.mean()
    return counts / counts.sum()


def cross_fit_values(
    modalities: Sequence[Modality],
    codes: np.ndarray,
    classes: np.ndarray,
    splits: Sequence[tuple],
    fit_params: dict[str, dict] | None = None,
    *,
    n_jobs: int | None = None,
    monitor: FitMonitor | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Raw out-of-fold values of every modality.

    Parameters
    ----------
    modalities : sequence of Modality
    codes : ndarray of shape (n_samples,), int
    classes : ndarray of shape (n_classes,)
    splits : sequence of (train rows, test rows)
    fit_params : dict of dict, optional
        Parameters of each modality's ``fit``, by its name.
    n_jobs : int, optional
    monitor : FitMonitor, optional
        In its stage "cross-fit".

    Returns
    -------
    values : ndarray of shape (n_samples, n_modalities, n_classes)
        As :func:`score_member` gives them; NaN for rows that no fold tests.
    priors : ndarray of shape (n_samples, n_classes)
        Prior of the training rows of the fold that tests the row.
    """
    labels = classes[codes]
    fit_params = fit_params or {}

    def fit_and_score(modality, train, test, fit):
        params = fit_params.get(modality.name)
        fitted = fit_member(modality, labels, train, classes, params, fit)
        return score_member(fitted, modality, test, classes)

    jobs = [(m, fold) for fold in range(len(splits)) for m in range(len(modalities))]
    names = [f"{modalities[m].name}-fold-{fold}" for m, fold in jobs]
    fits = [fit_estimator] * len(jobs) if monitor is None else monitor.fits(names)
    tasks = (
        delayed(fit_and_score)(modalities[m], *splits[fold], fit)
        for (m, fold), fit in zip(jobs, fits, strict=True)
    )
    results = run_all(tasks, n_jobs)
    values = np.full((len(codes), len(modalities), len(classes)), np.nan)
    priors = np.full((len(codes), len(classes)), 1 / len(classes))
    for (m, fold), result in zip(jobs, results, strict=True):
        values[splits[fold][1], m] = result
    for train, test in splits:
        priors[test] = fold_prior(codes, train, len(classes))
    return values, priors


def fit_temperatures(
    modalities: Sequence[Modality], values: np.ndarray, codes: np.ndarray, weight: np.ndarray | None
) -> np.ndarray:
    """One temperature per modality that gives decision values; NaN for the others.

    Parameters
    ----------
    modalities : sequence of Modality
    values : ndarray of shape (n_samples, n_modalities, n_classes)
        Cross-fitted.
    codes : ndarray of shape (n_samples,), int
    weight : ndarray of shape (n_samples,), optional
    """
    temperatures = np.full(len(modalities), np.nan)
    for m, modality in enumerate(modalities):
        if not gives_probabilities(modality.estimator):
            temperatures[m] = fit_temperature(values[:, m], codes, weight)
    return temperatures


def to_scores(values: np.ndarray, priors: np.ndarray, temperatures: np.ndarray) -> np.ndarray:
    """Raw values as a score table: decision values softened, unseen classes given their prior.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_modalities, n_classes)
    priors : ndarray of shape (n_samples, n_classes)
    temperatures : ndarray of shape (n_modalities,)
        NaN for modalities whose values are probabilities already.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
    """
    scores = np.array(values, dtype=np.float64)
    for m, temperature in enumerate(temperatures):
        if not np.isnan(temperature):
            margins = np.where(np.isnan(values[:, m]), -np.inf, values[:, m])
            rows = np.isfinite(margins).any(axis=1)
            softened = soften(margins[rows], temperature)
            scores[rows, m] = np.where(np.isfinite(margins[rows]), softened, np.nan)
    return _fill_unseen(scores, priors)


def _fill_unseen(scores: np.ndarray, priors: np.ndarray) -> np.ndarray:
    unseen = np.isnan(scores)
    partly = unseen.any(axis=2) & ~unseen.all(axis=2)
    rows, members = np.nonzero(partly)
    filled = np.where(unseen[rows, members], priors[rows], scores[rows, members])
    scores[rows, members] = filled / filled.sum(axis=1, keepdims=True)
    return scores
