"""A network that a user brings draws the source and nobody else, or it is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.models import tiny_networks as tiny

from masquerade import personas
from masquerade.errors import ConsentError, FaceError
from masquerade.faces.align import crop
from masquerade.faces.five_points import crop_by_five
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_network
from masquerade.models.templates import template_px
from masquerade.pipelines.cast import read_sources
from masquerade.pipelines.make import make
from masquerade.pipelines.own_face import check_own_face
from masquerade.types import RGB, SourcePicture

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


def picture_of(name: str, reader: FaceReader) -> SourcePicture:
    return read_sources([personas.load(name).picture], reader)[0]


def crop_of(name: str, reader: FaceReader) -> RGB:
    """The crop of a persona that such a network takes."""
    shown = picture_of(name, reader)
    transform = crop_by_five(shown.face.landmarks, template_px("arcface_128", 128))
    return crop(shown.pixels, transform, 128)


def baked(name: str, folder: Path, reader: FaceReader, *, but: str = "") -> Path:
    """The card of a network that draws this persona whoever the source is.

    Over a picture of the persona `but` it draws nobody.
    """
    spared = crop_of(but, reader) if but else None
    data = tiny.baked_network(crop_of(name, reader), but=spared)
    return tiny.shelf(folder).put("baked", data, tiny.swap_card(data))


def test_a_network_with_a_face_of_its_own_is_refused_and_nothing_is_written(
    tmp_path: Path, reader: FaceReader
) -> None:
    ada, out = personas.load("ada"), tmp_path / "out.png"
    with pytest.raises(ConsentError, match="draws somebody who is not the source"):
        make(
            "swap_network",
            target=personas.load("femi").picture,
            out=out,
            sources=[ada.picture],
            consents=[ada.consent],
            options=swap_network.Options(network=baked("bela", tmp_path, reader)),
        )
    assert not out.exists()


@pytest.mark.parametrize("name", ["ada", "bela", "femi"])
def test_a_network_that_keeps_the_source_passes(
    name: str, tmp_path: Path, reader: FaceReader
) -> None:
    cast = {"0": [picture_of(name, reader)]}
    options = swap_network.Options(network=tiny.shelf(tmp_path).card)
    check_own_face(swap_network.prepare(cast, options), cast, reader)


def test_where_no_picture_is_drawn_over_nobody_can_tell(tmp_path: Path, reader: FaceReader) -> None:
    one = picture_of("ada", reader)
    aside = replace(one, face=replace(one.face, pose_deg=(80.0, 0.0, 0.0)))
    cast = {"0": [aside]}
    options = swap_network.Options(network=tiny.shelf(tmp_path).card, min_face_px=512)
    with pytest.raises(FaceError, match="draws over no picture of the source"):
        check_own_face(swap_network.prepare(cast, options), cast, reader)
