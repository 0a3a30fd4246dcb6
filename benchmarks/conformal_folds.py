"""Why cross-fitted LAC sets cover a little more than promised: the models they are calibrated on.

    python benchmarks/conformal_folds.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Cross-fitted scores
come from base models that were fitted on (K - 1) / K of the rows, the scores of new rows from
models that were fitted on all of them, which are better: a true label reaches the threshold more
often. If that is the reason, the excess shrinks as K grows. Writes coverage by K to
benchmarks/results/conformal_folds.md.
"""

from __future__ import annotations

import warnings

import numpy as np
from _mfeat import VIEWS, data_folder, load_views, markdown, members, write_result
from joblib import Parallel, delayed
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from mmclassic import ConformalClassifier, LateFusionClassifier

COVERAGE = 0.9
N_TRAIN = 300
FOLDS = (2, 3, 5, 10, 20)
SPLITS = range(20)
KIND = "logistic"


def one_split(X, columns, y, seed: int) -> dict[int, tuple[float, float]]:
    """By number of folds: coverage of test rows, and accuracy of the cross-fitted scores."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    train, test = train_test_split(
        np.arange(len(y)), train_size=N_TRAIN, stratify=y, random_state=seed
    )
    modalities = list(zip(VIEWS, members(KIND), columns, strict=True))
    found = {}
    with threadpool_limits(1):
        for n_folds in FOLDS:
            model = LateFusionClassifier(modalities, cv=n_folds).fit(X[train], y[train])
            conformal = ConformalClassifier(model, coverage=COVERAGE).fit_cross_fitted(y[train])
            sets = conformal.set_of_scores(model.score_table(X[test]))
            inner = model.fuse(model.cross_fit_scores_).argmax(axis=1)
            covered = sets[np.arange(len(test)), y[test]]
            found[n_folds] = (float(covered.mean()), float(np.mean(inner == y[train])))
    return found


def main() -> None:
    X, columns, y = load_views(data_folder(str(__doc__)))
    outcomes = Parallel(n_jobs=2)(delayed(one_split)(X, columns, y, seed) for seed in SPLITS)
    rows = []
    for n_folds in FOLDS:
        covered = np.array([100 * outcome[n_folds][0] for outcome in outcomes])
        error = covered.std(ddof=1) / np.sqrt(len(covered))
        accuracy = 100 * np.mean([outcome[n_folds][1] for outcome in outcomes])
        share = f"{100 * (n_folds - 1) / n_folds:.0f}"
        rows.append([n_folds, share, f"{covered.mean():.1f} ± {error:.1f}", f"{accuracy:.1f}"])
    header = ["folds", "rows fitted on, %", "coverage, %", "accuracy of cross-fitted scores, %"]
    text = (
        "# Coverage of cross-fitted LAC sets by the number of folds\n\n"
        f"UCI multiple features, six views, logistic regressions; {N_TRAIN} rows to fit and "
        f"calibrate, {len(y) - N_TRAIN} to test, {len(outcomes)} random splits; mean and standard "
        f"error over splits. Promised coverage {COVERAGE:.0%}.\n\n"
        f"{markdown(header, rows)}\n\nMade by `python benchmarks/conformal_folds.py`.\n"
    )
    write_result("conformal_folds", text)


if __name__ == "__main__":
    main()
