import numpy as np
import pytest
from tests.bodies.test_hands import Dots, drawn, hand_at
from tests.effects.test_effects import portrait
from tests.generate.test_edit import face_in, window

from masquerade.bodies.hands import Hand, HandReader, place_of
from masquerade.effects import hands_before
from masquerade.effects.hands_before import Before, HandsBefore
from masquerade.errors import UsageError
from masquerade.generate import edit
from masquerade.models.hand_detector import Palms
from masquerade.types import Face, Patch


class Everywhere:
    """Stands for the detector: one palm, around whatever is drawn."""

    side = 192

    def __call__(self, picture: np.ndarray, *, score: float) -> Palms:
        rows, columns = np.nonzero(picture[..., 1] > 20)
        if len(rows) == 0:
            return Palms(*(np.zeros(shape, np.float32) for shape in ((0, 4), (0, 2), (0, 2), 0)))
        low, high = np.array([columns.min(), rows.min()]), np.array([columns.max(), rows.max()])
        palm = (high - low).max() / 2
        middle = (low + high) / 2 + np.array([0, palm / 2])
        box = np.concatenate([middle - palm / 2, middle + palm / 2])[None]
        wrist, root = middle + np.array([0, palm / 2]), middle - np.array([0, palm / 4])
        one = (box, wrist[None], root[None], np.array([0.8]))
        return Palms(*(each.astype(np.float32) for each in one))


def face(x: float, y: float, size: float) -> Face:
    marks = np.zeros((478, 3), np.float32)
    marks[:, :2] = x, y
    marks[10, 1], marks[152, 1] = y - size / 2, y + size / 2
    box = (x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    return Face(box, 0.99, marks, (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        (face(300, 150, 200), 1),
        (face(300, 150, 900), 0),  # too small for a hand of that face
        (face(900, 150, 200), 0),  # far away
    ],
)
def test_hands_are_found_where_a_face_is(beside: Face, found: int) -> None:
    picture = drawn(hand_at(300, 250), (1000, 500))
    reader = HandReader(Everywhere(), Dots([]))  # type: ignore[arg-type]
    before = HandsBefore(reader).of(picture, [beside])
    assert (len(before.boxes) if before else 0) == found


def test_a_hand_is_followed_between_searches_and_lost_when_it_goes() -> None:
    reader = HandReader(Everywhere(), Dots([]))  # type: ignore[arg-type]
    hands, beside = HandsBefore(reader), face(300, 150, 200)
    there = [hands.of(drawn(hand_at(300 + 4 * n, 250), (600, 500)), [beside]) for n in range(3)]
    assert [len(one.boxes) if one else 0 for one in there] == [1, 1, 1]
    assert hands.of(np.zeros((500, 600, 3), np.uint8), [beside]) is None


@pytest.mark.parametrize(("x", "boxes"), [(-40, 0), (-10, 1), (100, 1), (230, 0)])
def test_a_hand_that_left_the_picture_has_no_box(x: float, boxes: int) -> None:
    points = np.column_stack([np.linspace(x, x + 30, 21), np.linspace(10, 60, 21), np.zeros(21)])
    hand = Hand(points.astype(np.float32), 0.9, 0.5, place_of(points))
    found = hands_before._before(np.zeros((100, 200, 3), np.uint8), [hand])
    assert found is not None
    assert len(found.boxes) == boxes
    assert all(0 <= x0 < x1 <= 200 and 0 <= y0 < y1 <= 100 for x0, y0, x1, y1 in found.boxes)


def test_it_is_told_which_hands_something_is_changed_near() -> None:
    mask = np.zeros((40, 60), np.float32)
    mask[5:15, 5:15], mask[5:15, 40:50] = 1, 1
    before = Before(mask, ((5, 5, 15, 15), (40, 5, 50, 15)))
    changed = np.ones((20, 20), np.float32)
    assert before.near(changed, (0, 0, 20, 20)) == ((5, 5, 15, 15),)
    assert before.near(0 * changed, (0, 0, 20, 20)) == ()


def test_a_hand_that_is_found_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = portrait()
    x, y = np.rint(whole.points[17]).astype(int)
    mask = np.zeros(whole.pixels.shape[:2], np.float32)
    mask[y - 20 : y + 20, x - 25 : x + 5] = 1
    found = Before(mask, ((x - 25, y - 20, x + 5, y + 20),))
    monkeypatch.setattr(HandsBefore, "of", lambda *_: found)

    def made(*front: str) -> Patch:
        options = edit.Options(effect=("jaundice=1",), front=front)
        ((patch,),) = edit.prepare({}, options)(iter([window(face_in(whole), whole.pixels)]))
        assert isinstance(patch, Patch)
        return patch

    held, bare = made(), made("none")
    here = np.s_[held.box[1] : held.box[3], held.box[0] : held.box[2]]
    inside = mask[here] > 0
    assert (held.pixels[inside] == whole.pixels[here][inside]).all()
    assert (bare.pixels[inside] != whole.pixels[here][inside]).any()
    assert (held.held, bare.held) == (found.boxes, ())


def test_nothing_in_front_goes_with_no_area() -> None:
    with pytest.raises(UsageError, match="nothing is in front"):
        edit.prepare({}, edit.Options(effect=("smile=1",), front=("none", "1,2 3,4")))


def test_weights_of_hands_are_named_where_they_are_looked_for() -> None:
    options = edit.Options(effect=("smile=1",))
    assert "hand_pose" in dict(edit.models(options))
    assert "hand_pose" not in dict(edit.models(replace_front(options)))


def replace_front(options: edit.Options) -> edit.Options:
    return options.model_copy(update={"front": ("none",)})
