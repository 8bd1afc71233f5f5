"""The plan of a job: what decides a segment's name, and what a cast must hold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import FaceError, InputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_mesh
from masquerade.media.read import read_image
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.generate import Job, plan
from masquerade.pipelines.shot_settings import read_shot_settings

pytestmark = [pytest.mark.media, pytest.mark.weights]


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture
def personas(media_dir: Path):
    return lambda name: media_dir / "personas" / f"persona_{name}.jpg"


@pytest.fixture
def job(personas, tmp_path: Path) -> Job:
    """Two people side by side, of whom the left one is to be replaced."""
    both = [read_image(personas(name)).pixels for name in ("b10", "b11")]
    height = min(one.shape[0] for one in both)
    pair = tmp_path / "pair.png"
    Image.fromarray(np.hstack([one[:height] for one in both])).save(pair)
    return Job(
        method="swap_mesh",
        target=pair,
        cast=(CastMember(str(personas("b10")), (personas("b00"),)),),
        consents=(None,),
        options=swap_mesh.Options(),
        blending=ComposeOptions(),
    )


def _key(job: Job, reader: FaceReader) -> tuple[str, str]:
    draft = plan(job, reader=reader).draft
    (segment,) = draft.segments
    return segment.key, draft.recipe.options_json


def test_work_on_another_person_is_never_taken_for_finished(job, reader, personas) -> None:
    """Both are told by a photo; a run that was killed must not go on with the other's parts."""
    other = replace(job, cast=(replace(job.cast[0], who=str(personas("b11"))),))
    (key, options), (other_key, other_options) = _key(job, reader), _key(other, reader)
    assert key != other_key
    assert options != other_options
    assert str(personas("b10").parent) not in options


def test_the_same_person_told_in_another_way_is_the_same_work(job, reader) -> None:
    left = replace(job, cast=(replace(job.cast[0], who="left"),))
    assert _key(job, reader) == _key(left, reader)


@pytest.mark.parametrize(
    ("cast", "words"),
    [
        ((), "nobody is to be replaced"),
        ((CastMember("left", ()),), "no source for left"),
    ],
)
def test_a_cast_without_sources_is_refused(job, reader, cast, words) -> None:
    with pytest.raises(UsageError, match=words):
        plan(replace(job, cast=cast, consents=(None,) * len(cast)), reader=reader)


def test_two_entries_for_one_person_are_refused(job, reader) -> None:
    cast = (job.cast[0], replace(job.cast[0], who="left"))
    with pytest.raises(UsageError, match="the same person"):
        plan(replace(job, cast=cast, consents=(None, None)), reader=reader)


def test_a_target_that_is_missing_is_named(job, reader, tmp_path) -> None:
    with pytest.raises(InputError, match=r"missing\.mp4"):
        plan(replace(job, target=tmp_path / "missing.mp4"), reader=reader)


def test_work_under_other_settings_is_never_taken_for_finished(job, reader, tmp_path) -> None:
    found = {_key(job, reader)}
    for line in ('colour = "mkl"', "light = 0.5", 'method = "swap_appearance"'):
        (tmp_path / "shots.toml").write_text(f"[[shot]]\nnumber = 1\n{line}\n")
        settings = read_shot_settings(tmp_path / "shots.toml", job.take)
        found.add(_key(replace(job, settings=settings), reader))
    assert len({key for key, _ in found}) == len({options for _, options in found}) == 4


def test_where_all_is_left_as_it_is_nothing_is_made(job, reader, tmp_path) -> None:
    (tmp_path / "shots.toml").write_text("[[shot]]\nnumber = 1\nskip = true\n")
    settings = read_shot_settings(tmp_path / "shots.toml", job.take)
    draft = plan(replace(job, settings=settings), reader=reader).draft
    (segment,) = draft.segments
    (frame,) = segment.frames
    assert (frame.pixels == read_image(job.target).pixels).all()
    with pytest.raises(FaceError, match="left as it is by the settings"):
        draft.judge({0: segment.tally()})
