"""Models built from a persona's photo: under consent, and never without."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.cli import main
from masquerade.errors import ConsentError, InputError, PolicyError, UsageError
from masquerade.faces.appearance import file as appearance_file
from masquerade.faces.appearance.file import read_appearance, write_appearance
from masquerade.faces.readers import FaceReader
from masquerade.faces.unrolled import unroll
from masquerade.generate import swap_appearance
from masquerade.hashing import file_sha256
from masquerade.pipelines.cast import read_sources
from masquerade.pipelines.make import make
from masquerade.pipelines.source.build import Built, build_source
from masquerade.provenance import ledger
from masquerade.provenance.consent.measured import people_in
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.provenance.consent.records import load
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.home import home_dir

pytestmark = [pytest.mark.media, pytest.mark.weights]


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


def consent_of(media_dir: Path, name: str, path: Path) -> Path:
    """A consent record for a persona of the test media."""
    path.unlink(missing_ok=True)
    words = ["consent", "new", "-o", str(path), "--kind", "persona", "--name", name]
    words += ["--grantee", "tests", "--purpose", "any", "--adult", "--declared-by", "SFHQ"]
    words += ["--proof", str(media_dir / "MANIFEST.csv")]
    words += ["--face", str(media_dir / "personas" / f"{name}.jpg"), "--json"]
    assert main(words) == 0
    return path


@pytest.fixture
def record(media_dir: Path, tmp_path: Path):
    """Makes a consent record for a persona of the test media."""

    def new(name: str) -> Path:
        return consent_of(media_dir, name, tmp_path / f"{name}.consent")

    return new


def photo(media_dir: Path, name: str) -> Path:
    return media_dir / "personas" / f"persona_{name}.jpg"


@dataclass(frozen=True)
class Studio:
    """A folder with two models, b00.mface and b10.mface, and the home that they were built in."""

    files: Path
    home: Path
    b00: Built
    b10: Built


@pytest.fixture(scope="module")
def studio(media_dir: Path, reader: FaceReader, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    files, home = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("studio")

    def built(name: str) -> Built:
        consent = consent_of(media_dir, f"persona_{name}", files / f"persona_{name}.consent")
        return build_source([photo(media_dir, name)], files / f"{name}.mface", [consent], reader)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASQUERADE_HOME", str(home))
        return Studio(files, home, built("b00"), built("b10"))


@pytest.fixture
def copied(studio: Studio, tmp_path: Path) -> Callable[[Built], Built]:
    """Gives a model to a test, whose home is a copy of the one that it was built in."""
    shutil.copytree(studio.home, home_dir(), dirs_exist_ok=True)
    shutil.copytree(studio.files, tmp_path, dirs_exist_ok=True)

    def copy(built: Built) -> Built:
        return replace(built, out=tmp_path / built.out.name)

    return copy


@pytest.fixture
def built(studio: Studio, copied: Callable[[Built], Built]) -> Built:
    return copied(studio.b00)


@pytest.fixture
def other(studio: Studio, copied: Callable[[Built], Built]) -> Built:
    return copied(studio.b10)


def test_a_model_says_what_it_is_and_under_whose_consent(
    built: Built, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = load(tmp_path / "persona_b00.consent")
    assert built.file.about.consent == held.id
    assert built.distance < 0.3
    assert built.out.stat().st_mode & 0o077 == 0
    assert "made of 1 pictures from 1 files" in built.lines()[1]
    assert held.id in ledger.rows(kind="model")[0].body
    picture = tmp_path / "what.png"
    assert main(["source", "inspect", str(built.out), "-o", str(picture)]) == 0
    assert "an appearance model of persona_b00" in capsys.readouterr().out
    assert picture.stat().st_size > 10_000


def test_it_is_a_source_by_itself_and_chooses_its_method(
    built: Built, media_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["swap", str(built.out), str(photo(media_dir, "b10")), "-o", str(tmp_path / "out.png")]
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 1
    row = ledger.rows(kind="output")[0]
    assert '"swap_appearance"' in row.body
    assert built.file.about.consent in row.body


def test_without_consent_or_with_somebody_elses_nothing_is_built(
    media_dir: Path, tmp_path: Path, record, reader: FaceReader
) -> None:
    out, source = tmp_path / "out.mface", [photo(media_dir, "b00")]
    with pytest.raises(ConsentError, match="0 consent records"):
        build_source(source, out, [], reader)
    with pytest.raises(ConsentError, match="not the one of consent"):
        build_source(source, out, [record("persona_b01")], reader)
    revoked = record("persona_b00")
    revoke(load(revoked).id)
    with pytest.raises(ConsentError, match="was revoked"):
        build_source(source, out, [revoked], reader)
    assert not list(tmp_path.glob("*mface*"))
    assert not ledger.rows(kind="model")


def test_revoking_the_record_closes_the_model(
    built: Built, media_dir: Path, tmp_path: Path, record
) -> None:
    assert [one.name for one in revoke(built.file.about.consent).models] == ["b00.mface"]
    anew = record("persona_b00")  # the same person consents again, yet not to this model
    with pytest.raises(ConsentError, match=r"b00\.mface .* cannot be used: .* was revoked"):
        make(
            "swap_appearance",
            target=photo(media_dir, "b10"),
            out=tmp_path / "out.png",
            sources=[built.out],
            consents=[anew],
        )


def test_an_edited_model_is_refused(built: Built, media_dir: Path, tmp_path: Path) -> None:
    data = bytearray(built.out.read_bytes())
    data[-60_000] ^= 1
    built.out.write_bytes(data)
    with pytest.raises(ConsentError, match="weights are not those"):
        make(
            "swap_appearance",
            target=photo(media_dir, "b10"),
            out=tmp_path / "out.png",
            sources=[built.out],
            consents=[tmp_path / "persona_b00.consent"],
        )


def test_a_strangers_pictures_under_a_good_signature_are_found(
    built: Built, other: Built, media_dir: Path, tmp_path: Path
) -> None:
    forged, file = tmp_path / "forged.mface", other.file
    about = file.about.model_copy(update={"consent": built.file.about.consent})
    write_appearance(forged, file.model, about, file.measures, built.file.identity)
    mark_model(forged, [load(tmp_path / "persona_b00.consent")])
    with pytest.raises(ConsentError, match="not the one of consent"):
        make(
            "swap_appearance",
            target=photo(media_dir, "b01"),
            out=tmp_path / "out.png",
            sources=[forged],
        )


def test_one_strangers_picture_among_a_models_own_is_found(
    built: Built, other: Built, tmp_path: Path
) -> None:
    mixed = built.file.model.examples + other.file.model.examples
    assert len({(len(one.said), len(one.parts)) for one in mixed}) == 1
    forged = tmp_path / "mixed.mface"
    model = replace(built.file.model, examples=mixed)
    write_appearance(forged, model, built.file.about, built.file.measures, built.file.identity)
    assert len(people_in(forged, file_sha256(forged))) == 2


@pytest.fixture
def forged(built: Built, media_dir: Path, tmp_path: Path, reader: FaceReader) -> Path:
    """A model whose portraits are b00's, and whose mixtures show b01."""
    shown = read_sources([photo(media_dir, "b01")], reader)[0]
    model = built.file.model
    apart = unroll(shown.pixels, shown.face.landmarks)[0] - model.mean
    part = cv2.resize(apart, (128, 128), interpolation=cv2.INTER_AREA).reshape(1, -1)
    detail = swap_appearance.Options().detail
    much = np.float32([1 / (1 - detail)])  # of which a swap takes off that share again
    mixed = replace(
        model,
        parts=np.concatenate([model.parts, part]).astype(np.float32),
        follows=np.pad(model.follows, ((0, 0), (0, 1))),
        examples=tuple(
            replace(one, parts=np.concatenate([one.parts, much])) for one in model.examples
        ),
    )
    path = tmp_path / "forged.mface"
    write_appearance(path, mixed, built.file.about, built.file.measures, built.file.identity)
    mark_model(path, [load(tmp_path / "persona_b00.consent")])
    return path


