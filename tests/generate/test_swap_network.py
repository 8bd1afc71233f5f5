"""The swap by a brought network, with small networks whose every value can be computed by hand.

A picture whose colours rise evenly comes through cutting, network and pasting as even as it was,
so that each pixel of a patch can be told beforehand.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.models import tiny_networks as tiny
from tests.models.tiny_networks import Shelf

from masquerade.errors import FaceError, ModelError, UsageError
from masquerade.faces.five_points import crop_by_five, five_points
from masquerade.faces.mesh import OVAL, topology
from masquerade.faces.paste_back import paste_back, resized, scale_of
from masquerade.faces.pose import head_pose, rotation
from masquerade.generate import swap_network
from masquerade.models.brought.card import Crop, Latent
from masquerade.models.brought.session import BroughtSession
from masquerade.models.templates import TEMPLATES, TemplateName, template_px
from masquerade.types import Face, Frame, InputUse, Miss, Patch, Points, SourcePicture, Window

WIDE, HIGH = 320, 280


def mesh(eyes_px: float = 50.0, *, yaw: float = 0.0, roll: float = 0.0) -> Points:
    turned = topology().neutral @ rotation(yaw, 0.0, roll).T.astype(np.float32)
    return (turned * np.float32(eyes_px) + np.array([160, 130, 0], np.float32)).astype(np.float32)


def face(landmarks: Points, *, person: str = "0", track_id: int = 3) -> Face:
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(box, 1.0, landmarks, head_pose(landmarks), track_id, person=person)


def ramps() -> NDArray[np.float64]:
    """(HIGH, WIDE, 3) red rises to the right, green downwards, blue both ways falls."""
    y, x = np.mgrid[0:HIGH, 0:WIDE].astype(np.float64)
    return np.dstack([20 + 0.6 * x, 30 + 0.7 * y, 240 - 0.3 * x - 0.4 * y])


def source(colour: tuple[int, int, int] = (200, 90, 40), seed: int = 0) -> SourcePicture:
    rng = np.random.default_rng(seed)
    pixels = np.full((240, 240, 3), colour, np.uint8)
    pixels += rng.integers(0, 30, pixels.shape).astype(np.uint8)
    points = mesh(60.0) - np.array([40, 10, 0], np.float32)
    row = np.zeros(128, np.float32)
    return SourcePicture(pixels, face(points), row, InputUse("source", "s.png", "0" * 64))


def shot(
    faces: list[tuple[Face, ...]], pixels: NDArray[np.uint8], *, reach: int = swap_network.radius
) -> Iterator[Window]:
    frames = [Frame(pixels, pts) for pts in range(len(faces))]
    for at in range(len(frames)):
        first = max(0, at - reach)
        span = slice(first, at + reach + 1)
        yield Window(tuple(frames[span]), tuple(faces[span]), at - first)


def still(
    card: Path, landmarks: Points, *, pixels: NDArray[np.uint8] | None = None, **options: object
) -> Patch | Miss:
    made = swap_network.Options(network=card, **options)  # type: ignore[arg-type]
    generate = swap_network.prepare({"0": [source()]}, made)
    picture = np.rint(ramps()).astype(np.uint8) if pixels is None else pixels
    ((item,),) = list(generate(shot([(face(landmarks),)], picture)))
    return item


def tint(picture: SourcePicture) -> NDArray[np.float64]:
    """What the tiny networks add for a source, in levels of 255."""
    cut = swap_network._cut(picture, tiny.embedding_card(b"").picture)
    mix = np.random.default_rng(6).normal(0, 1, (3, tiny.SIZE))
    row = (cut.astype(np.float64).mean(axis=(0, 1)) - 127.5) / 127.5 @ mix
    added: NDArray[np.float64] = row / np.linalg.norm(row) @ tiny.tint_matrix() * 255
    return added


def due(picture: NDArray[np.float64], who: SourcePicture | None = None) -> NDArray[np.float64]:
    made: NDArray[np.float64] = 0.5 * picture + 0.25 * 255 + tint(who or source())
    return made


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return tiny.shelf(tmp_path)


# -- geometry ------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_neutral_face_lies_in_every_template(template: TemplateName) -> None:
    points = template_px(template, 112)
    crop = crop_by_five(mesh(), points)

    there = five_points(mesh()) @ crop[:, :2].T + crop[:, 2]

    assert np.sqrt(((there - points) ** 2).sum(axis=1).mean()) < 1.8


def test_templates_scale_with_the_crop() -> None:
    for template in TEMPLATES:
        assert np.allclose(template_px(template, 448), 2 * template_px(template, 224))
    shifted = template_px("arcface_128", 128) - template_px("arcface_112_v2", 112)
    assert np.allclose(shifted, [8, 0], atol=1e-4)


def test_a_crop_goes_back_to_where_it_was_cut(rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (64, 64, 3)).astype(np.uint8)
    crop_from_frame = np.array([[1.0, 0, -30], [0, 1.0, -20]])

    pasted = paste_back(picture, None, crop_from_frame, (28, 18, 100, 90))

    assert np.array_equal(pasted.pixels[2:66, 2:66], picture)
    assert pasted.inside[:5].max() == pasted.inside[-5:].max() == 0
    assert pasted.inside[10:58, 10:58].min() == 1
    assert pasted.mask is None


def test_a_resized_transform_keeps_edges_together() -> None:
    transform = np.array([[2.0, 0, 3], [0, 2.0, 5]])
    large = resized(transform, 4)

    for x in (-0.5, 10.0):
        there = (transform[:, :2] @ [x, x] + transform[:, 2] + 0.5) * 4 - 0.5
        assert np.allclose(large[:, :2] @ [x, x] + large[:, 2], there)
    assert scale_of(large) == pytest.approx(8)


# -- cut, run, paste ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "side", "roll"),
    [
        ("arcface_128", 128, 0.0),
        ("arcface_112_v1", 224, 20.0),
        ("arcface_112_v2", 112, -35.0),
        ("ffhq_512", 256, 90.0),
        ("ffhq_512", 512, 0.0),
    ],
)
def test_every_pixel_of_a_patch_is_what_the_network_made_of_it(
    shelf: Shelf, template: TemplateName, side: int, roll: float
) -> None:
    data = tiny.swap_network(side)
    card = replace(tiny.swap_card(data, side), target=Crop("target", template, side))
    path = shelf.put("swap", data, card)

    patch = still(path, mesh(roll=roll))

    assert isinstance(patch, Patch)
    x0, y0, x1, y1 = patch.box
    inside = patch.mask > 0.02
    off = patch.pixels[inside] - due(ramps())[y0:y1, x0:x1][inside]
    assert np.abs(off).max() <= 2.0
    assert np.abs(off.mean(axis=0)).max() <= 0.6  # rounded twice on the way


def test_the_mask_ends_at_the_faces_outline(shelf: Shelf) -> None:
    import cv2

    points = mesh()
    patch = still(shelf.card, points)

    assert isinstance(patch, Patch)
    outline = points[list(OVAL), :2] - np.array(patch.box[:2], np.float32)
    filled = np.zeros(patch.mask.shape, np.uint8)
    cv2.fillPoly(filled, [np.rint(outline).astype(np.int32)], 1)
    beyond = cv2.dilate(filled, np.ones((5, 5), np.uint8)) == 0
    deep = cv2.erode(filled, np.ones((31, 31), np.uint8)) == 1
    assert patch.mask[beyond].max() == 0
    assert patch.mask[deep].min() > 0.95
    assert patch.skin is not None
    assert patch.skin.max() <= 1


def test_the_whole_crop_is_put_in_where_asked(shelf: Shelf) -> None:
    outline, box = (still(shelf.card, mesh(), mask=mask) for mask in ("outline", "box"))

    assert isinstance(outline, Patch)
    assert isinstance(box, Patch)
    assert box.mask.sum() > 1.15 * outline.mask.sum()
    assert box.mask[box.mask.shape[0] // 2, box.mask.shape[1] // 2] == 1
    rim = np.concatenate([box.mask[0], box.mask[-1], box.mask[:, 0], box.mask[:, -1]])
    assert rim.max() == 0


def test_the_networks_own_mask_is_heeded_where_asked(shelf: Shelf) -> None:
    data = tiny.mask_network()
    card = tiny.swap_card(data, 256)
    path = shelf.put("swap", data, replace(card, result=replace(card.result, mask="mask")))

    patch = still(path, mesh(), mask="network")

    assert isinstance(patch, Patch)
    x0, y0, x1, y1 = patch.box
    red = ramps()[y0:y1, x0:x1, 0]
    middle = (slice(40, -40), slice(25, -25))
    assert patch.mask[middle][red[middle] < 124].max() < 0.05
    assert patch.mask[middle][red[middle] > 131].min() > 0.95


def test_a_larger_face_grows_about_its_middle(shelf: Shelf) -> None:
    points = mesh()
    patch = still(shelf.card, points, face_scale=1.2)

    assert isinstance(patch, Patch)
    crop = crop_by_five(points, template_px("arcface_128", 128))
    middle = template_px("arcface_128", 128).mean(axis=0) - crop[:, 2]
    middle = np.linalg.solve(crop[:, :2], middle)
    x0, y0, x1, y1 = patch.box
    y, x = np.mgrid[y0:y1, x0:x1].astype(np.float64)
    x, y = (middle[0] + (x - middle[0]) / 1.2), (middle[1] + (y - middle[1]) / 1.2)
    scaled = np.dstack([20 + 0.6 * x, 30 + 0.7 * y, 240 - 0.3 * x - 0.4 * y])
    inside = patch.mask > 0.5
    assert np.abs(patch.pixels[inside] - due(scaled)[inside]).max() <= 2.0


def test_sharpness_is_told_by_the_networks_size(shelf: Shelf) -> None:
    data = tiny.swap_network(256)
    large = shelf.put("large", data, tiny.swap_card(data, 256))
    small, other = still(shelf.card, mesh()), still(large, mesh())

    assert isinstance(small, Patch)
    assert isinstance(other, Patch)
    assert 70 < small.source_px < 128
    assert other.source_px == pytest.approx(2 * small.source_px)
    assert small.face_px == other.face_px


def test_a_picture_of_the_source_is_handed_in_where_the_card_says_so(shelf: Shelf) -> None:
    data = tiny.picture_network()
    card = replace(
        tiny.swap_card(data, 256),
        latent=Latent("source", "picture"),
        picture=Crop("source", "arcface_112_v2", 112),
    )
    path = shelf.put("swap", data, card)

    patch = still(path, mesh())

    assert isinstance(patch, Patch)
    shown = swap_network._cut(source(), Crop("source", "arcface_112_v2", 112))
    want = 0.5 * ramps() + 0.5 * shown.astype(np.float64).mean(axis=(0, 1))
    x0, y0, x1, y1 = patch.box
    inside = patch.mask > 0.02
    assert np.abs(patch.pixels[inside] - want[y0:y1, x0:x1][inside]).max() <= 2.0


def test_profiles_fade_and_then_stay_as_they_are(shelf: Shelf) -> None:
    strengths = [still(shelf.card, mesh(yaw=yaw)) for yaw in (0, 58, 62, 75)]

    shown = [item.mask.max() if isinstance(item, Patch) else 0.0 for item in strengths]
    assert shown[0] == pytest.approx(1)
    assert 1 > shown[1] > shown[2] > 0
    assert isinstance(strengths[3], Miss)
    assert "turned too far" in strengths[3].reason


# -- over time, several people -------------------------------------------------------------------


def test_several_people_become_their_own_sources_in_one_call(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    run = BroughtSession.__call__

    def counted(self: BroughtSession, inputs: dict, wanted: list[str]) -> list:  # type: ignore[type-arg]
        sizes.append(len(inputs["target"]) if "target" in inputs else 0)
        return run(self, inputs, wanted)

    sources = {"a": source((200, 90, 40)), "b": source((20, 120, 220), seed=1)}
    options = swap_network.Options(network=shelf.card)
    generate = swap_network.prepare({name: [one] for name, one in sources.items()}, options)
    monkeypatch.setattr(BroughtSession, "__call__", counted)
    left = mesh(40.0) - np.array([80, 0, 0], np.float32)
    right = mesh(40.0) + np.array([70, 0, 0], np.float32)
    faces = [(face(left, person="a", track_id=1), face(right, person="b", track_id=2))] * 9

    made = list(generate(shot(faces, np.rint(ramps()).astype(np.uint8))))

    assert sizes == [8, 8, 2]
    for items in made:
        for patch, who in zip(items, sources.values(), strict=True):
            assert isinstance(patch, Patch)
            x0, y0, x1, y1 = patch.box
            inside = patch.mask > 0.1
            off = patch.pixels[inside] - due(ramps(), who)[y0:y1, x0:x1][inside]
            assert np.abs(off).max() <= 2.0


def test_calls_of_one_face_and_of_many_give_the_same(shelf: Shelf) -> None:
    data = tiny.swap_network(batch=1)
    single = shelf.put("single", data, tiny.swap_card(data))
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (HIGH, WIDE, 3)).astype(np.uint8)
    faces = [(face(mesh(50 + k, roll=k)),) for k in range(7)]

    runs = [
        list(
            swap_network.prepare({"0": [source()]}, swap_network.Options(network=card))(
                shot(faces, pixels)
            )
        )
        for card in (shelf.card, single)
    ]

    for (one,), (other,) in zip(*runs, strict=True):
        assert isinstance(one, Patch)
        assert isinstance(other, Patch)
        assert np.array_equal(one.pixels, other.pixels)
        assert np.array_equal(one.mask, other.mask)


def test_landmarks_are_steadied_before_the_crop_is_cut(shelf: Shelf) -> None:
    jumps = [mesh() + np.array([2.0 * (k % 2), 0, 0], np.float32) for k in range(5)]
    generate = swap_network.prepare({"0": [source()]}, swap_network.Options(network=shelf.card))

    made = list(
        generate(shot([(face(one),) for one in jumps], np.zeros((HIGH, WIDE, 3), np.uint8)))
    )

    boxes = {patch.box for (patch,) in made[1:-1] if isinstance(patch, Patch)}
    assert len(boxes) == 1


# -- what is brought, and what is refused ----------------------------------------------------------


def test_networks_are_named_with_hashes_and_licences(shelf: Shelf) -> None:
    swap, identity = swap_network.networks(swap_network.Options(network=shelf.card))

    assert (swap.name, identity.name) == ("swap", "id")
    assert swap.sha256 == tiny.sha256((shelf.folder / "swap.onnx").read_bytes())
    assert swap.card_sha256 == tiny.sha256(shelf.card.read_bytes())
    assert {swap.licence, identity.licence} == {tiny.LICENCE}


@pytest.mark.parametrize("name", ["swap.onnx", "id.onnx"])
def test_a_file_that_was_changed_is_refused(shelf: Shelf, name: str) -> None:
    path = shelf.folder / name
    path.write_bytes(path.read_bytes() + b"\x08\x08")
    options = swap_network.Options(network=shelf.card)

    for use in (
        lambda: swap_network.networks(options),
        lambda: swap_network.prepare({"0": [source()]}, options),
    ):
        with pytest.raises(ModelError, match="has SHA-256"):
            use()


@pytest.mark.parametrize("name", ["swap", "id"])
def test_a_card_exchanged_after_the_recipe_was_written_is_refused(shelf: Shelf, name: str) -> None:
    options = swap_network.Options(network=shelf.card)
    named = swap_network.networks(options)
    swap_network.prepare({"0": [source()]}, options, networks=named)
    card = shelf.folder / f"{name}.toml"
    card.write_text(card.read_text().replace(tiny.LICENCE, "no terms at all"))

    with pytest.raises(ModelError, match="is not the card that it was"):
        swap_network.prepare({"0": [source()]}, options, networks=named)
    with pytest.raises(ModelError, match="is not the card that it was"):
        swap_network.prepare({"0": [source()]}, options, networks=())


def test_a_request_that_makes_no_sense_is_told(shelf: Shelf) -> None:
    named = swap_network.Options(network=shelf.card)
    with pytest.raises(UsageError, match="no network is named"):
        swap_network.prepare({"0": [source()]}, swap_network.Options())
    with pytest.raises(UsageError, match="no network is named"):
        swap_network.networks(swap_network.Options())
    with pytest.raises(UsageError, match="gives no mask"):
        swap_network.prepare({"0": [source()]}, named.model_copy(update={"mask": "network"}))
    with pytest.raises(FaceError, match="has no picture"):
        swap_network.prepare({"0": []}, named)
    with pytest.raises(UsageError, match="no device is named"):
        swap_network.prepare({"0": [source()]}, named, device="tpu")


def test_a_recipe_says_the_cards_name_and_not_where_it_lies(shelf: Shelf) -> None:
    options = swap_network.Options(network=shelf.card)

    assert options.as_recorded()["network"] == "swap.toml"
    assert str(shelf.folder) in options.canonical_json()
