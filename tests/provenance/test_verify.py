import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.errors import InputError, OutputError, ProvenanceError
from masquerade.provenance import ledger
from masquerade.provenance.consent import trust
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.copies import FoundCopies
from masquerade.provenance.home import home_dir
from masquerade.provenance.lookup import Match
from masquerade.provenance.seal import save, seal
from masquerade.provenance.verify import verify
from masquerade.provenance.watermark.marking import FoundMark
from masquerade.types import Draft

Maker = Callable[..., Draft]
TEST_SIGNER = "C2PA Signer of C2PA Test Signing Cert"

# file: manifest, signer, what is broken; as the projects that published them describe each.
FOREIGN = {
    "C.jpg": ("intact", "unknown", ""),
    "CA.jpg": ("intact", "unknown", ""),
    "C_with_CAWG_data.jpg": ("intact", "unknown", ""),
    "legacy.mp4": ("intact", "unknown", ""),
    "video1.mp4": ("intact", "unknown", ""),
    "sample1_signed.wav": ("intact", "unknown", ""),
    "public/adobe-20220124-C.jpg": ("intact", "unknown", ""),
    "public/adobe-20220124-CA.jpg": ("intact", "unknown", ""),
    "XCA.jpg": ("broken", "invalid", "assertion.dataHash.mismatch"),
    "E-sig-CA.jpg": ("broken", "invalid", "claimSignature.mismatch"),
    "CIE-sig-CA.jpg": ("broken", "unknown", "claimSignature.mismatch"),
    "no_alg.jpg": ("broken", "invalid", "unreadable"),
    "public/adobe-20220124-XCA.jpg": ("broken", "invalid", "assertion.dataHash.mismatch"),
    "public/adobe-20220124-E-dat-CA.jpg": ("broken", "invalid", "assertion.dataHash.mismatch"),
    "public/adobe-20220124-E-sig-CA.jpg": ("broken", "invalid", "claimSignature.mismatch"),
    "public/adobe-20220124-E-uri-CA.jpg": ("broken", "invalid", "assertion.hashedURI.mismatch"),
    "cloud.jpg": ("unreadable", "none", ""),
    "prerelease.jpg": ("unreadable", "none", ""),
    "dashinit.mp4": ("unreadable", "unknown", ""),
    "libpng-test.png": ("none", "none", ""),
    "no_manifest.jpg": ("none", "none", ""),
    "video1_no_manifest.mp4": ("none", "none", ""),
    "public/adobe-20220124-A.jpg": ("none", "none", ""),
    "public/adobe-20220124-I.jpg": ("none", "none", ""),
}


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks for a watermark, which takes seconds in pictures of full size."""

    def none(*_args: object, **_words: object) -> FoundMark:
        return FoundMark("none")

    monkeypatch.setattr("masquerade.provenance.publish.find_mark", none)
    monkeypatch.setattr("masquerade.provenance.verify.find_mark", none)


@pytest.mark.media
@pytest.mark.usefixtures("no_search")
@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_has_the_outcome_it_is_known_for(media_dir: Path, name: str) -> None:
    state, signer, code = FOREIGN[name]
    found = verify(media_dir / "c2pa" / name)
    assert (found.credentials.state, found.credentials.signer) == (state, signer)
    assert {problem.code for problem in found.problems} == ({code} if code else set())
    assert found.exit_code == (5 if code else 0)
    assert found.ledger_state == "not ours"
    assert found.lines()
    json.dumps(found.as_json())


@pytest.mark.media
def test_every_fixture_has_a_known_outcome(media_dir: Path) -> None:
    folder = media_dir / "c2pa"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.*") if path.is_file()}
    assert there == set(FOREIGN)


@pytest.mark.media
@pytest.mark.usefixtures("no_search")
def test_words_about_foreign_files_are_plain(media_dir: Path) -> None:
    folder = media_dir / "c2pa"
    history = "\n".join(verify(folder / "CIE-sig-CA.jpg").lines())
    assert "ingredient E-sig-CA.jpg: the signature does not fit the manifest" in history
    assert TEST_SIGNER in history
    none = "\n".join(verify(folder / "libpng-test.png").lines())
    assert "says nothing about whether the file is genuine" in none
    assert "taken out" in "\n".join(verify(folder / "no_manifest.jpg").lines())
    assert "server" in "\n".join(verify(folder / "cloud.jpg").lines())
    assert "unknown signer" in "\n".join(verify(folder / "C.jpg").lines())


@pytest.mark.media
def test_a_watermark_is_looked_for_in_a_foreign_file(media_dir: Path) -> None:
    found = verify(media_dir / "c2pa" / "C.jpg")
    assert found.watermark.state == "none"
    assert "watermark  none that this installation can read" in "\n".join(found.lines())


@pytest.mark.media
@pytest.mark.usefixtures("no_search")
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("video1.mp4", "kept as the parent's manifest"),
        ("XCA.jpg", "kept as the parent's manifest"),
        ("no_manifest.jpg", "none"),
        ("prerelease.jpg", "unreadable"),
    ],
)
def test_the_targets_own_history_is_kept(
    scene: ModuleType,
    record: ConsentRecord,
    photo: Path,
    media_dir: Path,
    tmp_path: Path,
    name: str,
    kept: str,
) -> None:
    target = media_dir / "c2pa" / name
    draft = scene.make_draft(target, photo, record.id)
    out = tmp_path / f"out{target.suffix}"
    if target.suffix == ".jpg":
        draft = scene.still_of(draft)
    else:
        draft = replace(draft, segments=_as_is(target, draft))
    save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)
    found = verify(out)
    assert found.credentials.signer == "ours"
    assert found.claims.history.startswith(kept)
    signed_parents = [one for one in found.credentials.ingredients if one.signed_by]
    assert bool(signed_parents) is kept.startswith("kept")
    # A parent that was broken before it was taken in stays visible through our own signature.
    assert found.broken is (name == "XCA.jpg")


def _as_is(target: Path, draft: Draft):  # type: ignore[no-untyped-def]
    from itertools import islice

    from masquerade.media.read import read_frames
    from masquerade.types import DraftSegment

    frames = list(islice(read_frames(target), 5))
    for frame in frames:
        for see in draft.onlookers:
            see(frame)
    yield DraftSegment(0, "as is", frames[0].pts, frames[-1].pts, iter(frames))


@pytest.fixture
def saved(make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path) -> Path:
    out = tmp_path / "out.mp4"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    return out


def test_ours_is_said_in_plain_words(saved: Path, record: ConsentRecord) -> None:
    words = "\n".join(verify(saved).lines())
    assert "signed by  this installation" in words
    assert f"consent    {record.id}: subject" in words
    assert "AI MODIFIED (eu)" in words
    assert "this very file has a row" in words
    assert record.subject not in words


def test_what_a_file_was_made_from_is_not_said_to_be_made_here(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    draft = make_draft()
    save(seal(draft, consents=[record], purpose="test"), tmp_path / "o.mp4", encoding=scene.FAST)
    row = ledger.rows(kind="output")[-1]
    match = Match(row, 20, 0, 0, turned=False, share=0.7)
    found = replace(verify(draft.target), copies=FoundCopies("found", (match,), 3))
    assert found.made_into == (row,)
    assert "was made from this one" in found.verdict
    assert any("made into" in line for line in found.lines())


def test_any_flipped_byte_is_found(saved: Path) -> None:
    data = saved.read_bytes()
    for share in (0.02, 0.3, 0.6, 0.9, 0.999):
        changed = bytearray(data)
        changed[int(len(data) * share)] ^= 0x10
        saved.write_bytes(changed)
        found = verify(saved)
        assert found.exit_code == 5 or found.credentials.state == "none", share
        assert found.ledger_state != "found"
    saved.write_bytes(data)
    assert verify(saved).exit_code == 0


@pytest.mark.parametrize("harm", ["truncated", "appended", "empty"])
def test_truncated_and_appended_files_are_reported_without_a_traceback(
    saved: Path, harm: str
) -> None:
    data = saved.read_bytes()
    saved.write_bytes(
        {"truncated": data[: len(data) // 2], "appended": data + b"x" * 99}.get(harm, b"")
    )
    found = verify(saved)
    assert found.ledger_state != "found"
    assert found.lines()


def test_another_installation_calls_us_unknown_until_it_trusts_our_root(
    saved: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    found = verify(saved, home=other)
    assert found.credentials.signer == "unknown"
    assert found.ledger_state == "missing"
    assert not found.broken
    from masquerade.provenance.c2pa.certificates import signing_identity

    root = tmp_path / "root.pem"
    root.write_bytes(signing_identity().root_pem)
    trust.trust_root(root, home=other)
    found = verify(saved, home=other)
    assert found.credentials.signer == "known"
    assert found.exit_code == 0


def test_a_row_that_is_missing_for_our_own_file_is_broken(saved: Path) -> None:
    for path in home_dir().glob("ledger.*"):
        path.unlink()
    with pytest.raises(ProvenanceError, match="the ledger is missing"):
        verify(saved)
    (home_dir() / "ledger.sqlite").touch()
    found = verify(saved)
    assert found.ledger_state == "missing"
    assert found.exit_code == 5


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        verify(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xd8\xff\xe0 short", b"\x00\x00\x00\x20ftypisom", b"RIFF" * 40]
)
@pytest.mark.parametrize("ending", [".jpg", ".mp4", ".txt", "", ".c2pa", ".mkv"])
def test_any_bytes_give_a_report(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"file{ending}"
    path.write_bytes(content)
    found = verify(path)
    assert found.exit_code in (0, 5)
    assert found.lines()


def test_a_manifest_beside_counts_for_the_file_it_is_of(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, photo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mkv"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    (tmp_path / "out.jpg").write_bytes(photo.read_bytes())
    assert verify(tmp_path / "out.jpg").credentials.state == "none"
    assert verify(out).credentials.beside
    with pytest.raises(OutputError, match="manifest of another file"):
        save(
            seal(make_draft(), consents=[record], purpose="test"),
            tmp_path / "out.webm",
            encoding=scene.FAST.model_copy(update={"codec": "vp9"}),
        )


def test_a_manifest_inside_counts_before_one_beside(saved: Path) -> None:
    saved.with_suffix(".c2pa").write_bytes(b"nonsense")
    found = verify(saved)
    assert found.exit_code == 0
    assert not found.credentials.beside
