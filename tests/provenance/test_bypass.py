"""Attempts to get generated media out unsealed, or to get round a check. None may work."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest

from masquerade.errors import ConsentError, PolicyError, ProvenanceError, RefusedError
from masquerade.media.read import read_frames
from masquerade.provenance import seal as seal_module
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.home import home_dir
from masquerade.provenance.policy import GATES, Request
from masquerade.provenance.seal import Sealed, save, seal
from masquerade.types import Draft, DraftSegment, Frame, Planes

Maker = Callable[..., Draft]
ROOT = Path(__file__).resolve().parents[2]

SNIPPET = """
from pathlib import Path
from masquerade.media.encoding import Encoding
from masquerade.provenance.policy import Request
from masquerade.provenance.seal import Sealed, save
from masquerade.types import Draft, DraftSegment

def leak(draft: Draft, request: Request, encoding: Encoding) -> None:
    save(draft, Path("out.mp4"), encoding=encoding)
    Sealed(request, "eu", "mql-1", object())
"""


def test_mypy_rejects_saving_a_draft_and_forging_a_seal(tmp_path: Path) -> None:
    path = tmp_path / "snippet.py"
    path.write_text(SNIPPET)
    words = ["--config-file", str(ROOT / "pyproject.toml"), "--follow-imports=silent"]
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *words, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    assert 'incompatible type "Draft"; expected "Sealed"' in run.stdout
    assert 'incompatible type "object"; expected "_Token"' in run.stdout
    assert "Found 2 errors" in run.stdout


def test_a_draft_cannot_be_saved(make_draft: Maker, scene: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="a Draft cannot be saved"):
        save(make_draft(), tmp_path / "out.mp4", encoding=scene.FAST)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_sealed_cannot_be_made_by_hand(make_draft: Maker) -> None:
    with pytest.raises(ProvenanceError, match="made by hand"):
        Sealed(Request(make_draft(), (), "test"), "eu", "mql-1", object())  # type: ignore[arg-type]


def _forged(draft: Draft, records: tuple[ConsentRecord, ...]) -> list[Sealed]:
    """Ways to come by a Sealed without passing a gate."""
    request = Request(draft, records, "test")
    bare = object.__new__(Sealed)
    for name, value in [
        ("request", request),
        ("label_preset", "eu"),
        ("ledger_id", "mql-1"),
        ("token", seal_module._TOKEN),
    ]:
        object.__setattr__(bare, name, value)
    return [bare, Sealed(request, "eu", "mql-1", seal_module._TOKEN)]


def test_a_forged_sealed_passes_the_gates_again(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    for draft, records in [
        (make_draft(), ()),
        (make_draft(seed=2), (record,)),
        (replace(make_draft(), uses=()), (record,)),
    ]:
        for forged in _forged(draft, records):
            with pytest.raises(RefusedError):
                save(forged, tmp_path / "out.mp4", encoding=scene.FAST)
            assert not (tmp_path / "out.mp4").exists()


def test_swapping_the_draft_of_a_sealed_passes_the_gates_again(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    sealed = seal(make_draft(), consents=[record], purpose="test")
    other = replace(sealed, request=replace(sealed.request, draft=make_draft(seed=2)))
    with pytest.raises(ConsentError, match="distance"):
        save(other, tmp_path / "out.mp4", encoding=scene.FAST)


def test_a_look_alike_class_is_refused(
    make_draft: Maker, scene: ModuleType, tmp_path: Path
) -> None:
    class Fake:
        def __init__(self, draft: Draft) -> None:
            self.request = Request(draft, (), "test")
            self.token = seal_module._TOKEN
            self.label_preset, self.ledger_id = "eu", "mql-1"

    with pytest.raises(ProvenanceError, match="a Fake cannot be saved"):
        save(Fake(make_draft()), tmp_path / "out.mp4", encoding=scene.FAST)  # type: ignore[arg-type]


def test_consent_revoked_between_sealing_and_saving_counts(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    from masquerade.provenance.consent.revocation import revoke

    sealed = seal(make_draft(), consents=[record], purpose="test")
    revoke(record.id)
    with pytest.raises(ConsentError, match="revoked"):
        save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "MASQUERADE_SKIP_CONSENT",
        "MASQUERADE_NO_CONSENT",
        "MASQUERADE_NO_LABEL",
        "MASQUERADE_NO_C2PA",
        "MASQUERADE_DEBUG",
        "MASQUERADE_TEST",
        "CI",
        "PYTHONOPTIMIZE",
    ],
)
def test_no_variable_opens_a_gate(
    make_draft: Maker, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConsentError, match="no consent record"):
        seal(make_draft(), consents=[], purpose="test")


def test_the_only_variables_read_are_the_home_and_a_passphrase() -> None:
    folder = ROOT / "src" / "masquerade" / "provenance"
    read = {
        (path.name, line.strip())
        for path in folder.rglob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"environ[.\[]|getenv", line)
    }
    assert len(read) == 2
    assert {name for name, _ in read} == {"home.py", "signing.py"}
    assert any("MASQUERADE_HOME" in line for _, line in read)
    assert any("PASSPHRASE_VARIABLE" in line for _, line in read)


OPTIMISED = """
import sys
sys.path.insert(0, sys.argv[1])
import scene
from pathlib import Path
from masquerade.errors import ConsentError
from masquerade.provenance.seal import seal
record = scene.make_record()
draft = scene.make_draft(Path(sys.argv[2]), Path(sys.argv[3]), record.id, seed=2)
try:
    seal(draft, consents=[record], purpose="test")
