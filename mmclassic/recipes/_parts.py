"""The defaults of each medium, in one place: what every recipe is put together from.

The figures behind them are in ``benchmarks/results``.
"""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PowerTransformer, StandardScaler

from mmclassic.audio import MFCCVectorizer
from mmclassic.fusion import BlockScaler
from mmclassic.image import BackboneVectorizer, ColorHistogramVectorizer, HOGVectorizer
from mmclassic.media import CellUnion
from mmclassic.tabular import CategoryColumns, NumberColumns
from mmclassic.text import BagOfWordsVectorizer

MEDIA = ("text", "image", "audio", "numeric", "categorical")


def name_columns(**columns: Any) -> list[tuple[str, str, Any]]:
    """Name, medium and columns of each modality."""
    named: list[tuple[str, str, Any]] = []
    for medium in MEDIA:
        given = columns[medium]
        if given is None or (not isinstance(given, str) and not len(given)):
            continue
        several = [given] if isinstance(given, str) else list(given)
        if medium in ("numeric", "categorical"):
            named.append((medium, medium, several))
        elif len(several) == 1:
            named.append((medium, medium, several[0]))
        else:
            named += [(f"{medium}:{c}".replace("__", "_"), medium, c) for c in several]
    if not named:
        raise ValueError(f"Name at least one column with {', '.join(f'{m}=' for m in MEDIA)}.")
    return named


def all_columns(named: list[tuple[str, str, Any]]) -> list[str]:
    """The columns of all modalities, each once."""
    several = [columns if isinstance(columns, list) else [columns] for _, _, columns in named]
    return list(dict.fromkeys(column for columns in several for column in columns))


def features(medium: str, options: dict) -> list:
    """The steps from cells to scaled features."""
    reading = {"cache": options["cache"], "n_jobs": options["n_jobs"]}
    if medium == "text":
        # Sparse, whatever the global setting of set_output.
        privacy = {"hashed": options["hashed"], "redact": options["redact"]}
        words = BagOfWordsVectorizer(characters="auto", **privacy)
        return [words.set_output(transform="default")]
    return [make_vectorizer(medium, backbone=options["backbone"], **reading), BlockScaler()]


def make_vectorizer(
    medium: str, *, backbone: Any = None, cache: Any = None, n_jobs: int | None = None
) -> Any:
    """The default vectorizer of pictures or recordings.

    Parameters
    ----------
    medium : {"image", "audio"}
    backbone, cache, n_jobs
        As in :func:`make_late_fusion`.

    Examples
    --------
    >>> type(make_vectorizer("audio")).__name__
    'MFCCVectorizer'
    """
    if medium == "audio":
        return MFCCVectorizer(cache=cache, n_jobs=n_jobs)
    if backbone is not None:
        return BackboneVectorizer(backbone, cache=cache, n_jobs=n_jobs)
    members = [("hog", HOGVectorizer()), ("color", ColorHistogramVectorizer())]
    return CellUnion(members, cache=cache, n_jobs=n_jobs)


def late_member(medium: str, random_state: int, options: dict) -> Any:
    """The classifier of one modality."""
    weight = options["class_weight"]
    if medium == "numeric":
        boosting = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_leaf_nodes=8,
            class_weight=weight,
            random_state=random_state,
        )
        members = [("boosting", boosting), ("linear", logistic(1, weight))]
        return make_pipeline(*numbers(StandardScaler()), VotingClassifier(members, voting="soft"))
    if medium == "categorical":
        return make_pipeline(*one_hot(), logistic(10, weight))
    inverse_penalty = 10 if medium == "text" else 3
    return make_pipeline(*features(medium, options), logistic(inverse_penalty, weight))


def logistic(inverse_penalty: float, class_weight: str | None) -> LogisticRegression:
    return LogisticRegression(C=inverse_penalty, max_iter=1000, class_weight=class_weight)


def early_block(medium: str, options: dict) -> Any:
    """The features of one modality, scaled to join others."""
    if medium == "numeric":
        return make_pipeline(*numbers(PowerTransformer()), BlockScaler())
    if medium == "categorical":
        return make_pipeline(*one_hot())
    return make_pipeline(*features(medium, options))


def numbers(scaler: Any) -> list:
    """Numbers without gaps, with columns that say where these were, on one scale."""
    return [NumberColumns(), SimpleImputer(strategy="median", add_indicator=True), scaler]


def one_hot() -> list:
    """Categories as text, then one column for each that is not rare."""
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2)
    # Sparse, and without names before a fit, whatever the global setting of set_output.
    return [step.set_output(transform="default") for step in (CategoryColumns(), encoder)]
