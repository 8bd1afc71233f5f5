"""What is said of a shot before the work."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from tests.bodies import mannequin
from tests.pipelines.body.test_footage import turned_photo

from masquerade.bodies.track import BodyTrack
from masquerade.pipelines.body import inspection


@pytest.mark.parametrize(("target_deg", "is_told"), [(-60.0, True), (60.0, False)])
def test_that_a_photo_will_be_drawn_as_in_a_mirror_is_told(
    target_deg: float, is_told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "unseen_share", lambda *_: 0.0)
    monkeypatch.setattr(inspection, "shot_concerns", lambda _s, _t, source, _i: source.concerns)
    bodies = dict.fromkeys((0, 1), mannequin.turned(mannequin.body(), target_deg))
    track = BodyTrack(0, bodies, packed={}, crops={})
    plate = SimpleNamespace(camera="still", noise_db=40.0, pixels=np.zeros((8, 8, 3), np.uint8))
    shot = SimpleNamespace(
        first=0, frames=2, tracks=(track,), plate=plate, chosen=lambda _who: track
    )
    info = SimpleNamespace(start_pts=0, time_base=Fraction(1, 25))

    report = inspection._report(shot, "auto", turned_photo(50.0), info)  # type: ignore[arg-type]

    assert any("as in a mirror" in one.words for one in report.concerns) is is_told
