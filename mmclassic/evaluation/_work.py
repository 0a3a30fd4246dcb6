"""All fits of a benchmark, and every model judged from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic._threads import one_thread
from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._final_model import FinalModel
from mmclassic.evaluation._joint_models import AnyFinal, as_joint
from mmclassic.evaluation._judge import judge_models
from mmclassic.evaluation._learning_curve import learning_curve_of
from mmclassic.evaluation._noting import Noting
from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.evaluation._own_models import judge_own
from mmclassic.evaluation._plan import Plan
from mmclassic.evaluation._repeats import join_repeats
from mmclassic.evaluation._robustness import Robustness, robustness_of
from mmclassic.evaluation._scoring import Scoring
from mmclassic.evaluation._shared_fits import Member, SharedFits
from mmclassic.evaluation._task import Task
from mmclassic.modalities._modality import Modality
from mmclassic.modalities._read_blocks import ReadBlocks

if TYPE_CHECKING:
    import pandas as pd

EARLY = "early fusion"


@dataclass(frozen=True, eq=False)
class Work:
    """What came of all fits."""

    outcomes: list[ModelOutcome]
    evidence: Evidence
    final: AnyFinal
    learning_curve: pd.DataFrame | None
    robustness: Robustness | None


def fit_and_judge(
    table: Any,
    data: list[Modality],
    task: Task,
    plans: Sequence[Plan],
    fusions: tuple[Any, Any],
    joint: Mapping[str, Any],
    own: Mapping[str, Any],
    groups: np.ndarray | None,
    metric: str,
    scoring: Scoring,
    *,
    shares: Sequence[float],
    robustness: bool,
    seed: int,
    notes: list[str],
    n_jobs: int | None,
    verbose: int,
) -> Work:
    """Fit every member by every plan, and judge every model.

    Parameters
    ----------
    table : frame
    data : list of Modality
        The modalities of the table, read.
    task : Task
    plans : sequence of Plan
        One for each repeat.
    fusions : (late fusion, early fusion)
        Not fitted.
    joint : mapping from name to estimator
        Models of all blocks.
    own : mapping from name to estimator
        The user's.
    groups : ndarray of shape (n_rows,), optional
    metric, scoring : str, Scoring
    shares : sequence of float
        Of a learning curve; none where there is to be none.
    robustness : bool
    seed : int
        Draws the rows of the learning curve, and the damage.
    notes : list of str
        Grows by what warnings say.
    n_jobs : int, optional
    verbose : int
    """
    # Before all the other fits: these are the most likely to fail.
    of_own = judge_own(own, table, task, plans, groups=groups, n_jobs=n_jobs)
    late, early = fusions
    blocks = _blocks(data, early)
    read = ReadBlocks(blocks, table)
    of_joint = judge_own(joint, read, task, plans, groups=groups, n_jobs=n_jobs)
    members = [Member(modality.name, [modality]) for modality in data]
    members.append(Member(EARLY, blocks, task.penalties(early)))
    repeats = [SharedFits(plan, members, task, n_jobs=n_jobs, verbose=verbose) for plan in plans]
    final = FinalModel(table, late, early, repeats[0], data, blocks, groups, metric, scoring, own)
    curve, damage = None, None
    with one_thread(), Noting(notes):  # heads are small: threads would wait for each other
        judged = [judge_models(fits, groups, metric, scoring) for fits in repeats]
        if shares:
            curve = learning_curve_of(repeats, shares, groups, metric, scoring, seed)
        if robustness:
            damage = robustness_of(final, seed)
    outcomes, evidence = join_repeats(judged)
    outcomes += [*as_joint(of_joint), *of_own]
    return Work(outcomes, evidence, AnyFinal(final, joint, read), curve, damage)


def _blocks(data: list[Modality], early) -> list[Modality]:
    """The modalities for early fusion, as they were read."""
    return [
        modality.behind(estimator)
        for modality, (_, estimator, _) in zip(data, early.modalities, strict=True)
    ]
