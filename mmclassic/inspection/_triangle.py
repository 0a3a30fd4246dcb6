"""Three weights that sum to one as a point in a triangle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

# The corners, in the order of the modalities: bottom left, bottom right, top.
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 3**0.5 / 2]])


def to_plane(weights: Any) -> np.ndarray:
    """Points in the plane of weights that sum to one.

    Parameters
    ----------
    weights : array-like of shape (n_points, 3)

    Returns
    -------
    points : ndarray of shape (n_points, 2)

    Examples
    --------
    >>> to_plane([[1, 0, 0], [0.5, 0.5, 0]])
    array([[0. , 0. ],
           [0.5, 0. ]])
    """
    return np.asarray(weights, dtype=float) @ CORNERS


def draw_triangle(
    ax: Any,
    modalities: Sequence[str],
    weights: np.ndarray,
    grid: np.ndarray,
    scores: np.ndarray,
    label: str,
) -> None:
    """Colour a triangle by score, and mark the chosen weights.

    Parameters
    ----------
    ax : matplotlib Axes
    modalities : sequence of 3 str
    weights : ndarray of shape (3,)
        The chosen ones.
    grid : ndarray of shape (n_points, 3)
    scores : ndarray of shape (n_points,)
        Greater is better; those that are not finite are left out.
    label : str
        Of the colours.
    """
    known = np.isfinite(scores)
    x, y = to_plane(grid[known]).T
    # cividis looks alike with and without the usual deficiencies of colour vision.
    shades = ax.tripcolor(x, y, scores[known], shading="gouraud", cmap="cividis")
    ax.figure.colorbar(shades, ax=ax, label=label, shrink=0.8)
    _draw_frame(ax)
    [[chosen_x, chosen_y]] = to_plane([weights / weights.sum()])
    shares = ", ".join(
        f"{name} {share:.2f}"
        for name, share in zip(modalities, weights / weights.sum(), strict=True)
    )
    ax.plot(
        chosen_x, chosen_y, "*", color="#D55E00", markersize=20, markeredgecolor="white",
        clip_on=False, zorder=5, linestyle="none",
    )  # fmt: skip
    _name_corners(ax, modalities)
    ax.set_aspect("equal")
    ax.set_xlim(-0.12, 1.12)
    ax.set_ylim(-0.2, 3**0.5 / 2 + 0.12)
    ax.set_axis_off()
    ax.set_title(f"Score of all weights\n★ chosen: {shares}", fontsize="medium")
    ax.text(
        0.5, -0.17, "At a corner, one modality has all the weight; lines every 0.25.",
        ha="center", va="center", fontsize="small",
    )  # fmt: skip


def _draw_frame(ax: Any) -> None:
    """The edges, and lines where a modality has 0.25, 0.5 or 0.75 of the weight."""
    edge = CORNERS[[0, 1, 2, 0]]
    ax.plot(*edge.T, color="black", linewidth=1)
    for share in (0.25, 0.5, 0.75):
        for modality in range(3):
            ends = np.zeros((2, 3))
            ends[:, modality] = share
            ends[0, (modality + 1) % 3] = ends[1, (modality + 2) % 3] = 1 - share
            ax.plot(*to_plane(ends).T, color="white", linewidth=0.6, alpha=0.7)


def _name_corners(ax: Any, modalities: Sequence[str]) -> None:
    below = {"va": "top", "ha": "center"}
    for (x, y), name, place in zip(
        CORNERS + np.array([[0, -0.03], [0, -0.03], [0, 0.03]]),
        modalities,
        (below, below, {"va": "bottom", "ha": "center"}),
        strict=True,
    ):
        ax.text(x, y, name, fontweight="bold", **place)
