"""EarlyFusionClassifier: the features of all modalities side by side, one classifier on top."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from joblib import delayed
from sklearn.base import _fit_context
from sklearn.utils import compute_sample_weight
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted

from mmclassic._parallel import run_all
from mmclassic.fusion._cross_fit import fold_prior, to_scores
from mmclassic.fusion._early_member import fit_early
from mmclassic.fusion._fit_record import fit_time
from mmclassic.fusion._folds import split_rows, splitter_for
from mmclassic.fusion._member import decision_margins
from mmclassic.fusion._row_space import join
from mmclassic.fusion._scores import fit_temperature
from mmclassic.modalities._block_composition import BlockComposition
from mmclassic.modalities._blocks import check_blocks
from mmclassic.modalities._labels import check_groups, encode_labels
from mmclassic.modalities._modality import Modality
from mmclassic.modalities._probabilities import ProbabilisticClassifier
from mmclassic.modalities._read_blocks import blocks_to_fit

# The candidates for C of early fusion, on blocks of total variance one.
CS = (0.3, 1.0, 3.0, 10.0, 30.0)


def choose_candidate(
    values: np.ndarray,
    codes: np.ndarray,
    priors: np.ndarray,
    sample_weight: np.ndarray | None = None,
) -> tuple[int, float]:
    """The candidate with the least cross-fitted log-loss at its best temperature.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_candidates, n_classes)
        Cross-fitted log-probabilities; NaN for classes that a fold did not see.
    codes : ndarray of shape (n_samples,), int
    priors : ndarray of shape (n_samples, n_classes)
        For classes that a fold did not see.
    sample_weight : ndarray of shape (n_samples,), optional
        Of the rows in the log-loss.

    Returns
    -------
    index : int
    temperature : float
    """
    losses, temperatures = [], []
    for index in range(values.shape[1]):
        temperature = fit_temperature(values[:, index], codes, sample_weight)
        scores = to_scores(values[:, [index]], priors, np.array([temperature]))[:, 0]
        own = np.maximum(scores[np.arange(len(codes)), codes], np.finfo(float).tiny)
        losses.append(-np.average(np.log(own), weights=sample_weight))
        temperatures.append(temperature)
    best = int(np.argmin(losses))
    return best, temperatures[best]


class EarlyFusionClassifier(ProbabilisticClassifier, BlockComposition):
    """Logistic regression on the features of all modalities, joined.

    The rival of late fusion. Its C and its temperature are tuned on one cross-fit. A block, or a
    feature, that a row lacks is given its mean over the training rows of the fold; a sparse block
    (words) is then empty.

    Parameters
    ----------
    modalities : list of (name, transformer, columns)
        As in ColumnTransformer; each transformer should end in :class:`BlockScaler`, or give rows
        of length about one, as tf-idf does. "passthrough" takes the columns as they are.
    Cs : sequence of float, default=(0.3, 1.0, 3.0, 10.0, 30.0)
        Candidates for the inverse strength of the L2 penalty.
    cv : int, splitter or iterable, default=5
        Folds that choose C and the temperature.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    class_weight : None, "balanced" or dict from label to float, default=None
        What rows count in the classifier, and in the choice of C and temperature. "balanced":
        rare classes as much as frequent ones.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, default=None
        An int shuffles the folds of an int ``cv``; None keeps the order of the table.
    n_jobs : int, default=None
        Folds in parallel.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    modalities_ : list of (name, fitted transformer, columns)
    classifier_ : LogisticRegression
        On the joined features.
    C_ : float
        The chosen C.
    temperature_ : float
    class_prior_ : ndarray of shape (n_classes,)
    unreadable_cells_ : list of CellError
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    LateFusionClassifier : One classifier per modality.
    make_early_fusion : This with good defaults for each medium.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from mmclassic import BlockScaler, EarlyFusionClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = EarlyFusionClassifier(
    ...     [("sepal", BlockScaler(), [0, 1]), ("petal", BlockScaler(), [2, 3])]
    ... ).fit(X, y)
    >>> model.predict(X[:2])
    array([0, 0])
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "Cs": ["array-like"],
        "cv": ["cv_object"],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": [Integral, None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        modalities,
        *,
        Cs=CS,
        cv=5,
        on_unreadable="raise",
        class_weight=None,
        max_error_rate=0.05,
        random_state=None,
        n_jobs=None,
    ):
        self.modalities = modalities
        self.Cs = Cs
        self.cv = cv
        self.on_unreadable = on_unreadable
        self.class_weight = class_weight
        self.max_error_rate = max_error_rate
        self.random_state = random_state
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Fit the transformers and the classifier.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
        groups : array-like of shape (n_samples,), optional
            Rows of one group share a fold.

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            After all cells were tried.
        """
        if not len(self.Cs) or min(self.Cs) <= 0:
            raise ValueError(f"Cs must be one positive number or more, got {self.Cs!r}.")
        check_blocks(self.modalities)
        self.classes_, codes = encode_labels(y)
        if len(codes) != _num_samples(X):
            raise ValueError(f"X has {_num_samples(X)} rows, y has {len(codes)}.")
        groups = None if groups is None else check_groups(groups)
        splitter = splitter_for(
            self.cv, codes, groups, classes=self.classes_, random_state=self.random_state
        )
        splits = split_rows(splitter, codes, groups)
        data, self.unreadable_cells_ = blocks_to_fit(self, X)
        labels = self.classes_[codes]

        def candidates(train, test):
            member = fit_early(data, labels, train, self.Cs, self.class_weight)
            return member.values(data, test, self.classes_)

        results = run_all((delayed(candidates)(*split) for split in splits), self.n_jobs)
        tested = np.concatenate([test for _, test in splits])
        priors = np.concatenate(
            [np.tile(fold_prior(codes, a, len(self.classes_)), (len(b), 1)) for a, b in splits]
        )
        weight = None
        if self.class_weight is not None:
            weight = compute_sample_weight(self.class_weight, labels[tested])
        choice = choose_candidate(np.concatenate(results), codes[tested], priors, weight)
        return self._fit_read(data, codes, choice)

    def _fit_read(self, data: list[Modality], codes, choice, rows=None):
        """Fit on modalities that were read, with the chosen candidate and temperature."""
        rows = np.arange(len(codes)) if rows is None else rows
        index, self.temperature_ = choice
        self.C_ = float(self.Cs[index])
        self.class_prior_ = fold_prior(codes, rows, len(self.classes_))
        member = fit_early(data, self.classes_[codes], rows, [self.C_], self.class_weight)
        self.modalities_ = []
        for modality, transformer in zip(data, member.blocks.transformers, strict=True):
            if transformer is None:
                raise ValueError(f"Modality {modality.name!r} has no row to fit on: leave it out.")
            self.modalities_.append((modality.name, modality.whole(transformer), modality.columns))
        self.classifier_ = member.classifiers[0]
        self.classifier_.coef_ = member.space.coefficients(self.classifier_.coef_)
        self.classifier_.n_features_in_ = self.classifier_.coef_.shape[1]
        self._means = member.blocks.means
        self._fitted = fit_time()
        return self

    def predict_proba(self, X):
        """Class probabilities.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            The class prior for rows that have nothing.
        """
        check_is_fitted(self)
        blocks, present = self._features(X)
        n_samples, n_classes = len(present), len(self.classes_)
        probabilities = np.tile(self.class_prior_, (n_samples, 1))
        if not n_samples:
            return probabilities
        features = join(blocks)
        values = np.full((n_samples, 1, n_classes), np.nan)
        seen = np.searchsorted(self.classes_, self.classifier_.classes_)
        values[:, 0, seen] = decision_margins(self.classifier_, features)
        scores = to_scores(values, probabilities, np.array([self.temperature_]))[:, 0]
        return np.where(present.any(axis=1)[:, None], scores, probabilities)

    def get_feature_names_out(self, input_features=None):
        """Names of the joined features, in the order of ``classifier_.coef_``.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str objects, shape (n_features,)
            Each with the name of its block first, such as "image__hog0".
        """
        return self.block_feature_names_