def test_a_stranger_among_a_models_parts_is_refused_when_it_is_read(forged: Path) -> None:
    with pytest.raises(InputError, match="not those that they show"):
        read_appearance(forged)


def test_a_stranger_whom_only_mixtures_show_is_found_in_the_output(
    forged: Path, media_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appearance_file, "_UNLIKE", (np.inf, np.inf))
    assert len(people_in(forged, file_sha256(forged))) == 1  # its portraits are those of the record
    with pytest.raises(ConsentError, match="neither the source's nor the target's"):
        make(
            "swap_appearance",
            target=photo(media_dir, "b10"),
            out=tmp_path / "out.png",
            sources=[forged],
        )
    assert not list(tmp_path.glob("out*"))


def test_a_model_stands_alone(
    built: Built, media_dir: Path, tmp_path: Path, reader: FaceReader
) -> None:
    consent = tmp_path / "persona_b00.consent"
    with pytest.raises(UsageError, match="a model of its own"):
        make(
            "swap_appearance",
            target=photo(media_dir, "b10"),
            out=tmp_path / "out.png",
            sources=[built.out, photo(media_dir, "b00")],
            consents=[consent],
        )
    with pytest.raises(UsageError, match="is a model already"):
        build_source([built.out], tmp_path / "two.mface", [consent], reader)
    with pytest.raises(UsageError, match="exists"):
        build_source([photo(media_dir, "b00")], built.out, [consent], reader)


def test_a_blocked_picture_builds_nothing(
    media_dir: Path, tmp_path: Path, record, reader: FaceReader
) -> None:
    consent = record("persona_b00")
    words = ["takedown", "add", "--who", "N.N.", "--contact", "n@example.org", "--what", "a photo"]
    words += ["--good-faith", "It was published without consent.", "--signature", "N.N."]
    words += ["--signed-on", "2026-05-02", "--file", str(photo(media_dir, "b00"))]
    assert main(words) == 0
    with pytest.raises(PolicyError, match="notice"):
        build_source([photo(media_dir, "b00")], tmp_path / "b00.mface", [consent], reader)
    assert not list(tmp_path.glob("*mface*"))
