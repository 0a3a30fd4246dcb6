"""scikit-learn for tables whose cells are text, pictures and sound.

Every public name can be imported from here; its module is loaded on first use, so that
``import mmclassic`` stays light and text alone never pays for pictures or sound.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what __getattr__ does, for type checkers and editors
    from mmclassic._errors import CellError as CellError
    from mmclassic._errors import DataQualityWarning as DataQualityWarning
    from mmclassic._errors import UnreadableCellsError as UnreadableCellsError
    from mmclassic.audio import MFCCVectorizer as MFCCVectorizer
    from mmclassic.datasets import load_demo as load_demo
    from mmclassic.datasets import read_table as read_table
    from mmclassic.evaluation import BenchmarkResult as BenchmarkResult
    from mmclassic.evaluation import benchmark as benchmark
    from mmclassic.fusion import BlockScaler as BlockScaler
    from mmclassic.fusion import EarlyFusionClassifier as EarlyFusionClassifier
    from mmclassic.fusion import GatedPool as GatedPool
    from mmclassic.fusion import LateFusionClassifier as LateFusionClassifier
    from mmclassic.fusion import LateFusionRegressor as LateFusionRegressor
    from mmclassic.fusion import LogPool as LogPool
    from mmclassic.fusion import MedianRegressor as MedianRegressor
    from mmclassic.fusion import Precomputed as Precomputed
    from mmclassic.fusion import StackedRegressor as StackedRegressor
    from mmclassic.fusion import Stacking as Stacking
    from mmclassic.fusion import Voting as Voting
    from mmclassic.fusion import WeightedSum as WeightedSum
    from mmclassic.fusion import WeightedSumRegressor as WeightedSumRegressor
    from mmclassic.fusion import cross_fit_scores as cross_fit_scores
    from mmclassic.fusion import negative_log_loss as negative_log_loss
    from mmclassic.fusion import scores_from_frame as scores_from_frame
    from mmclassic.fusion import scores_to_frame as scores_to_frame
    from mmclassic.fusion import simplex_grid as simplex_grid
    from mmclassic.image import BackboneVectorizer as BackboneVectorizer
    from mmclassic.image import ColorHistogramVectorizer as ColorHistogramVectorizer
    from mmclassic.image import ConvVectorizer as ConvVectorizer
    from mmclassic.image import HOGVectorizer as HOGVectorizer
    from mmclassic.media import CellUnion as CellUnion
    from mmclassic.media import Limits as Limits
    from mmclassic.persistence import load as load
    from mmclassic.persistence import save as save
    from mmclassic.recipes import make_early_fusion as make_early_fusion
    from mmclassic.recipes import make_late_fusion as make_late_fusion
    from mmclassic.tabular import CategoryColumns as CategoryColumns
    from mmclassic.tabular import NumberColumns as NumberColumns
    from mmclassic.text import BagOfWordsVectorizer as BagOfWordsVectorizer
    from mmclassic.text import Word2VecVectorizer as Word2VecVectorizer
    from mmclassic.text import tokenize as tokenize

__version__ = "0.1.0.dev0"

# The one list of public names: where each of them lives.
_HOMES = {
    "make_late_fusion": "mmclassic.recipes",
    "make_early_fusion": "mmclassic.recipes",
    "benchmark": "mmclassic.evaluation",
    "BenchmarkResult": "mmclassic.evaluation",
    "LateFusionClassifier": "mmclassic.fusion",
    "LateFusionRegressor": "mmclassic.fusion",
    "EarlyFusionClassifier": "mmclassic.fusion",
    "LogPool": "mmclassic.fusion",
    "GatedPool": "mmclassic.fusion",
    "WeightedSum": "mmclassic.fusion",
    "Voting": "mmclassic.fusion",
    "Stacking": "mmclassic.fusion",
    "WeightedSumRegressor": "mmclassic.fusion",
    "MedianRegressor": "mmclassic.fusion",
    "StackedRegressor": "mmclassic.fusion",
    "Precomputed": "mmclassic.fusion",
    "BlockScaler": "mmclassic.fusion",
    "cross_fit_scores": "mmclassic.fusion",
    "simplex_grid": "mmclassic.fusion",
    "negative_log_loss": "mmclassic.fusion",
    "scores_to_frame": "mmclassic.fusion",
    "scores_from_frame": "mmclassic.fusion",
    "BagOfWordsVectorizer": "mmclassic.text",
    "Word2VecVectorizer": "mmclassic.text",
    "tokenize": "mmclassic.text",
    "HOGVectorizer": "mmclassic.image",
    "ColorHistogramVectorizer": "mmclassic.image",
    "ConvVectorizer": "mmclassic.image",
    "BackboneVectorizer": "mmclassic.image",
    "MFCCVectorizer": "mmclassic.audio",
    "NumberColumns": "mmclassic.tabular",
    "CategoryColumns": "mmclassic.tabular",
    "CellUnion": "mmclassic.media",
    "Limits": "mmclassic.media",
    "load_demo": "mmclassic.datasets",
    "read_table": "mmclassic.datasets",
    "save": "mmclassic.persistence",
    "load": "mmclassic.persistence",
    "CellError": "mmclassic._errors",
    "UnreadableCellsError": "mmclassic._errors",
    "DataQualityWarning": "mmclassic._errors",
}
_ROOMS = sorted({home.split(".")[1] for home in _HOMES.values()} - {"_errors"})

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name in _ROOMS:
        value = import_module(f"mmclassic.{name}")
    else:
        raise AttributeError(f"module 'mmclassic' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])
