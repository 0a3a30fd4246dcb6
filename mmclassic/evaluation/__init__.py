"""Benchmarks: every model on the same folds, and what came of it."""

from mmclassic.evaluation._benchmark import benchmark
from mmclassic.evaluation._check import check_table
from mmclassic.evaluation._result import BenchmarkResult

__all__ = ["benchmark", "BenchmarkResult", "check_table"]
