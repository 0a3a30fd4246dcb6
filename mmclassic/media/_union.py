"""Several vectorizers of one medium side by side, each cell decoded once."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

import numpy as np
from sklearn.base import clone
from sklearn.utils.metaestimators import _BaseComposition

from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer


class CellUnion(CellVectorizer, _BaseComposition):
    """Features of several stateless vectorizers side by side; every cell is decoded once.

    What scikit-learn's ``FeatureUnion`` does, without opening each file once per member. A
    picture is decoded as the most demanding member needs it: to grey if all members want grey,
    otherwise in colour; at the largest size that one of them asks for. A JPEG's luma computed
    from its colours differs from the one it stores by rounding, and a larger size is averaged in
    another way, so that members may give a JPEG features a little different from those they
    give it alone: see the notes of ``HOGVectorizer``, whose flat blocks show it most.

    Parameters
    ----------
    transformers : list of (str, vectorizer)
        Names and stateless vectorizers of one medium, such as ``HOGVectorizer`` and
        ``ColorHistogramVectorizer``. Their own ``root``, ``allow_paths``, ``limits``, ``cache``,
        ``on_unreadable`` and ``n_jobs`` are not used: those of the union hold.
    root : path-like, optional
        Folder that relative paths start from and that no path may leave.
    allow_paths : bool, default=True
        Whether cells may name files at all.
    limits : Limits, optional
        How large a cell may be; ``None`` means ``Limits()``.
    cache : path-like, optional
        File that keeps features across runs.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether cells that cannot be read raise one error, or give NaN rows and one warning.
    n_jobs : int, optional
        Threads; the features do not depend on it.

    Attributes
    ----------
    named_transformers : dict
        The vectorizers by name.
    n_features_in_ : int
        1, the column.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it has one.

    See Also
    --------
    sklearn.pipeline.FeatureUnion : For transformers that have to be fitted.
    mmclassic.media.decode_image : How pictures are read.
    mmclassic.media.decode_audio : How recordings are read.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic.image import ColorHistogramVectorizer, HOGVectorizer
    >>> union = CellUnion([
    ...     ("shape", HOGVectorizer(size=(16, 16))),
    ...     ("color", ColorHistogramVectorizer(bins=(4, 2, 2))),
    ... ])
    >>> union.fit_transform([np.zeros((20, 20, 3), dtype=np.uint8)]).shape
    (1, 52)
    >>> union.get_feature_names_out()[-1]
    'color__hsv_hue3_saturation1_value1'
    """

    _parameter_constraints: ClassVar[dict] = {**READING_CONSTRAINTS, "transformers": [list]}

    def __init__(
        self,
        transformers,
        *,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.transformers = transformers
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    @property
    def _medium(self):
        """What the cells of its members are."""
        return getattr(self.transformers[0][1], "_medium", None)

    @property
    def named_transformers(self):
        """The vectorizers by name."""
        return dict(self.transformers)

    def get_params(self, deep=True):
        """Parameters of the union and, with ``deep``, of its members.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        params : dict
        """
        return self._get_params("transformers", deep=deep)

    def set_params(self, **params):
        """Set parameters of the union, a whole member, or ``name__parameter`` of a member.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self : object
        """
        self._set_params("transformers", **params)
        return self

    def _validate_params(self):
        super()._validate_params()
        pairs = self.transformers
        if not pairs or not all(isinstance(p, tuple | list) and len(p) == 2 for p in pairs):
            raise ValueError(
                f"transformers must be a list of (name, vectorizer) pairs, got {pairs!r:.200}."
            )
        self._validate_names([name for name, _ in pairs])
        for name, member in pairs:
            if not isinstance(member, CellVectorizer):
                raise ValueError(
                    f"{name!r} must be a vectorizer that learns nothing, such as HOGVectorizer "
                    f"or MFCCVectorizer, got {member!r:.200}."
                )
            if isinstance(member, CellUnion):
                raise ValueError(f"{name!r} is a union itself: list its vectorizers in this one.")
            member._validate_params()
        first = pairs[0]
        for other in pairs[1:]:
            _check_decode_alike(first, other)

    def _start(self):
        for _, member in self.transformers:
            member._start()
        self._reader = clone(self.transformers[0][1]).set_params(
            root=self.root, allow_paths=self.allow_paths, limits=self.limits
        )
        # Pictures are decoded to the largest size that a member needs, and to grey if all do.
        if hasattr(self._reader, "_serve"):
            self._reader._serve([member for _, member in self.transformers])

    def _decode(self, cell):
        return self._reader._decode(cell)

    def _extract(self, array):
        parts = [member._extract(array) for _, member in self.transformers]
        return np.concatenate(parts, dtype=np.float32)

    def _feature_names(self):
        return [
            f"{name}__{feature}"
            for name, member in self.transformers
            for feature in member._feature_names()
        ]

    def _settings(self):
        members = [member._settings() for _, member in self.transformers]
        return {"union_limits": asdict(self._limits_in_force()), "members": members}

    def _to_portable(self):
        super()._to_portable()
        for _, member in self.transformers:
            member._to_portable()

    def __getstate__(self):
        state = dict(super().__getstate__())
        state.pop("_reader", None)  # made anew by every call, from the parameters
        return state


def _check_decode_alike(first: tuple, other: tuple) -> None:
    """Refuse members for which one decoded array cannot do.

    Two members share a decoded cell if they decode with the same code and agree in the
    parameters that it uses: a reader's ``_decode_parameters``. One that does not name them
    must agree in all.
    """
    (name, member), (other_name, other_member) = first, other
    if type(member)._decode is not type(other_member)._decode:
        raise ValueError(
            f"{name!r} ({type(member).__name__}) and {other_name!r} "
            f"({type(other_member).__name__}) do not decode cells alike: a union takes "
            "vectorizers of one medium."
        )
    values, others = member.get_params(deep=False), other_member.get_params(deep=False)
    shared = (values.keys() & others.keys()) - READING_CONSTRAINTS.keys()
    for parameter in sorted(getattr(member, "_decode_parameters", shared)):
        if values[parameter] != others[parameter]:
            raise ValueError(
                f"{name!r} and {other_name!r} differ in {parameter} ({values[parameter]!r} and "
                f"{others[parameter]!r}), so that one decoded cell cannot serve both."
            )
