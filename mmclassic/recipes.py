"""Good defaults for each medium, in one place: the models that every door of mmclassic builds.

The figures behind the defaults are in ``benchmarks/results``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PowerTransformer

from mmclassic.audio import MFCCVectorizer
from mmclassic.fusion import BlockScaler, EarlyFusionClassifier, LateFusionClassifier
from mmclassic.image import BackboneVectorizer, ColorHistogramVectorizer, HOGVectorizer
from mmclassic.joint import JointClassifier
from mmclassic.media import CellUnion
from mmclassic.tabular import CategoryColumns, NumberColumns
from mmclassic.text import BagOfWordsVectorizer

__all__ = ["make_late_fusion", "make_early_fusion", "make_joint_fusion"]

MEDIA = ("text", "image", "audio", "numeric", "categorical")


def make_late_fusion(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    fusion: Any = "log_pool",
    early: bool = False,
    cache: Any = None,
    cv: Any = 5,
    on_unreadable: str = "raise",
    class_weight: str | None = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> LateFusionClassifier:
    """A late fusion with the default vectorizer and classifier of each medium.

    Parameters
    ----------
    text, image, audio : str or sequence of str, optional
        Columns of the medium; each is a modality of its own. A single column gives a modality
        called "text", "image" or "audio"; several give "text:caption", "text:title" and so on.
    numeric, categorical : str or sequence of str, optional
        Columns that make one modality together.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    fusion : head or str, default="log_pool"
        As in :class:`LateFusionClassifier`.
    early : bool, default=False
        Whether an early fusion of all columns joins as one more member, "early". It is
        cross-fitted like the others, and no file is read twice.
    cache : path, optional
        The store of features of pictures and recordings.
    cv : int, splitter or iterable, default=5
        Folds of the cross-fit.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    class_weight : "balanced", optional
        Rare classes count as much as frequent ones in each modality's classifier. The head is
        fitted on the rows as they are and learns how frequent classes are: to weigh it too, as
        :func:`benchmark` does, pass ``sample_weight`` to ``fit`` in place of this.
    hashed : bool, default=False
        Keep hashed columns of texts in place of their words, so that the model can be shared
        without them.
    redact : bool or sequence of str, default=False
        What :func:`redact` replaces in texts first: some of "url", "email", "phone" and
        "number"; True for all.
    random_state : int, optional
        Seeds the models and shuffles the folds; None keeps the folds in the order of the table.
    n_jobs : int, optional
        Fits, and reading of cells, in parallel.

    Returns
    -------
    model : LateFusionClassifier
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    See Also
    --------
    make_early_fusion : The same features side by side.
    benchmark : How good this is on a table, beside its rivals.

    Examples
    --------
    >>> from mmclassic import load_demo, make_late_fusion
    >>> table = load_demo(n_samples=60)
    >>> model = make_late_fusion(text="text", audio="audio", cv=2).fit(table, table["label"])
    >>> model.predict_proba(table[:3]).shape
    (3, 10)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    options["class_weight"] = class_weight
    named = _name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    modalities = [
        (name, _late_member(medium, random_state or 0, options), columns)
        for name, medium, columns in named
    ]
    if early:
        blocks = [(name, _early_block(medium, options), columns) for name, medium, columns in named]
        joined = EarlyFusionClassifier(
            blocks,
            cv=cv if isinstance(cv, int) else 5,  # folds by row are no folds of a part of the rows
            on_unreadable=on_unreadable,
            class_weight=class_weight,
            random_state=random_state,
        )
        modalities.append(("early", joined, _all_columns(named)))
    return LateFusionClassifier(
        modalities,
        fusion,
        cv=cv,
        on_unreadable=on_unreadable,
        random_state=random_state,
        n_jobs=n_jobs,
    )