except ConsentError:
    sys.exit(3)
"""


def test_checks_do_not_rest_on_assert(clip: Path, photo: Path) -> None:
    """Python leaves out assert statements under -O."""
    words = [str(Path(__file__).parent), str(clip), str(photo)]
    run = subprocess.run([sys.executable, "-OO", "-c", OPTIMISED, *words], check=False)
    assert run.returncode == 3


@pytest.mark.parametrize(
    "name",
    ["signing.pem", "rest.key", "ledger.head", "c2pa_roots/0001.pem", "c2pa_leaves/0001.pem"],
)
@pytest.mark.parametrize("harm", ["emptied", "nonsense"])
def test_a_damaged_file_of_the_home_closes_the_way_out(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    name: str,
    harm: str,
) -> None:
    out = tmp_path / "first.mp4"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    (home_dir() / name).write_bytes(b"" if harm == "emptied" else b"nonsense")
    with pytest.raises((ProvenanceError, ConsentError)):
        save(
            seal(make_draft(), consents=[record], purpose="test"),
            tmp_path / "out.mp4",
            encoding=scene.FAST,
        )
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("name", ["signing.pem", "rest.key"])
def test_removing_a_key_does_not_renew_a_record(
    make_draft: Maker, record: ConsentRecord, name: str
) -> None:
    (home_dir() / name).unlink()
    with pytest.raises((ConsentError, ProvenanceError)):
        seal(make_draft(), consents=[record], purpose="test")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_key_opened_to_others_closes_the_way_out(
    make_draft: Maker, record: ConsentRecord
) -> None:
    (home_dir() / "signing.pem").chmod(0o644)
    with pytest.raises(ProvenanceError, match="other users can read"):
        seal(make_draft(), consents=[record], purpose="test")


def test_every_gate_is_listed_and_built() -> None:
    assert len({gate.name for gate in GATES}) == len(GATES)
    assert all(gate.check for gate in GATES)


def test_the_writer_is_reached_from_the_seal_alone() -> None:
    folder = ROOT / "src" / "masquerade"
    users = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if re.search(r"masquerade\.media\.write import|media import .*\bwrite\b", path.read_text())
    }
    assert users == {"provenance/seal.py"}


class _Unsigned(ConsentRecord):
    """Says that it was signed as another record was."""

    genuine: ClassVar[ConsentRecord]

    def signed_bytes(self) -> bytes:
        return self.genuine.signed_bytes()


class _Never(datetime):
    """Is never reached."""

    def __gt__(self, _other: object) -> bool:
        return True


class _Every(tuple[str, ...]):
    """Holds every word that is asked for."""

    __slots__ = ()

    def __rand__(self, _other: object) -> bool:
        return True


class _Unlisted(str):
    """Is found on no list."""

    __slots__ = ()

    def __hash__(self) -> int:
        return 1


def _lying_records(scene: ModuleType, record: ConsentRecord) -> list[ConsentRecord]:
    """A wider purpose, an end that is past and a revocation, hidden in derived classes."""
    from masquerade.provenance.consent.revocation import revoke

    values = {name: getattr(record, name) for name in ConsentRecord.model_fields}
    _Unsigned.genuine = record
    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    expired = scene.make_record(valid_from=begin, valid_until=end)
    revoked = scene.make_record()
    revoke(revoked.id)
    return [
        _Unsigned.model_construct(**(values | {"purposes": ("film",)})),
        record.model_copy(update={"purposes": _Every(record.purposes)}),
        expired.model_copy(update={"valid_until": _Never(2021, 1, 1, tzinfo=UTC)}),
        revoked.model_copy(update={"id": _Unlisted(revoked.id)}),
        record.model_copy(update={"faces": None}),
    ]


def test_a_record_of_derived_classes_is_read_anew(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType
) -> None:
    for lying in _lying_records(scene, record):
        purpose = "test" if "test" in lying.purposes and lying.id != record.id else "film"
        with pytest.raises(ConsentError):
            seal(make_draft(consent=lying.id), consents=[lying], purpose=purpose)


def _during(draft: Draft, act: Callable[[], object]) -> Draft:
    """The draft, with something happening once its last segment is made."""

    def made() -> Iterator[DraftSegment]:
        yield from draft.segments
        act()

    return replace(draft, segments=made())


def _with_segments(draft: Draft, change: Callable[[DraftSegment], DraftSegment]) -> Draft:
    made = draft.segments
    return replace(draft, segments=(change(one) for one in made))


def test_a_segment_that_lies_about_its_time_does_not_lose_its_label(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    """The preset `film` labels beginning and end, by what segments say of both."""
    for early, late in ((10**9, 0), (0, 10**9), (-(10**9), 0)):

        def lying(one: DraftSegment, early: int = early, late: int = late) -> DraftSegment:
            return replace(one, first_pts=one.first_pts - early, last_pts=one.last_pts + late)

        draft = _with_segments(make_draft(), lying)
        sealed = seal(draft, consents=[record], purpose="test", label_preset="film")
        with pytest.raises(PolicyError, match="segment 0 has pictures from 0 to 1536"):
            save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    assert not list(tmp_path.iterdir())


def test_no_other_picture_is_written_than_the_gates_see(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    """The encoder takes a frame's planes where it has some; gates look at its RGB."""
    full = np.full((96, 160), 90, np.uint8)
    gray, small = Planes("gray", (full,)), Planes("gray", (full[:48, :48],))
    for planes in (gray, small):

        def hiding(one: DraftSegment, planes: Planes = planes) -> DraftSegment:
            return replace(one, frames=(replace(frame, planes=planes) for frame in one.frames))

        draft = _with_segments(make_draft(), hiding)
        sealed = seal(draft, consents=[record], purpose="test")
        with pytest.raises(PolicyError, match="written as another than the gates see"):
            save(sealed, tmp_path / "out.mp4", encoding=scene.FAST)
    assert not list(tmp_path.iterdir())


