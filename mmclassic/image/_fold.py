"""Batch norms folded into the convolutions before them: fewer passes over memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from mmclassic._optional import import_optional


def fold_batch_norms(module: Any, pairs: Sequence[tuple[str, str]]) -> Any:
    """Put batch norms into the convolutions before them.

    The hierarchy of the module stays what it was, an identity takes the place of each norm,
    so that layers keep their names.

    Parameters
    ----------
    module : torch.nn.Module
        In evaluation mode; changed in place.
    pairs : sequence of (str, str)
        Names of the convolutions and of the norms; see :func:`foldable`.

    Returns
    -------
    module : torch.nn.Module

    References
    ----------
    What ``torch.fx.experimental.optimization.fuse`` does, which flattens the hierarchy.
    """
    torch = import_optional("torch", "torch")
    for conv, norm in pairs:
        parts = module.get_submodule(conv), module.get_submodule(norm)
        _replace(module, conv, torch.nn.utils.fusion.fuse_conv_bn_eval(*parts))
        _replace(module, norm, torch.nn.Identity())
    return module


def _replace(module: Any, name: str, part: Any) -> None:
    parent, _, attribute = name.rpartition(".")
    setattr(module.get_submodule(parent), attribute, part)


def foldable(module: Any, keep: str | None = None) -> list[tuple[str, str]]:
    """Convolutions whose value goes nowhere but into a batch norm.

    How values flow is found by symbolic tracing; in a module whose path depends on values,
    which cannot be traced, there are none.

    Parameters
    ----------
    module : torch.nn.Module
        In evaluation mode.
    keep : str, optional
        Name of a convolution whose own value is wanted.

    Returns
    -------
    pairs : list of (str, str)
        Names of the convolutions and of the norms.
    """
    torch = import_optional("torch", "torch")
    parts = dict(module.named_modules())
    if not any(isinstance(part, torch.nn.BatchNorm2d) for part in parts.values()):
        return []
    try:
        graph = torch.fx.Tracer().trace(module)
    except Exception:
        # Whatever forward raises when values stand for nothing yet: then nothing is folded,
        # and the module runs as its author wrote it.
        return []
    calls = Counter(n.target for n in graph.nodes if n.op in ("call_module", "get_attr"))
    shared = _shared(module)
    pairs = []
    for node in graph.nodes:
        before: Any = node.args[0] if node.op == "call_module" and node.args else None
        if getattr(before, "op", None) != "call_module" or len(before.users) != 1:
            continue
        conv, norm = before.target, node.target
        alone = calls[conv] == calls[norm] == 1 and not {conv, norm} & shared
        touched = any(name.startswith((conv + ".", norm + ".")) for name in calls)
        if conv != keep and alone and not touched and _can_fold(parts[conv], parts[norm], torch):
            pairs.append((conv, norm))
    return pairs


def _shared(module: Any) -> set[str]:
    """Names of parts that have another name, too."""
    names: dict[int, list[str]] = {}
    for name, part in module.named_modules(remove_duplicate=False):
        names.setdefault(id(part), []).append(name)
    return {name for same in names.values() if len(same) > 1 for name in same}


def _can_fold(conv: Any, norm: Any, torch: Any) -> bool:
    """Exact types, with statistics of their own, that nobody has hung anything on."""
    if type(conv) is not torch.nn.Conv2d or type(norm) is not torch.nn.BatchNorm2d:
        return False
    hooked = any(part._forward_hooks or part._forward_pre_hooks for part in (conv, norm))
    return norm.running_var is not None and not norm.training and not hooked
