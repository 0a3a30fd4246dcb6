"""A network of ResNet-18's shape with random weights, for tests and benchmarks."""

from __future__ import annotations

from itertools import pairwise
from typing import Any


def resnet(widths: tuple[int, ...] = (64, 64, 128, 256, 512), n_classes: int = 1000) -> Any:
    """A residual network (K. He et al., CVPR 2016) with two blocks per stage.

    Parameters
    ----------
    widths : tuple of int, default=(64, 64, 128, 256, 512)
        Channels of the stem and of each stage; these make a ResNet-18.
    n_classes : int, default=1000

    Returns
    -------
    module : torch.nn.Module
        In evaluation mode, its batch norms with statistics as of a trained one.
    """
    import torch

    torch.manual_seed(0)
    module = _network(widths, n_classes)
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(part.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(part.weight, 0.5, 1.0)
    return module.eval()


def _network(widths: tuple[int, ...], n_classes: int) -> Any:
    from torch import nn

    parts = {
        "conv1": nn.Conv2d(3, widths[0], 7, 2, 3, bias=False),
        "bn1": nn.BatchNorm2d(widths[0]),
        "relu": nn.ReLU(inplace=True),
        "maxpool": nn.MaxPool2d(3, 2, 1),
    }
    for stage, (n_in, n_out) in enumerate(pairwise(widths), start=1):
        first = _block(n_in, n_out, 1 if stage == 1 else 2)
        parts[f"layer{stage}"] = nn.Sequential(first, _block(n_out, n_out, 1))
    parts["avgpool"] = nn.AdaptiveAvgPool2d(1)
    parts["flatten"] = nn.Flatten()
    parts["fc"] = nn.Linear(widths[-1], n_classes)
    network = nn.Sequential()
    for name, part in parts.items():
        network.add_module(name, part)
    return network


def _block(n_in: int, n_out: int, stride: int) -> Any:
    import torch
    from torch import nn

    class Block(nn.Module):
        """Two convolutions and a way around them."""

        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(n_out)
            self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(n_out)
            self.relu = nn.ReLU(inplace=True)
            self.around = nn.Sequential()
            if stride != 1 or n_in != n_out:
                self.around = nn.Sequential(
                    nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out)
                )

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            inner = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(values)))))
            return self.relu(inner + self.around(values))

    return Block()