def _empty_the_ledger() -> None:
    home = home_dir()
    for path in (*home.glob("ledger.sqlite-*"), home / "ledger.head", home / "revoked.txt"):
        path.unlink(missing_ok=True)
    (home / "ledger.sqlite").write_bytes(b"")


def test_an_emptied_ledger_does_not_bring_back_what_was_revoked(
    make_draft: Maker, record: ConsentRecord
) -> None:
    from masquerade.provenance.consent.revocation import revoke

    revoke(record.id)
    _empty_the_ledger()
    with pytest.raises(ConsentError, match="does not know consent"):
        seal(make_draft(), consents=[record], purpose="test")


def test_an_emptied_ledger_does_not_know_whom_it_trusted(
    scene: ModuleType, make_draft: Maker
) -> None:
    from masquerade.provenance.consent.check import check_standing
    from masquerade.provenance.consent.trust import trust_signer
    from masquerade.provenance.keys import new_key, public_text

    key = new_key()
    theirs = scene.make_record(key=key)
    trust_signer(public_text(key), "Studio North")
    assert check_standing(theirs) == "Studio North"
    _empty_the_ledger()
    with pytest.raises(ConsentError, match="trust in the key of Studio North"):
        check_standing(theirs)


def test_an_input_that_is_exchanged_and_put_back_in_time_is_not_read(
    scene: ModuleType, clip: Path, photo: Path, record: ConsentRecord, tmp_path: Path
) -> None:
    """Whenever a gate looks, the file is the one that was measured."""
    target, out = tmp_path / "target.mp4", tmp_path / "out.mp4"
    target.write_bytes(clip.read_bytes())
    draft = scene.make_draft(target, photo, record.id)

    def another() -> Iterator[Frame]:
        target.write_bytes(clip.read_bytes()[::-1])
        try:
            yield from read_frames(target)
        finally:
            target.write_bytes(clip.read_bytes())

    made = (replace(one, frames=another()) for one in draft.segments)
    sealed = seal(scene.shown(draft, made), consents=[record], purpose="test")
    with pytest.raises(PolicyError, match="changed while it was worked on"):
        save(sealed, out, encoding=scene.FAST)
    assert list(tmp_path.iterdir()) == [target]


def test_what_changes_while_the_work_goes_on_closes_a_gate(
    scene: ModuleType, clip: Path, photo: Path, record: ConsentRecord, tmp_path: Path
) -> None:
    from masquerade.provenance.consent.revocation import revoke

    target, source = tmp_path / "target.mp4", tmp_path / "source.jpg"
    target.write_bytes(clip.read_bytes())
    source.write_bytes(photo.read_bytes())
    acts: list[Callable[[], object]] = [
        lambda: source.write_bytes(b"another photo"),
        lambda: revoke(record.id),
    ]
    out = tmp_path / "out.mp4"
    for act in acts:
        draft = _during(scene.make_draft(target, source, record.id), act)
        with pytest.raises(RefusedError):
            save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)
        source.write_bytes(photo.read_bytes())
        assert sorted(tmp_path.iterdir()) == [source, target]
