"""People enrolled from their footage: under consent for that purpose, and never without."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.cli import main
from masquerade.errors import ConsentError, FaceError, InputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.forensics.person_file import read_person, write_person
from masquerade.pipelines.examine.enrol_person import enrol
from masquerade.pipelines.examine.examine import examine
from masquerade.pipelines.examine.known_person import known_person
from masquerade.provenance.consent.records import load
from masquerade.provenance.consent.revocation import revoke

pytestmark = [pytest.mark.media, pytest.mark.weights]


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture
def own(media_dir: Path) -> Path:
    return media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"


@pytest.fixture
def record(own: Path, tmp_path: Path):
    """Makes a volunteer's consent record for a purpose."""

    def new(purpose: str) -> Path:
        from PIL import Image

        from masquerade.media.read import read_frames

        photo, path = tmp_path / "photo.png", tmp_path / f"{purpose}.consent"
        Image.fromarray(next(iter(read_frames(own))).pixels).save(photo)
        words = ["consent", "new", "-o", str(path), "--kind", "subject", "--name", "volunteer"]
        words += ["--grantee", "tests", "--purpose", purpose, "--adult", "--json"]
        assert main([*words, "--face", str(photo), "--until", "2030-01-01"]) == 0
        return path

    return new


def test_a_person_is_enrolled_shown_compared_with_and_closed_by_their_revocation(
    own: Path, tmp_path: Path, record, reader: FaceReader, capsys: pytest.CaptureFixture[str]
) -> None:
    consent, out = record("examination"), tmp_path / "one.person"
    made = enrol("One", [own], out, consent, reader)
    assert out.stat().st_mode & 0o077 == 0
    assert out.stat().st_size < 50_000
    assert made.known.record.id == load(consent).id
    capsys.readouterr()
    assert main(["person", "show", str(out)]) == 0
    assert "features alone, no picture and no sound" in capsys.readouterr().out
    found = examine(own, signals=["person_of_interest"], person=out, reader=reader)
    one = found.evidence[-1]
    assert "The face is that of One" in one.says
    assert one.log10_lr is None
    assert found.command.endswith("--person one.person")

    forged = tmp_path / "forged.person"
    person, about = read_person(out)
    write_person(forged, about, person.occasions)
    with pytest.raises(ConsentError, match="under whose consent"):
        known_person(forged)
    forged.write_bytes(out.read_bytes()[:-4] + np.float32(0.5).tobytes())
    with pytest.raises(ConsentError, match="not those"):
        known_person(forged)

    revoke(load(consent).id, "changed their mind")
    with pytest.raises(ConsentError, match="revoked"):
        examine(own, person=out, reader=reader)
    assert main(["examine", str(own), "--person", str(out)]) == ConsentError.exit_code


def test_nobody_is_enrolled_without_consent_for_it(
    own: Path, tmp_path: Path, record, reader: FaceReader
) -> None:
    out = tmp_path / "one.person"
    with pytest.raises(ConsentError, match="without their consent"):
        enrol("One", [own], out, None, reader)
    with pytest.raises(ConsentError, match="is for film"):
        enrol("One", [own], out, record("film"), reader)
    consent = record("examination")
    revoke(load(consent).id, "no")
    with pytest.raises(ConsentError, match="revoked"):
        enrol("One", [own], out, consent, reader)
    assert not out.exists()


def test_another_person_s_footage_is_left_out(
    media_dir: Path, tmp_path: Path, record, reader: FaceReader
) -> None:
    whole = media_dir / "talking" / "grid_others" / "lbax4n.mpg"
    other = tmp_path / "other.mpg"
    other.write_bytes(whole.read_bytes()[: 1 << 17])  # the first second
    with pytest.raises(FaceError, match="was not seen"):
        enrol("One", [other], tmp_path / "one.person", record("examination"), reader)


def test_what_cannot_be_enrolled_is_said(
    own: Path, tmp_path: Path, record, reader: FaceReader
) -> None:
    consent = record("examination")
    with pytest.raises(UsageError, match="ends in"):
        enrol("One", [own], tmp_path / "one.npz", consent, reader)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="no video in"):
        enrol("One", [empty], tmp_path / "one.person", consent, reader)
    with pytest.raises(UsageError, match="no enrolled person"):
        known_person(own)
