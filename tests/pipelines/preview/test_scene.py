"""What is known of the moments of a preview before a picture is made."""

from fractions import Fraction
from types import SimpleNamespace

import pytest

from masquerade.pipelines.preview.scene import Scene
from masquerade.pipelines.takes import Shot


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([0, 3], []),
        ([0, 1], ["0:00.00 and 0:01.00 are of shot 1: the settings have one entry for it"]),
        (
            [0, 1, 1.5, 3],
            ["0:00.00, 0:01.00 and 0:01.50 are of shot 1: the settings have one entry"],
        ),
    ],
)
def test_moments_of_one_shot_are_told(times: list[float], told: list[str]) -> None:
    info = SimpleNamespace(time_base=Fraction(1, 25))
    shots = (Shot(1, 0, 50), Shot(2, 50, 100))
    at = tuple(Fraction(one) for one in times)
    scene = Scene(info, 0, Fraction(4), (), shots, at, (), 0)  # type: ignore[arg-type]
    assert len(scene.shared()) == len(told)
    assert all(one.startswith(two) for one, two in zip(scene.shared(), told, strict=True))
