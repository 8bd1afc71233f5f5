"""A still that is a sheet of pictures, and outputs of several methods: nothing slips through."""

from dataclasses import replace

import pytest

from masquerade.errors import ConsentError, PolicyError, ProvenanceError
from masquerade.media.encoding import Encoding
from masquerade.provenance.ledger import rows
from masquerade.provenance.seal import rehearse, save, seal
from masquerade.provenance.verify import verify
from masquerade.types import DraftSegment

CELLS = [(0, 0, 56, 80), (56, 0, 112, 80)]


@pytest.fixture
def sheet_of(scene, make_draft):
    """A sheet made of the clip; `shows`: whether the clip's pictures are shown before it is."""

    def make(cells, *, shows: bool = True):
        draft = scene.still_of(make_draft())
        frame = next(scene.made_frames(0, 1))

        def pictures():
            if shows:
                scene.show(draft.onlookers)
            yield frame

        return replace(
            draft, segments=iter([DraftSegment(0, "sheet", 0, 0, pictures())]), cells=cells
        )

    return make


def _save(draft, record, out):
    sealed = seal(draft, consents=[record], purpose="test")
    return save(sealed, out, encoding=Encoding())


def test_each_picture_of_a_sheet_is_looked_at(sheet_of, record, judge, tmp_path) -> None:
    sealed = seal(sheet_of(list(CELLS)), consents=[record], purpose="test")
    before = judge.calls
    save(sealed, tmp_path / "sheet.png", encoding=Encoding())
    assert judge.calls - before >= 2 + len(CELLS)  # the clip, the sheet, its cells
    assert verify(tmp_path / "sheet.png").exit_code == 0


@pytest.mark.parametrize("cell", [1, 2])
def test_one_unsafe_picture_of_a_sheet_is_refused(cell, scene, sheet_of, record, tmp_path) -> None:
    calls: list[int] = []

    def judged(_picture) -> float:
        calls.append(1)
        return 0.9 if len(calls) == 2 + cell else 0.0  # after the clip's first and the sheet itself

    scene.judge_by(scene.Judge(judged))
    sealed = seal(sheet_of(list(CELLS)), consents=[record], purpose="test")
    calls.clear()
    with pytest.raises(PolicyError, match=f"picture {cell} of the sheet"):
        save(sealed, tmp_path / "sheet.png", encoding=Encoding())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("cells", "shows", "words"),
    [
        ([], True, "a sheet of no pictures"),
        ([(5, 5, 5, 40)], True, "outside the sheet"),
        ([(-9, 0, 40, 40)], True, "outside the sheet"),
        (CELLS, False, "pictures that no gate has seen"),
    ],
)
def test_a_sheet_that_hides_something_is_refused(
    cells, shows, words, sheet_of, record, tmp_path
) -> None:
    with pytest.raises(PolicyError, match=words):
        _save(sheet_of(list(cells), shows=shows), record, tmp_path / "sheet.png")
    assert not list(tmp_path.iterdir())


def test_every_method_of_an_output_must_be_covered(scene, make_draft) -> None:
    record = scene.make_record(methods=["swap_mesh"])
    draft = make_draft(consent=record.id)
    seal(draft, consents=[record], purpose="test")
    both = replace(draft, recipe=replace(draft.recipe, also=("swap_appearance",)))
    with pytest.raises(ConsentError, match="does not cover the method swap_appearance"):
        seal(both, consents=[record], purpose="test")


def test_a_method_that_is_not_installed_cannot_hide_behind_one_that_is(
    scene, make_draft, record
) -> None:
    draft = make_draft()
    both = replace(draft, uses=(), recipe=replace(draft.recipe, also=("glow",)))
    with pytest.raises((ConsentError, PolicyError)):
        seal(both, consents=[record], purpose="test")


def test_every_method_of_an_output_is_named(make_draft, record, tmp_path) -> None:
    draft = make_draft()
    both = replace(draft, recipe=replace(draft.recipe, also=("swap_appearance",)))
    out = tmp_path / "out.mp4"
    _save(both, record, out)
    assert verify(out).claims.method == "swap_mesh, swap_appearance"
    (row,) = rows(kind="output")
    assert '"also":["swap_appearance"]' in row.body


def test_a_rehearsal_makes_every_frame_and_keeps_nothing(
    make_draft, record, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sealed = seal(make_draft(), consents=[record], purpose="test")
    assert list(rehearse(sealed, encoding=Encoding(preset="ultrafast"))) == [4, 4, 4]
    assert not list(tmp_path.iterdir())
    assert not rows(kind="output")


def test_only_what_is_sealed_can_be_rehearsed(make_draft) -> None:
    with pytest.raises(ProvenanceError, match="cannot be saved"):
        list(rehearse(make_draft(), encoding=Encoding()))  # type: ignore[arg-type]


def test_a_rehearsal_goes_past_the_gates(scene, make_draft, record) -> None:
    sealed = seal(make_draft(), consents=[record], purpose="test")
    scene.judge_by(scene.Judge(lambda _picture: 0.9))
    with pytest.raises(PolicyError, match="is refused by the gate"):
        list(rehearse(sealed, encoding=Encoding()))
