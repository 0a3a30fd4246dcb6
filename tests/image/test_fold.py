"""Which batch norms may be folded into convolutions, and that folding changes nothing."""

from __future__ import annotations

import pytest

from mmclassic.image._fold import fold_batch_norms, foldable

pytestmark = pytest.mark.extra
torch = pytest.importorskip("torch", reason="torch is an optional part")
nn = torch.nn


def prepared(module):
    """In evaluation mode, with norms that do something."""
    torch.manual_seed(0)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d) and part.running_var is not None:
            nn.init.uniform_(part.running_mean, -1, 1)
            nn.init.uniform_(part.running_var, 0.5, 2)
    return module.eval()


class Flow(nn.Module):
    """A convolution, a norm, and a way between them that a test chooses."""

    def __init__(self, path):
        super().__init__()
        self.conv, self.norm, self.other = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(3, 4, 3)
        self.path = path

    def forward(self, values):
        return self.path(self, values)


def uses_the_value_twice(net, values):
    inner = net.conv(values)
    return net.norm(inner) + inner


def calls_the_convolution_twice(net, values):
    return net.norm(net.conv(values)) + net.conv(values + 1)


def calls_the_norm_twice(net, values):
    return net.norm(net.conv(values)) + net.norm(net.other(values))


def uses_the_weights(net, values):
    return net.norm(net.conv(values)) + net.conv.weight.sum()


def depends_on_the_values(net, values):
    return net.norm(net.conv(values)) if values.sum() > 0 else values


@pytest.mark.parametrize(
    "path",
    [
        uses_the_value_twice,
        calls_the_convolution_twice,
        calls_the_norm_twice,
        uses_the_weights,
        depends_on_the_values,
    ],
)
def test_what_must_not_be_folded(path):
    assert foldable(prepared(Flow(path))) == []


def test_a_plain_pair_is_folded_and_nothing_else_changes():
    module = prepared(Flow(lambda net, values: net.norm(net.conv(values)) + net.other(values)))
    assert foldable(module) == [("conv", "norm")]
    assert foldable(module, keep="conv") == []
    values = torch.rand(2, 3, 8, 8)
    with torch.no_grad():
        expected = module(values)
        folded = fold_batch_norms(module, foldable(module))
        assert type(folded.norm) is nn.Identity
        torch.testing.assert_close(folded(values), expected, rtol=1e-5, atol=1e-5)


def test_hooks_and_norms_without_statistics_are_left_alone():
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4, track_running_stats=False))
    assert foldable(prepared(plain)) == []
    hooked = prepared(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    assert foldable(hooked) == [("0", "1")]
    hooked[0].register_forward_hook(lambda *arguments: None)
    assert foldable(hooked) == []


def test_one_part_under_two_names():
    conv = nn.Conv2d(3, 3, 1)
    module = prepared(nn.Sequential(conv, nn.BatchNorm2d(3), conv, nn.BatchNorm2d(3)))
    assert foldable(module) == []
