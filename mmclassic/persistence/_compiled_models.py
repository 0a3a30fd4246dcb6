"""Whether arrays that scikit-learn's compiled code follows, besides trees, fit each other.

libsvm, the neighbours' votes, k-means and scipy's sparse products take sizes and indices from
one array and use them on another without looking.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse


def is_between(values: Any, low: float, above: float) -> bool:
    """Whether all values are at least ``low`` and below ``above``."""
    values = np.asarray(values)
    return bool(np.all(values >= low) and np.all(values < above))


def is_sound_sparse(matrix: Any) -> bool:
    """Whether indices of a sparse matrix lie within its shape; raises ValueError if not."""
    if matrix.format in ("csr", "csc", "bsr"):
        matrix.check_format(full_check=True)
    return True


def is_sound_svm(model: Any) -> bool:
    """Whether a support vector machine's arrays have the sizes that libsvm takes from others."""
    if not hasattr(model, "support_vectors_"):
        return True
    n_vectors, n_features = model.support_vectors_.shape
    n_classes = len(model._n_support)
    n_pairs = n_classes * (n_classes - 1) // 2
    coefficients = model._dual_coef_
    dense = sparse.issparse(coefficients) == sparse.issparse(model.support_vectors_)
    if sparse.issparse(coefficients):  # libsvm reads its data as if it were dense
        dense &= coefficients.nnz == coefficients.shape[0] * coefficients.shape[1]
    is_classifier = hasattr(model, "classes_")
    return bool(
        dense
        and "_impl" not in vars(model)  # the kind of machine is the class's
        and sparse.issparse(model.support_vectors_) == model._sparse
        and model.kernel != "precomputed"  # has no vectors of its own
        and n_features == model.n_features_in_
        and n_classes == (len(model.classes_) if is_classifier else 2)
        and (not is_classifier or model._n_support.sum() == n_vectors)
        and is_between(model._n_support, 0, n_vectors + 1)
        and model.support_.shape == (n_vectors,)
        and coefficients.shape == (n_classes - 1, n_vectors)
        and model._intercept_.shape == (n_pairs,)
        and all(len(part) in (0, n_pairs) for part in (model._probA, model._probB))
    )


def is_sound_vote(model: Any) -> bool:
    """Whether the labels of neighbours are classes, and as many as there are rows."""
    if not hasattr(model, "_fit_X"):
        return True
    classes = model.classes_ if model.outputs_2d_ else [model.classes_]
    labels = np.asarray(model._y).reshape(len(model._y), -1)
    return (
        model._fit_X.shape == (len(labels), model.n_features_in_)
        and labels.shape[1] == len(classes)
        and all(is_between(labels[:, i], 0, len(own)) for i, own in enumerate(classes))
    )


def is_sound_means(model: Any) -> bool:
    """Whether centres of clusters have as many values as rows will."""
    if not hasattr(model, "cluster_centers_"):
        return True
    return model.cluster_centers_.shape[1:] == (model.n_features_in_,)


COMPILED_CHECKS = {
    **{
        f"sklearn.svm._classes.{name}": is_sound_svm
        for name in ("SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM")
    },
    **{
        f"sklearn.neighbors._classification.{name}": is_sound_vote
        for name in ("KNeighborsClassifier", "RadiusNeighborsClassifier")
    },
    **{f"sklearn.cluster._kmeans.{name}": is_sound_means for name in ("KMeans", "MiniBatchKMeans")},
}
