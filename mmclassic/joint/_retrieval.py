"""CrossModalRetriever: find the rows of one modality by another."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral, Real

import numpy as np
from sklearn.base import TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted

from mmclassic.joint._code_space import METHODS, SEMANTIC, Settings, encode
from mmclassic.joint._evaluate import check_ks, measure_both
from mmclassic.joint._fit_pairs import check_fit_groups, check_two_blocks, fit_pairs, read_labels
from mmclassic.joint._index import Index, joined, search_index
from mmclassic.joint._principal import LinearMap
from mmclassic.joint._queries import read_queries
from mmclassic.modalities import (
    Modality,
    ModalityComposition,
    check_table,
    read_modalities,
    settle_unreadable,
)

# Candidates for C of the classifiers, on blocks of total variance one.
CS = (0.3, 1.0, 3.0, 10.0, 30.0)


class CrossModalRetriever(TransformerMixin, ModalityComposition):
    """Search pictures by text, sounds by pictures: two modalities in one space.

    Both modalities of a row become codes of length one in a shared space, in which the cosine says
    what belongs together. ``fit`` learns the space from rows that have both, makes these rows the
    index, and finds the similarity from which on two cells match.

    Rows that lack a modality are left out of learning pairs; they are in the index of the modality
    that they have. A query that lacks the modality it is asked by finds nothing.

    Parameters
    ----------
    modalities : list of two (name, transformer, columns)
        As in ColumnTransformer. Each transformer should end in :class:`BlockScaler`, or give rows
        of length about one, as tf-idf does.
    method : {"cca", "pls", "ridge", "semantic", "semantic_cca"}, default="cca"
        "cca": canonical correlation analysis, regularised. "pls": the largest covariances in place
        of correlations. "ridge": each modality beside its prediction from the other. "semantic":
        the class probabilities of one classifier per modality; needs y. "semantic_cca": the same
        on the components of "cca". To find what is of the same kind take "semantic", to find the
        very partner "cca".
    n_components : int, default=100
        Of the space, at most; with "ridge" of each half of it. Not used by "semantic".
    shrinkage : float between 0 and 1, default=0.6
        Of the variances, towards their mean, in "cca", "ridge" and "semantic_cca". 0 is the
        textbook's CCA; 1 ignores how the features of a modality vary.
    power : float, default=2.0
        In "cca" and "semantic_cca" a component counts as its canonical correlation to this power;
        0 is the textbook's.
    Cs : sequence of float, default=(0.3, 1.0, 3.0, 10.0, 30.0)
        Candidates for the inverse penalty of the classifiers of the semantic methods, on features
        of total variance one. The cross-validated log-loss chooses, for each modality.
    cv : int, default=5
        Folds for the choice of C and for the threshold of a match.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, default=None
        Shuffles the folds, and draws the strangers that pairs are held against; None is 0.
    n_jobs : int, default=None
        Folds in parallel.

    Attributes
    ----------
    modalities_ : list of two (name, fitted transformer, columns)
    maps_ : list of two (mean, weights, intercept)
        From the features of a modality to what its codes are made of.
    classes_ : ndarray of shape (n_classes,)
        With the semantic methods.
    Cs_ : list of two float
        The chosen C, with the semantic methods.
    threshold_ : float
        The similarity from which on two cells match: it tells pairs of the training rows from
        strangers with the largest balanced accuracy, in folds that the space did not see.
    match_accuracy_ : float
        That balanced accuracy.
    index_ : dict from name to (codes, rows)
        What is searched: float32 codes of the rows that have the modality, and their numbers. It
        is saved with the retriever; ``index(X[:0])`` empties it.
    n_indexed_ : int
        Rows of the index, whatever they have.
    unreadable_cells_ : list of CellError
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    mean_average_precision, mean_reciprocal_rank, recall_at_k : How good a ranking is.

    References
    ----------
    N. Rasiwasia, J. Costa Pereira, E. Coviello, G. Doyle, G. Lanckriet, R. Levy, N. Vasconcelos: A
    new approach to cross-modal multimedia retrieval. ACM Multimedia 2010.

    Examples
    --------
    >>> from mmclassic import BagOfWordsVectorizer, CrossModalRetriever, load_demo
    >>> from mmclassic import HOGVectorizer, BlockScaler
    >>> from sklearn.pipeline import make_pipeline
    >>> table = load_demo(n_samples=80)
    >>> retriever = CrossModalRetriever(
    ...     [
    ...         ("text", BagOfWordsVectorizer(), "text"),
    ...         ("image", make_pipeline(HOGVectorizer(), BlockScaler()), "image"),
    ...     ],
    ...     method="semantic",
    ...     cv=2,
    ... ).fit(table, table["label"])
    >>> rows, similarities = retriever.search(table[["text"]][:2], k=3, by="text")
    >>> rows.shape
    (2, 3)
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "method": [StrOptions(set(METHODS))],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "shrinkage": [Interval(Real, 0, 1, closed="both")],
        "power": [Interval(Real, 0, None, closed="left")],
        "Cs": ["array-like"],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": [Integral, None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        modalities,
        method="cca",
        *,
        n_components=100,
        shrinkage=0.6,
        power=2.0,
        Cs=CS,
        cv=5,
        on_unreadable="raise",
        max_error_rate=0.05,
        random_state=None,
        n_jobs=None,
    ):
        self.modalities = modalities
        self.method = method
        self.n_components = n_components
        self.shrinkage = shrinkage
        self.power = power
        self.Cs = Cs
        self.cv = cv
        self.on_unreadable = on_unreadable
        self.max_error_rate = max_error_rate
        self.random_state = random_state
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None, groups=None):
        """Learn the space, index the rows, and find the threshold of a match.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), optional
            Classes; needed by the semantic methods, and used by these only.
        groups : array-like of shape (n_samples,), optional
            Rows of one group share a fold.

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            After all cells were tried.
        ValueError
            If there are not two modalities, too few rows have both, classes are needed, or y or
            groups are not as long as X.
        """
        active = check_two_blocks(self)
        X = check_table(self, X, reset=True)
        settings = Settings(self.method, self.n_components, self.shrinkage, self.power)
        labels = read_labels(_num_samples(X), y, self.method)
        groups = check_fit_groups(_num_samples(X), groups)
        classes = None
        if labels is not None:
            self.classes_, classes = labels
        data = read_modalities(active, X)
        self.unreadable_cells_ = settle_unreadable(data, self.on_unreadable, self.max_error_rate)
        folds = {"cv": self.cv, "groups": groups, "random_state": self.random_state}
        found = fit_pairs(data, settings, classes, self.Cs, folds, self.n_jobs)
        self.threshold_, self.match_accuracy_ = found.threshold, found.match_accuracy
        if settings.semantic:
            self.Cs_ = found.inverse_penalties
        self._n_first = found.space.n_first
        self.maps_ = [(one.mean, one.weights, one.intercept) for [one] in found.space.maps]
        pairs = list(zip(data, found.space.transformers, strict=True))
        self.modalities_ = [(m.name, m.whole(fitted), m.columns) for m, fitted in pairs]
        return self._set_index([replace(m, estimator=fitted) for m, fitted in pairs])

    def transform(self, X):
        """Codes of both modalities, side by side.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        codes : ndarray of shape (n_samples, 2 * width), float64
            Of length one each; NaN where a row lacks the modality.
        """
        data = self._read(X)
        sides = []
        for m, modality in enumerate(data):
            codes, rows = self._encode(m, modality)
            side = np.full((len(modality.position), codes.shape[1]), np.nan)
            side[rows] = codes
            sides.append(side)
        return np.hstack(sides)

    def get_feature_names_out(self, input_features=None):
        """Names such as ``text__code0``.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str objects
        """
        check_is_fitted(self)
        names = [
            f"{name}__code{number}"
            for name, _, _ in self.modalities_
            for number in range(self.index_[name][0].shape[1])
        ]
        return np.array(names, dtype=object)

    def index(self, X):
        """Search these rows from now on, in place of those of ``fit``; the space stays.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
            Rows may lack modalities.

        Returns
        -------
        self : object
        """
        return self._set_index(self._read(X))

    def add(self, X):
        """Search these rows too; they are numbered behind those of the index.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        self : object
        """
        data = self._read(X)
        self.index_ = joined(self.index_, self._index_of(data), self.n_indexed_)
        self.n_indexed_ += len(data[0].position)
        return self

    def search(self, queries, k=10, *, by):
        """The k rows of the index whose other modality is most similar to each query.

        Exact, in blocks: memory does not grow with the number of queries times rows.

        Parameters
        ----------
        queries : frame, array-like of shape (n_queries, n_columns), or column of cells
            A frame needs the columns of the modality ``by`` only. Where ``fit`` saw a frame and the
            modality reads one column by its name, also a list, Series or array of its cells.
        k : int, default=10
        by : str
            Name of the modality of the queries; the other one is searched.

        Returns
        -------
        rows : ndarray of shape (n_queries, k), int
            Of the index, the most similar first; -1 where there are no more, and for queries
            that lack the modality.
        similarities : ndarray of shape (n_queries, k), float64
            Cosines between -1 and 1; NaN where there is no row.
        """
        check_is_fitted(self)
        if not isinstance(k, Integral) or k < 1:
            raise ValueError(f"k must be a whole number from 1, got {k!r}.")
        modality = read_queries(self, queries, by)
        settle_unreadable([modality], self.on_unreadable)
        names = [name for name, _, _ in self.modalities_]
        m = names.index(by)
        codes, asked = self._encode(m, modality)
        n_queries = len(modality.position)
        return search_index(codes, asked, n_queries, self.index_[names[1 - m]], int(k))

    def match_scores(self, X):
        """How similar the two modalities of each row are.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        similarities : ndarray of shape (n_samples,), float64
            Cosines between -1 and 1; NaN where a row lacks a modality.
        """
        first, second = np.hsplit(self.transform(X), 2)
        return (first * second).sum(axis=1)

    def match(self, X):
        """Whether the two modalities of each row belong together: ``threshold_`` or more.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        matches : ndarray of shape (n_samples,), bool
            False also where a row lacks a modality; ``match_scores`` is NaN there.

        Raises
        ------
        ValueError
            If there were too few rows with both modalities to find a threshold.
        """
        scores = self.match_scores(X)
        if np.isnan(self.threshold_):
            raise ValueError(
                "There is no threshold: fit saw too few rows with both modalities to hold pairs "
                "against others. Compare match_scores with a threshold of yours."
            )
        return scores >= self.threshold_

    def evaluate(self, X, y=None, *, ks=(1, 5, 10)):
        """Retrieval among some rows, in both directions.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
            Rows that ``fit`` did not see.
        y : array-like of shape (n_samples,), optional
            Classes: what is of the same class is relevant. Default: the very partner is.
        ks : int or sequence of int, default=(1, 5, 10)
            For recall at k: whole numbers from 1, or ValueError.

        Returns
        -------
        measures : pandas DataFrame
            A row per direction, such as "text -> image", with the numbers of queries and items,
            "recall@k" for each k, "mrr" and "map". Queries without a relevant item are left out.
        """
        import pandas as pd

        measures = self._measure(X, y, check_ks(ks))
        return pd.DataFrame(list(measures.values()), index=list(measures))

    def score(self, X, y=None):
        """Mean average precision with classes, mean reciprocal rank of the partners without.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), optional

        Returns
        -------
        score : float
            The mean of both directions.
        """
        measures = self._measure(X, y, ())
        return float(np.mean([one["mrr" if y is None else "map"] for one in measures.values()]))

    def _read(self, X) -> list[Modality]:
        check_is_fitted(self)
        X = check_table(self, X, reset=False)
        data = read_modalities(self.modalities_, X)
        settle_unreadable(data, self.on_unreadable)
        return data

    def _encode(self, m: int, modality: Modality) -> tuple[np.ndarray, np.ndarray]:
        """Codes of the rows that have a modality, whose estimator is fitted; and these rows."""
        return encode(modality, LinearMap(*self.maps_[m]), self.method, self._n_first)

    def _set_index(self, data: list[Modality]):
        self.index_ = self._index_of(data)
        self.n_indexed_ = len(data[0].position)
        return self

    def _index_of(self, data: list[Modality]) -> Index:
        index = {}
        for m, modality in enumerate(data):
            codes, rows = self._encode(m, modality)
            index[modality.name] = codes.astype(np.float32), rows
        return index

    def _measure(self, X, y, ks) -> dict[str, dict]:
        """Measures of each direction, by its name."""
        data = self._read(X)
        sides = [(modality.name, *self._encode(m, modality)) for m, modality in enumerate(data)]
        return measure_both(sides, len(data[0].position), y, ks)

    def _to_portable(self):
        """Forget which cells could not be read, before the retriever is saved."""
        self.unreadable_cells_ = []

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.method in SEMANTIC
        return tags
