"""What marks say is told in full: who signed, what they state, what else was looked for."""

from pathlib import Path

import pytest
from PIL import Image

from masquerade.forensics.evidence import Standing
from masquerade.pipelines.examine.origin import origin


def test_a_picture_without_marks_says_what_was_looked_for(tmp_path: Path) -> None:
    place = tmp_path / "plain.jpg"
    Image.radial_gradient("L").convert("RGB").save(place)
    found = origin(place, home=tmp_path / "home")
    assert found.standing is Standing.NONE
    assert "manifest says" not in found.says
    names, words = zip(*found.details, strict=True)
    assert {"watermark", "looks like", "ledger"} <= set(names)
    assert "none; that says nothing about whether the file is genuine" in words


@pytest.mark.media
def test_a_declaration_says_what_was_declared_and_by_whom(media_dir: Path, tmp_path: Path) -> None:
    found = origin(media_dir / "c2pa" / "C.jpg", home=tmp_path / "home")
    assert found.standing is Standing.DECLARED
    assert found.says.endswith("Its manifest says: made by a program, without AI.")
    assert {"signed by", "they claim"} <= {name for name, _ in found.details}
