"""Fusion weights by grid search: the base models are fitted once, not once per candidate.

python pipelines/search_fusion_weights.py [ROWS]
"""

from __future__ import annotations

import sys

import pandas as pd
from sklearn.model_selection import GridSearchCV

from mmclassic import WeightedSum, load_demo, make_late_fusion, simplex_grid


def main(n_rows: int = 600) -> dict[str, float]:
    table = load_demo(n_samples=n_rows)
    search = GridSearchCV(
        WeightedSum(), {"weights": simplex_grid(3, step=0.1)}, scoring="neg_log_loss"
    )
    model = make_late_fusion(text="text", image="image", audio="audio", fusion=search)
    model.fit(table, table["label"])

    found = pd.DataFrame(model.fusion_.cv_results_)
    best = found.sort_values("rank_test_score").head(5)
    print(best[["param_weights", "mean_test_score"]].to_string(index=False))
    names = [name for name, _, _ in model.modalities_]
    weights = dict(zip(names, map(float, model.fusion_.best_params_["weights"]), strict=True))
    print("weights:", ", ".join(f"{name} {weight:.1f}" for name, weight in weights.items()))
    return weights


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
