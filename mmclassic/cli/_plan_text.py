"""What the command says before the work: rows, modalities, fits, and a rough time."""

from __future__ import annotations

from collections.abc import Sequence

# Seconds of one core, measured on 420 to 600 rows with seven to ten classes. With them the
# estimate was within a factor of two on the demo table, spoken digits and a shop's products;
# long texts, many classes and other programs on the machine make it worse.
START = 5.0
READ = {"image": 0.0015, "audio": 0.0015}  # per cell
READ_BACKBONE = 0.01  # per picture; for a small network
FIT = {  # per row and base fit
    "text": 0.0015,
    "image": 0.0008,
    "audio": 0.0002,
    "numeric": 0.0008,
    "categorical": 0.0002,
}
FIT_EARLY = 0.0008  # per row and fit of early fusion
FIT_HEADS = 0.01  # per row, all heads on all folds


def plan_text(
    n_rows: int,
    media: Sequence[tuple[str, str]],
    n_folds: int,
    *,
    holdout: bool = False,
    n_plans: int = 1,
    backbone: bool = False,
) -> str:
    """Two lines on the benchmark to come.

    Parameters
    ----------
    n_rows : int
    media : sequence of (str, str)
        Medium and column of each modality.
    n_folds : int
    holdout : bool, default=False
        Whether one official split takes the place of the outer folds.
    n_plans : int, default=1
        How often all folds are fitted: for each repeat, and each share of a learning curve.
    backbone : bool, default=False

    Examples
    --------
    >>> print(plan_text(600, [("image", "photo"), ("audio", "clip")], 5))
    600 rows; modalities: photo (image), clip (audio)
    At most 32 base fits (16 per modality) and 16 of early fusion; roughly 30 s
    """
    n_fits = count_fits(n_folds, holdout=holdout, n_plans=n_plans)
    seconds = estimate_seconds(n_rows, [medium for medium, _ in media], n_fits, backbone=backbone)
    names = ", ".join(f"{column} ({medium})" for medium, column in media)
    return (
        f"{n_rows} rows; modalities: {names}\n"
        f"At most {n_fits * len(media)} base fits ({n_fits} per modality) and {n_fits} of early "
        f"fusion; roughly {in_words(seconds)}"
    )


def count_fits(n_folds: int, *, holdout: bool = False, n_plans: int = 1) -> int:
    """Fits per modality: K + 1 for one split, else K(K + 1)/2 and one for the final model.

    Examples
    --------
    >>> count_fits(5), count_fits(5, holdout=True), count_fits(5, n_plans=2)
    (16, 6, 31)
    """
    if holdout:
        return n_plans * (n_folds + 1)
    return n_plans * n_folds * (n_folds + 1) // 2 + 1


def estimate_seconds(
    n_rows: int, media: Sequence[str], n_fits: int, *, backbone: bool = False
) -> float:
    """Seconds of one core for a benchmark, as a rough guess.

    Examples
    --------
    >>> estimate_seconds(1000, ["audio"], 16) < estimate_seconds(1000, ["audio", "text"], 16)
    True
    """
    reading = sum(READ.get(medium, 0.0) for medium in media)
    if backbone:
        reading += READ_BACKBONE * media.count("image")
    fitting = n_fits * (FIT_EARLY + sum(FIT[medium] for medium in media))
    return START + n_rows * (reading + fitting + FIT_HEADS)


def in_words(seconds: float) -> str:
    """A duration, as coarse as an estimate should be.

    Examples
    --------
    >>> in_words(3.2), in_words(100), in_words(9000)
    ('10 s', '2 min', '2.5 h')
    """
    if seconds < 60:
        return f"{max(10, 10 * round(seconds / 10))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
