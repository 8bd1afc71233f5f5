"""The convolution as products of matrices gives what PyTorch's own gives, gradients too."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from masquerade.train.small_map import SmallMapConv  # noqa: E402


@pytest.mark.parametrize("size_hw", [(4, 4), (1, 1), (2, 5)])
@pytest.mark.parametrize("last", [True, False])
def test_values_and_gradients_are_those_of_the_plain_convolution(
    size_hw: tuple[int, int], last: bool
) -> None:
    torch.manual_seed(3)
    mine = SmallMapConv(6, 8)
    plain = torch.nn.Conv2d(6, 8, 3, padding=1)
    plain.load_state_dict(mine.state_dict())
    layout = torch.channels_last if last else torch.contiguous_format
    given = torch.randn(3, 6, *size_hw).contiguous(memory_format=layout)
    weigh = torch.randn(3, 8, *size_hw)

    found = []
    for layer in (mine, plain):
        x = given.clone().requires_grad_()
        y = layer(x)
        (y * weigh).sum().backward()
        found.append([y, x.grad, layer.weight.grad, layer.bias.grad])

    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_it_computes_at_the_precision_of_its_block() -> None:
    layer = SmallMapConv(4, 4)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(torch.randn(2, 4, 4, 4))

    assert y.dtype == torch.bfloat16
    y.float().sum().backward()
    assert layer.weight.grad.dtype == torch.float32
