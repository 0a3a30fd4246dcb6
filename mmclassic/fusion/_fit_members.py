"""Every modality's classifier, fitted on all the rows that have the modality."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import delayed

from mmclassic._parallel import run_all
from mmclassic.fusion._fit_monitor import FitMonitor
from mmclassic.fusion._member import fit_member, rows_that_count
from mmclassic.modalities._modality import Modality


def fit_members(
    modalities: Sequence[Modality],
    codes: np.ndarray,
    rows: np.ndarray,
    classes: np.ndarray,
    fit_params: dict[str, dict],
    *,
    n_jobs: int | None = None,
    monitor: FitMonitor,
) -> list[tuple]:
    """Fit every modality's classifier, its stateless steps in front again.

    Parameters
    ----------
    modalities : sequence of Modality
    codes : ndarray of shape (n_samples,), int
    rows : ndarray of int
    classes : ndarray of shape (n_classes,)
    fit_params : dict of dict
        Parameters of each modality's ``fit``, by its name.
    n_jobs : int, optional
    monitor : FitMonitor
        In its stage "fit-modalities".

    Returns
    -------
    fitted : list of (name, fitted estimator, columns)

    Raises
    ------
    ValueError
        Naming a modality whose rows show fewer than two classes.
    """
    fits = monitor.fits([modality.name for modality in modalities])
    tasks = (
        delayed(fit_member)(
            modality, classes[codes], rows, classes, fit_params.get(modality.name), fit
        )
        for modality, fit in zip(modalities, fits, strict=True)
    )
    fitted = run_all(tasks, n_jobs)
    for modality, estimator in zip(modalities, fitted, strict=True):
        if estimator is None:
            own = rows_that_count(rows, fit_params.get(modality.name))
            weighted = "" if len(own) == len(rows) else "with a sample_weight above zero "
            raise ValueError(
                f"Modality {modality.name!r} has {int(modality.present[own].sum())} rows "
                f"{weighted}to fit on, of fewer than two classes: leave the modality out, or "
                "add rows that have it."
            )
    return [
        (modality.name, modality.whole(estimator), modality.columns)
        for modality, estimator in zip(modalities, fitted, strict=True)
    ]