def make_early_fusion(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    cache: Any = None,
    cv: Any = 5,
    on_unreadable: str = "raise",
    class_weight: str | None = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> EarlyFusionClassifier:
    """An early fusion of the default features of each medium, with tuned C and temperature.

    Parameters
    ----------
    text, image, audio, numeric, categorical : str or sequence of str, optional
        As in :func:`make_late_fusion`.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    cache : path, optional
        The store of features of pictures and recordings.
    cv : int, splitter or iterable, default=5
        Folds that choose C and the temperature.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    class_weight : "balanced", optional
        Rare classes count as much as frequent ones.
    hashed, redact : bool, default=False
        As in :func:`make_late_fusion`.
    random_state : int, optional
        Shuffles the folds; None keeps them in the order of the table.
    n_jobs : int, optional
        Folds, and reading of cells, in parallel.

    Returns
    -------
    model : EarlyFusionClassifier
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    Examples
    --------
    >>> from mmclassic import load_demo, make_early_fusion
    >>> table = load_demo(n_samples=60)
    >>> model = make_early_fusion(text="text", audio="audio", cv=2).fit(table, table["label"])
    >>> model.predict_proba(table[:3]).shape
    (3, 10)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    named = _name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    modalities = [(name, _early_block(medium, options), columns) for name, medium, columns in named]
    return EarlyFusionClassifier(
        modalities,
        cv=cv,
        on_unreadable=on_unreadable,
        class_weight=class_weight,
        random_state=random_state,
        n_jobs=n_jobs,
    )


def make_joint_fusion(
    *,
    text: str | Sequence[str] | None = None,
    image: str | Sequence[str] | None = None,
    audio: str | Sequence[str] | None = None,
    numeric: str | Sequence[str] | None = None,
    categorical: str | Sequence[str] | None = None,
    backbone: Any = None,
    cache: Any = None,
    on_unreadable: str = "raise",
    class_weight: str | None = None,
    hashed: bool = False,
    redact: bool | Sequence[str] = False,
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> JointClassifier:
    """One network for the default features of all media; see :class:`JointClassifier`.

    Parameters
    ----------
    text, image, audio, numeric, categorical : str or sequence of str, optional
        As in :func:`make_late_fusion`.
    backbone : path or bytes, optional
        An ONNX file: its features take the place of HOG and the colour histogram.
    cache : path, optional
        The store of features of pictures and recordings.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing.
    class_weight : "balanced", optional
        Rare classes count as much as frequent ones.
    hashed, redact : bool, default=False
        As in :func:`make_late_fusion`.
    random_state : int, optional
        Of the networks; None is as 0.
    n_jobs : int, optional
        Networks, and reading of cells, in parallel.

    Returns
    -------
    model : JointClassifier
        Not fitted.

    Raises
    ------
    ValueError
        If no column is named.

    Examples
    --------
    >>> from mmclassic import load_demo, make_joint_fusion
    >>> table = load_demo(n_samples=60)
    >>> model = make_joint_fusion(text="text", audio="audio").fit(table, table["label"])
    >>> model.predict_proba(table[:3]).shape
    (3, 10)
    """
    options = {"backbone": backbone, "cache": cache, "n_jobs": n_jobs}
    options |= {"hashed": hashed, "redact": redact}
    named = _name_columns(
        text=text, image=image, audio=audio, numeric=numeric, categorical=categorical
    )
    return JointClassifier(
        [(name, _early_block(medium, options), columns) for name, medium, columns in named],
        on_unreadable=on_unreadable,
        class_weight=class_weight,
        random_state=random_state or 0,
        n_jobs=n_jobs,
    )


def _name_columns(**columns: Any) -> list[tuple[str, str, Any]]:
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


def _all_columns(named: list[tuple[str, str, Any]]) -> list[str]:
    """The columns of all modalities, each once."""
    several = [columns if isinstance(columns, list) else [columns] for _, _, columns in named]
    return list(dict.fromkeys(column for columns in several for column in columns))


def _features(medium: str, options: dict) -> list:
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


def _late_member(medium: str, random_state: int, options: dict) -> Any:
    """The classifier of one modality."""
    weight = options["class_weight"]
    if medium == "numeric":
        boosting = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_leaf_nodes=8,
            class_weight=weight,
            random_state=random_state,
        )
        return make_pipeline(NumberColumns(), boosting)
    if medium == "categorical":
        return make_pipeline(*_one_hot(), _logistic(10, weight))
    inverse_penalty = 10 if medium == "text" else 3
    return make_pipeline(*_features(medium, options), _logistic(inverse_penalty, weight))


def _logistic(inverse_penalty: float, class_weight: str | None) -> LogisticRegression:
    return LogisticRegression(C=inverse_penalty, max_iter=1000, class_weight=class_weight)


def _early_block(medium: str, options: dict) -> Any:
    """The features of one modality, scaled to join others."""
    if medium == "numeric":
        return make_pipeline(
            NumberColumns(),
            SimpleImputer(strategy="median", add_indicator=True),
            PowerTransformer(),
            BlockScaler(),
        )
    if medium == "categorical":
        return make_pipeline(*_one_hot())
    return make_pipeline(*_features(medium, options))


def _one_hot() -> list:
    """Categories as text, then one column for each that is not rare."""
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2)
    # Sparse, and without names before a fit, whatever the global setting of set_output.
    return [step.set_output(transform="default") for step in (CategoryColumns(), encoder)]
