"""Ways round the gate of the block lists. None may work."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from PIL import Image

from masquerade.errors import PolicyError
from masquerade.hashing import file_sha256
from masquerade.media.read import read_image
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.fingerprint import fingerprint
from masquerade.provenance.gates import blocked
from masquerade.provenance.gates.takedown import BlockList, Notice, add, new_notice
from masquerade.provenance.policy import Request
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.types import RGB, Draft, DraftSegment, Embedding, IdentityUse, InputUse

Maker = Callable[..., Draft]


def _enter(*, faces: list[Embedding] | None = None, pictures: list[bytes] | None = None) -> Notice:
    notice = new_notice(
        who="Ann Example",
        contact="ann@example.org",
        what="a clip seen on a forum",
        good_faith="I believe in good faith that it was published without my consent.",
        signature="Ann Example",
        signed_on=date(2026, 5, 2),
        faces=faces or [],
        pictures=pictures or [],
    )
    add(notice)
    return notice


def _picture(seed: int, size_wh: tuple[int, int] = (160, 96)) -> RGB:
    blots = np.random.default_rng(seed).integers(0, 256, (24, 40, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(blots, size_wh, interpolation=cv2.INTER_CUBIC), np.uint8)


def _of_photo(draft: Draft, photo: Path) -> Draft:
    item = InputUse("source", photo.name, file_sha256(photo), photo)
    uses = tuple(replace(use, input_sha256=item.sha256) for use in draft.uses)
    recipe = replace(draft.recipe, inputs=(draft.recipe.inputs[0], item))
    return replace(draft, recipe=recipe, uses=uses)


def test_an_empty_list_blocks_nobody(make_draft: Maker) -> None:
    assert blocked.check(Request(make_draft(), (), "test")) == ()


@pytest.mark.parametrize("role", ["source", "target"])
def test_a_listed_face_the_draft_names_is_refused(
    make_draft: Maker, scene: ModuleType, role: str
) -> None:
    notice = _enter(faces=[scene.face(7)])
    draft = make_draft()
    use = IdentityUse(role, "face", scene.face(7), draft.recipe.inputs[0].sha256)  # type: ignore[arg-type]
    with pytest.raises(PolicyError, match=notice.id) as refused:
        blocked.check(Request(replace(draft, uses=(*draft.uses, use)), (), "test"))
    words = str(refused.value)
    assert not any(private in words for private in ("Ann", "ann@", "forum"))
    assert "0.00" in words
    assert "0.50" in words


@pytest.mark.parametrize("bad", [np.full(128, np.nan), np.zeros(128), np.ones(64)])
def test_a_face_that_cannot_be_compared_is_refused(
    make_draft: Maker, scene: ModuleType, bad: np.ndarray
) -> None:
    _enter(faces=[scene.face(7)])
    draft = make_draft()
    uses = (replace(draft.uses[0], embedding=bad.astype(np.float32)),)
    with pytest.raises(PolicyError, match="could not be measured"):
        blocked.check(Request(replace(draft, uses=uses), (), "test"))


@pytest.mark.weights
@pytest.mark.parametrize("height_px", [0, 120])
def test_a_listed_face_is_found_though_the_draft_states_another(
    make_draft: Maker, scene: ModuleType, tmp_path: Path, height_px: int
) -> None:
    notice = _enter(faces=[scene.face()])
    pixels = read_image(scene.PERSONA.picture).pixels
    photo = tmp_path / "tiny.png"
    if height_px:
        face = cv2.resize(pixels, (height_px, height_px), interpolation=cv2.INTER_AREA)
        pixels = np.full((480, 640, 3), 90, np.uint8)
        pixels[200 : 200 + height_px, 300 : 300 + height_px] = face
    Image.fromarray(pixels).save(photo)
    draft = _of_photo(make_draft(seed=2), photo)
    with pytest.raises(PolicyError, match=f"a face in the source .*{notice.id}"):
        blocked.check(Request(draft, (), "test"))


@pytest.mark.parametrize("turn", ["as it is", "mirrored", "turned", "half the size"])
def test_a_listed_picture_is_refused_as_a_source(
    make_draft: Maker, tmp_path: Path, turn: str
) -> None:
    picture = _picture(3)
    notice = _enter(pictures=[fingerprint(picture).bits])
    turned = {
        "as it is": picture,
        "mirrored": picture[:, ::-1],
        "turned": np.rot90(picture),
        "half the size": cv2.resize(picture, (80, 48), interpolation=cv2.INTER_AREA),
    }[turn]
    photo = tmp_path / "photo.png"
    Image.fromarray(np.ascontiguousarray(turned)).save(photo)
    with pytest.raises(PolicyError, match=f"the source .*{notice.id}"):
        blocked.check(Request(_of_photo(make_draft(), photo), (), "test"))


def test_another_picture_is_not_refused(make_draft: Maker, tmp_path: Path) -> None:
    _enter(pictures=[fingerprint(_picture(3)).bits])
    photo = tmp_path / "photo.png"
    Image.fromarray(_picture(4)).save(photo)
    blocked.check(Request(_of_photo(make_draft(), photo), (), "test"))


def _still(scene: ModuleType, draft: Draft, pixels: RGB) -> Draft:
    frame = replace(next(scene.made_frames(0, 1)), pixels=pixels)
    segment = DraftSegment(0, "one", 0, 0, iter([frame]))
    return replace(draft, kind="still", segments=iter([segment]))


def _still_job(scene: ModuleType, make_draft: Maker, folder: Path, made: RGB) -> Draft:
    target = folder / "target.png"
    Image.fromarray(_picture(9, (640, 384))).save(target)
    draft = make_draft()
    item = InputUse("target", target.name, file_sha256(target), target)
    recipe = replace(draft.recipe, inputs=(item, *draft.recipe.inputs[1:]))
    return _still(scene, replace(draft, recipe=recipe, target=target), made)


def test_a_listed_picture_is_refused_as_an_output(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    picture = _picture(3, (640, 384))
    draft = _still_job(scene, make_draft, tmp_path, picture)
    notice = _enter(pictures=[fingerprint(picture).bits])
    with pytest.raises(PolicyError, match=f"the output .*{notice.id}"):
        save(
            seal(draft, consents=[record], purpose="test"),
            tmp_path / "out.png",
            encoding=scene.FAST,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["target.png"]


def test_a_notice_that_comes_while_the_work_goes_on_counts(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    picture = _picture(3, (640, 384))
    draft = _still_job(scene, make_draft, tmp_path, picture)
    sealed = seal(draft, consents=[record], purpose="test")

    def late(stage: str, _done: int, _total: int | None) -> None:
        if stage == "frames":
            _enter(pictures=[fingerprint(picture).bits])

    with pytest.raises(PolicyError, match="the output is refused"):
        save(sealed, tmp_path / "out.png", encoding=scene.FAST, progress=late)
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("harm", ["removed", "emptied"])
def test_a_damaged_list_closes_the_way_out(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, harm: str
) -> None:
    from masquerade.provenance.home import home_dir

    notice = _enter(faces=[scene.face(7)])
    path = home_dir() / "takedowns" / f"{notice.id}.notice"
    if harm == "removed":
        path.unlink()
    else:
        path.write_bytes(b"")
    with pytest.raises(PolicyError, match=notice.id):
        seal(make_draft(), consents=[record], purpose="test")


@pytest.mark.weights
def test_a_listed_face_in_a_picture_that_goes_by_is_refused(scene: ModuleType) -> None:
    notice = _enter(faces=[scene.face()])
    pixels = read_image(scene.PERSONA.picture).pixels
    with pytest.raises(PolicyError, match=f"a face in the target at 0:02.*{notice.id}"):
        blocked.refuse_seen(pixels, BlockList.read(), "the target at 0:02")


def _then(draft: Draft, act: Callable[[], object]) -> Draft:
    """The draft, with something happening once its last segment is made."""
    made = draft.segments

    def segments() -> Iterator[DraftSegment]:
        yield from made
        act()

    return replace(draft, segments=segments())


def test_parts_of_before_a_notice_are_not_used(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    """Faces of finished parts are not kept, so that these cannot be held against a new notice."""

    def stop() -> None:
        raise KeyboardInterrupt

    def saved(draft: Draft) -> SaveReport:
        sealed = seal(draft, consents=[record], purpose="test")
        return save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)

    with pytest.raises(KeyboardInterrupt):
        saved(_then(make_draft(), stop))
    _enter(faces=[scene.face(7)])
    assert saved(make_draft()).resumed == 0


def test_a_face_that_is_blocked_while_the_work_goes_on_stops_it(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    draft = _then(make_draft(), lambda: _enter(faces=[scene.face(7)]))
    with pytest.raises(PolicyError, match="came in while the work went on"):
        save(
            seal(draft, consents=[record], purpose="test"),
            tmp_path / "out.mp4",
            encoding=scene.FAST,
        )
    assert not list(tmp_path.iterdir())
