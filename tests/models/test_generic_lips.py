"""The generic net as it ships."""

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.faces.mesh import topology
from masquerade.faces.mouth.generic import space_around
from masquerade.faces.mouth.shape import opening
from masquerade.models.generic_lips import ROW, GenericLips
from masquerade.speech.anybody import AnybodysArticulation
from masquerade.speech.articulation import Lesson
from masquerade.speech.heard import Heard


@pytest.fixture(scope="module")
def lips() -> GenericLips:
    return GenericLips.open()


def heard(rows: int) -> Heard:
    made = np.random.default_rng(0).normal(size=(rows, ROW)).astype(np.float32)
    return Heard(made[:, :40], made[:, 40:424], made[:, 424:], 1.0)


def test_other_rows_are_refused(lips: GenericLips) -> None:
    with pytest.raises(UsageError, match="rows of shape"):
        lips(np.zeros((4, 100), np.float32))


def test_shapes_come_at_any_time(lips: GenericLips) -> None:
    said = AnybodysArticulation(lips)
    rows = lips(np.concatenate([heard(9).mel, heard(9).early, heard(9).late], axis=1))

    np.testing.assert_allclose(said(heard(9), np.array([1.0, 1.08])), rows[[0, 4]], atol=2e-3)
    np.testing.assert_allclose(said(heard(9), np.array([0.0, 9.0])), rows[[0, 8]], atol=2e-3)
    between = said(heard(9), np.array([1.01]))[0]
    np.testing.assert_allclose(between, (rows[0] + rows[1]) / 2, atol=2e-3)


def test_a_mouth_rests_where_nothing_is_heard(lips: GenericLips) -> None:
    said = AnybodysArticulation(lips)(heard(0), np.array([0.0, 1.0]))

    np.testing.assert_array_equal(said, np.tile(lips.basis.rest, (2, 1)))


def test_a_persons_own_mouth_is_the_neutral_one(lips: GenericLips) -> None:
    skull = topology().neutral.astype(np.float32)
    skull[[14, 87, 317], 1] += lips.basis.open_at_rest - opening(skull)
    space = space_around([skull], lips.basis)

    np.testing.assert_allclose(space.shape_of(skull), lips.basis.rest, atol=1e-3)
    assert space.openings(lips.basis.rest[None])[0] == pytest.approx(opening(skull), abs=1e-4)


def test_a_laughing_mouth_is_thought_closed(lips: GenericLips) -> None:
    skull = topology().neutral.astype(np.float32)
    skull[[14, 87, 317], 1] += 0.2

    space = space_around([skull], lips.basis)

    assert space.openings(lips.basis.rest[None])[0] == pytest.approx(
        lips.basis.open_at_rest, abs=1e-3
    )
    assert space.openings(space.shape_of(skull)[None])[0] > 0.1


def test_some_seconds_of_a_person_correct_what_anybody_would_do(lips: GenericLips) -> None:
    sound, times_s = heard(120), 1 + np.arange(60) / 25
    anybody = AnybodysArticulation(lips)
    theirs = anybody(sound, times_s) + np.float32(0.7)

    learned = AnybodysArticulation.learned(lips, [Lesson(sound, times_s, theirs)])

    np.testing.assert_allclose(learned(sound, times_s), theirs, atol=0.02)
    few = [Lesson(sound, times_s[:20], theirs[:20])]
    assert AnybodysArticulation.learned(lips, few).own is None
