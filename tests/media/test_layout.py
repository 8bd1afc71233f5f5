import pytest

from masquerade.errors import MediaError
from masquerade.media.layout import Layout, is_planar, layout


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("yuv420p", Layout("yuv", 8, 1, 1, alpha=False)),
        ("yuv422p10le", Layout("yuv", 10, 1, 0, alpha=False)),
        ("yuv440p12le", Layout("yuv", 12, 0, 1, alpha=False)),
        ("yuva444p16le", Layout("yuv", 16, 0, 0, alpha=True)),
        ("yuv411p", Layout("yuv", 8, 2, 0, alpha=False)),
        ("gray", Layout("gray", 8, 0, 0, alpha=False)),
        ("gray16le", Layout("gray", 16, 0, 0, alpha=False)),
        ("gbrp", Layout("rgb", 8, 0, 0, alpha=False)),
        ("gbrap12le", Layout("rgb", 12, 0, 0, alpha=True)),
    ],
)
def test_planar_names_say_their_layout(name: str, expected: Layout) -> None:
    assert layout(name) == expected


@pytest.mark.parametrize("name", ["nv12", "rgb24", "yuyv422", "yuv420p10be", "pal8", "grayf32le"])
def test_other_names_are_refused(name: str) -> None:
    assert not is_planar(name)
    with pytest.raises(MediaError, match="not planar"):
        layout(name)
