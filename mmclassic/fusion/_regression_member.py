"""One regressor of a fusion: checked, fitted on rows of the table, predicting others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import delayed
from sklearn.base import clone, is_classifier

from mmclassic._errors import UnreadableCellsError, renumber
from mmclassic._parallel import run_all
from mmclassic.fusion._fit_monitor import FitMonitor
from mmclassic.fusion._member import fit_estimator
from mmclassic.modalities._modality import Modality


def check_regressors(modalities: Sequence[tuple]) -> None:
    """Refuse estimators that predict no numbers, before anything is read.

    Parameters
    ----------
    modalities : sequence of (name, estimator, columns)

    Raises
    ------
    ValueError
        Naming the modality whose estimator has no ``predict``, or is a classifier.
    """
    for name, estimator, _ in modalities:
        if not hasattr(estimator, "predict") or is_classifier(estimator):
            raise ValueError(
                f"Modality {name!r}: {type(estimator).__name__} is no regressor. Classifiers "
                "belong in LateFusionClassifier."
            )


def fit_regressor(
    modality: Modality,
    target: np.ndarray,
    rows: np.ndarray,
    fit_params: dict | None = None,
    fit: Any = None,
) -> Any:
    """Fit a clone of a modality's regressor on those of some rows that have it.

    Parameters
    ----------
    modality : Modality
    target : ndarray of shape (n_samples,)
    rows : ndarray of int
    fit_params : dict, optional
        Arrays of n_samples values, such as sample_weight.
    fit : callable, optional
        ``fit_estimator``, or a cached form of it.

    Returns
    -------
    fitted : estimator or None
        None if none of the rows has the modality.

    Raises
    ------
    UnreadableCellsError
        Numbered by the rows of the table.
    """
    data, rows = modality.take(rows)
    if not len(rows):
        return None
    params = {key: np.asarray(value)[rows] for key, value in (fit_params or {}).items()}
    try:
        return (fit or fit_estimator)(clone(modality.estimator), data, target[rows], params)
    except UnreadableCellsError as error:
        raise UnreadableCellsError(renumber(error.errors, rows), error.n_cells) from error


def fit_regressors(
    modalities: Sequence[Modality],
    target: np.ndarray,
    rows: np.ndarray,
    fit_params: dict[str, dict],
    *,
    n_jobs: int | None = None,
    monitor: FitMonitor | None = None,
) -> list[tuple]:
    """Fit every modality's regressor, its stateless steps in front again.

    Parameters
    ----------
    modalities : sequence of Modality
    target : ndarray of shape (n_samples,)
    rows : ndarray of int
    fit_params : dict of dict
        Parameters of each modality's ``fit``, by its name.
    n_jobs : int, optional
    monitor : FitMonitor, optional
        In its stage "fit-modalities".

    Returns
    -------
    fitted : list of (name, fitted estimator, columns)

    Raises
    ------
    ValueError
        Naming a modality that none of the rows has.
    """
    names = [modality.name for modality in modalities]
    fits = [fit_estimator] * len(names) if monitor is None else monitor.fits(names)
    tasks = (
        delayed(fit_regressor)(modality, target, rows, fit_params.get(modality.name), fit)
        for modality, fit in zip(modalities, fits, strict=True)
    )
    fitted = run_all(tasks, n_jobs)
    for modality, estimator in zip(modalities, fitted, strict=True):
        if estimator is None:
            raise ValueError(
                f"Modality {modality.name!r} has no rows to fit on: leave the modality out, or add "
                "rows that have it."
            )
    return [
        (modality.name, modality.whole(estimator), modality.columns)
        for modality, estimator in zip(modalities, fitted, strict=True)
    ]


def predict_member(fitted: Any, modality: Modality, rows: np.ndarray) -> np.ndarray:
    """Predictions for some rows.

    Parameters
    ----------
    fitted : estimator or None
    modality : Modality
    rows : ndarray of shape (n_rows,), int

    Returns
    -------
    predictions : ndarray of shape (n_rows, 1), float64
        NaN for rows without the modality.

    Raises
    ------
    ValueError
        If a prediction is NaN or infinite: it would pass for a missing modality.
    """
    predictions = np.full((len(rows), 1), np.nan)
    there = modality.present[rows]
    if fitted is None or not there.any():
        return predictions
    data, kept = modality.take(rows)
    try:
        values = np.asarray(fitted.predict(data), dtype=np.float64)
    except UnreadableCellsError as error:
        raise UnreadableCellsError(renumber(error.errors, kept), error.n_cells) from error
    if values.size != len(kept):
        raise ValueError(
            f"Modality {modality.name!r} predicts an array of shape {values.shape} for "
            f"{len(kept)} rows: one number a row is needed."
        )
    values = values.reshape(-1)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise ValueError(
            f"Modality {modality.name!r} predicts {values[wrong][0]} for row {kept[wrong][0]}: "
            "its regressor must give finite numbers."
        )
    predictions[there, 0] = values
    return predictions


def cross_fit_predictions(
    modalities: Sequence[Modality],
    target: np.ndarray,
    splits: Sequence[tuple],
    fit_params: dict[str, dict] | None = None,
    *,
    n_jobs: int | None = None,
    monitor: FitMonitor | None = None,
) -> np.ndarray:
    """Out-of-fold predictions of every modality.

    Parameters
    ----------
    modalities : sequence of Modality
    target : ndarray of shape (n_samples,)
    splits : sequence of (train rows, test rows)
    fit_params : dict of dict, optional
        Parameters of each modality's ``fit``, by its name.
    n_jobs : int, optional
    monitor : FitMonitor, optional
        In its stage "cross-fit".

    Returns
    -------
    scores : ndarray of shape (n_samples, n_modalities, 1)
        NaN for rows that no fold tests, and for rows without the modality.
    """
    fit_params = fit_params or {}

    def fit_and_predict(modality, train, test, fit):
        fitted = fit_regressor(modality, target, train, fit_params.get(modality.name), fit)
        return predict_member(fitted, modality, test)

    jobs = [(m, fold) for fold in range(len(splits)) for m in range(len(modalities))]
    names = [f"{modalities[m].name}-fold-{fold}" for m, fold in jobs]
    fits = [fit_estimator] * len(jobs) if monitor is None else monitor.fits(names)
    tasks = (
        delayed(fit_and_predict)(modalities[m], *splits[fold], fit)
        for (m, fold), fit in zip(jobs, fits, strict=True)
    )
    results = run_all(tasks, n_jobs)
    scores = np.full((len(target), len(modalities), 1), np.nan)
    for (m, fold), result in zip(jobs, results, strict=True):
        scores[splits[fold][1], m] = result
    return scores
