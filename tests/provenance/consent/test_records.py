import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import ValidationError

from masquerade import personas
from masquerade.errors import ConsentError, OutputError, UsageError
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.records import (
    ConsentRecord,
    DeclaredProof,
    Estate,
    Guardian,
    Kind,
    MadeProof,
    MadeVoiceProof,
    load,
    load_all,
    load_lender,
    save_record,
    verify_record,
)
from masquerade.provenance.consent.words import lines
from masquerade.provenance.keys import new_key, public_text

NOW = datetime.now(UTC)
MADE = MadeProof(recipe_sha256="a" * 64, nearest_distance=0.7, compared_faces=500)


def test_a_record_comes_back_from_its_file(record: ConsentRecord, tmp_path: Path) -> None:
    save_record(record, tmp_path / "ann.consent")
    assert load(tmp_path / "ann.consent") == record
    with pytest.raises(OutputError, match="exists"):
        save_record(record, tmp_path / "ann.consent")


def test_a_face_or_voice_is_lent_under_one_record_of_who_lends_it(
    scene: ModuleType, record: ConsentRecord, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{name}.consent" for name in ("ann", "copy", "bob", "cid")]
    for path, one in zip(
        paths,
        (record, record, scene.make_record(), scene.make_record(kind=Kind.PERFORMER)),
        strict=True,
    ):
        save_record(one, path)
    assert load_all(paths[:2]) == (record,)
    assert load_lender(paths[:2], lent="face") == record
    with pytest.raises(ConsentError, match=r"^0 consent records are given for the voice") as none:
        load_lender([], lent="voice")
    assert "consent statement" in none.value.todo
    with pytest.raises(ConsentError, match=r"^2 consent records are given for the face"):
        load_lender(paths[1:3], lent="face")
    with pytest.raises(ConsentError, match="performer, who is changed and lends no voice"):
        load_lender(paths[3:], lent="voice")


def test_a_real_face_is_not_readable_in_the_file(scene: ModuleType, record: ConsentRecord) -> None:
    text = record.text()
    assert record.faces[0].plain is None
    assert str(round(float(scene.face()[0]), 3)) not in text
    assert abs(open_face(record.faces[0], record.id) - scene.face()).max() < 1e-6


def test_a_bound_face_opens_under_its_own_record_only(record: ConsentRecord) -> None:
    with pytest.raises(ConsentError, match="cannot be opened"):
        open_face(record.faces[0], "mqc-0000000000000000")


def test_a_bound_face_opens_in_its_own_installation_only(
    record: ConsentRecord, tmp_path: Path
) -> None:
    with pytest.raises(ConsentError, match="encrypted by installation"):
        open_face(record.faces[0], record.id, home=tmp_path)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"valid_until": NOW + timedelta(days=3600)}, ""),
        ({"valid_until": NOW + timedelta(days=3700)}, "longer than 10 years"),
        ({"valid_until": NOW - timedelta(days=1)}, "ends before it begins"),
        ({"adult_attested": False}, "guardians are named"),
        ({"purposes": []}, "purposes"),
        ({"purposes": ["any"]}, "for personas only"),
        ({"kind": "ghost"}, "kind: Input should be"),
        ({"subject": "  "}, "subject"),
        ({"embeddings": []}, "bound to no face"),
        ({"reference_sha256": ["xyz"]}, "reference_sha256"),
        ({"valid_until": datetime(2030, 1, 1)}, "valid_until"),
        ({"proof": MADE}, "only a persona"),
        ({"kind": "persona"}, "needs a proof"),
        ({"kind": "persona", "proof": MADE, "purposes": ["any"]}, ""),
    ],
)
def test_a_record_must_make_sense(
    scene: ModuleType, changes: dict[str, object], fault: str
) -> None:
    if not fault:
        verify_record(scene.make_record(**changes))
        return
    with pytest.raises(UsageError, match=fault):
        scene.make_record(**changes)


def test_a_persona_is_bound_in_plain_and_says_how_it_is_known(scene: ModuleType) -> None:
    made = scene.make_record(kind="persona", proof=MADE)
    assert made.faces[0].plain is not None
    assert made.standing == "persona; nearest of 500 real faces at 0.70"
    declared = DeclaredProof(declared_by="Studio", proof_sha256="b" * 64)
    other = scene.make_record(kind="persona", proof=declared)
    assert "declared by Studio, not verified" in other.standing


def test_a_record_can_be_signed_with_a_given_key(scene: ModuleType) -> None:
    key = new_key()
    record = scene.make_record(kind="persona", proof=MADE, key=key)
    assert record.signer == public_text(key)
    verify_record(record)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "Bea"),
        ("purposes", ["film"]),
        ("valid_until", "2031-01-01T00:00:00Z"),
        ("grantee", "everyone"),
        ("signature", "AAAA"),
        ("signer", "ed25519:" + "A" * 43),
    ],
)
def test_any_change_breaks_the_signature(
    record: ConsentRecord, tmp_path: Path, field: str, value: object
) -> None:
    content = json.loads(record.text()) | {field: value}
    path = tmp_path / "changed.consent"
    path.write_text(json.dumps(content))
    with pytest.raises(ConsentError, match="signature"):
        load(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"schema_version": 3}'])
def test_a_file_that_is_no_record_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.consent"
    path.write_text(content)
    with pytest.raises(ConsentError, match="not a valid consent record"):
        load(path)


@pytest.mark.parametrize(
    ("name", "other"), [("valid_until", '"2099-01-01T00:00:00Z"'), ("purposes", '["any"]')]
)
def test_a_name_that_is_there_twice_is_refused(
    record: ConsentRecord, tmp_path: Path, name: str, other: str
) -> None:
    path = tmp_path / "twice.consent"
    path.write_text(record.text().replace("{", f'{{"{name}": {other},', 1))
    with pytest.raises(ConsentError, match=f"it names '{name}' twice"):
        load(path)


def test_a_missing_or_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="cannot be read"):
        load(tmp_path / "none.consent")
    (tmp_path / "huge").write_bytes(b" " * 1_000_001)
    with pytest.raises(ConsentError, match="larger than"):
        load(tmp_path / "huge")


def test_an_unknown_field_is_refused(record: ConsentRecord, tmp_path: Path) -> None:
    path = tmp_path / "more.consent"
    path.write_text(json.dumps(json.loads(record.text()) | {"skip_checks": True}))
    with pytest.raises(ConsentError, match="skip_checks"):
        load(path)


def test_a_face_that_is_no_number_is_refused(scene: ModuleType, tmp_path: Path) -> None:
    record = scene.make_record(kind="persona", proof=MADE)
    content = json.loads(record.text())
    content["faces"][0]["plain"][0] = float("inf")
    path = tmp_path / "infinite.consent"
    path.write_text(json.dumps(content).replace("Infinity", "1e400"))
    with pytest.raises(ConsentError, match="finite number"):
        load(path)


GUARDIAN = Guardian(
    name="Eva Roth",
    relation="mother",
    statement="I, Eva Roth, mother of Mia, consent.",
    stated_on=NOW.date(),
)
MINOR = {
    "adult_attested": False,
    "guardians": [GUARDIAN],
    "of_age_on": (NOW + timedelta(days=900)).date(),
}
ESTATE = Estate(
    representative="Max Roth",
    authority="will",
    evidence="probate registry Bern, 2021-17",
    died_on=date(2019, 3, 1),
)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (MINOR, ""),
        (MINOR | {"kind": "performer"}, ""),
        (MINOR | {"adult_attested": True}, "either the person is attested"),
        (MINOR | {"guardians": []}, "either the person is attested"),
        (MINOR | {"of_age_on": None}, "from when on they are of age"),
        (MINOR | {"of_age_on": NOW.date()}, "beyond the day the minor is of age"),
        (MINOR | {"kind": "persona", "proof": MADE}, "there is none of a child"),
        ({"of_age_on": date(2030, 1, 1)}, "no other does"),
        ({"kind": "estate", "estate": ESTATE}, ""),
        (MINOR | {"kind": "estate", "estate": ESTATE}, ""),
        ({"kind": "estate"}, "who acts for it"),
        ({"estate": ESTATE}, "only an estate does"),
        (
            {
                "kind": "estate",
                "estate": ESTATE.model_copy(update={"died_on": (NOW + timedelta(days=2)).date()}),
            },
            "before the person of the estate died",
        ),
        ({"schema_version": 1, **MINOR}, "version 1"),
    ],
)
def test_somebody_speaks_for_a_minor_and_for_a_dead_person(
    scene: ModuleType, tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    if fault:
        with pytest.raises(UsageError, match=fault):
            scene.make_record(**changes)
        return
    record = scene.make_record(**changes)
    save_record(record, tmp_path / "one.consent")
    assert load(tmp_path / "one.consent") == record


def test_a_guardian_signs_with_their_own_name() -> None:
    with pytest.raises(ValidationError, match="does not hold that name"):
        Guardian(name="Eva", relation="mother", statement="I consent.", stated_on=NOW.date())


def test_guardians_and_estates_are_named_in_words_and_not_in_the_standing(
    scene: ModuleType,
) -> None:
    minor = scene.make_record(**MINOR)
    assert minor.standing == "subject; under age, a guardian consents"
    assert "Eva Roth (mother), signed on" in "\n".join(lines(minor))
    estate = scene.make_record(kind="estate", estate=ESTATE)
    assert estate.standing == "estate of a dead person; its representative consents (will)"
    words = "\n".join(lines(estate))
    assert "Max Roth, named in the will (probate registry Bern, 2021-17); died on 2019" in words


def test_records_of_version_1_still_hold(tmp_path: Path) -> None:
    path = personas.load("ada").consent
    record = load(path)
    assert record.schema_version == 1
    assert record.text() == path.read_text(encoding="utf-8")
    content = json.loads(record.text()) | {"guardians": []}
    (tmp_path / "more.consent").write_text(json.dumps(content))
    load(tmp_path / "more.consent")  # says nothing new
    content |= {"of_age_on": "2030-01-01"}
    (tmp_path / "more.consent").write_text(json.dumps(content))
    with pytest.raises(ConsentError):
        load(tmp_path / "more.consent")


MADE_VOICE = MadeVoiceProof(recipe_sha256="a" * 64, nearest_distance=0.3, compared_voices=80)
DECLARED = DeclaredProof(declared_by="the maker", proof_sha256="b" * 64)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"embeddings": ()}, ""),
        ({"embeddings": (), "kind": "performer"}, ""),
        ({"embeddings": (), "voices": ()}, "bound to no face and no voice"),
        ({"schema_version": 2}, "versions 1 and 2"),
        ({"modality": ["voice"]}, "covers a face is bound to one, no other is"),
        ({"voices": (), "modality": ["voice", "face"]}, "covers a voice"),
        ({"kind": "persona", "proof": MADE}, "needs a proof"),
        ({"kind": "persona", "voice_proof": MADE_VOICE}, "needs a proof"),
        ({"voice_proof": MADE_VOICE}, "only a persona"),
        ({"kind": "persona", "proof": MADE, "voice_proof": MADE_VOICE}, ""),
        ({"kind": "persona", "embeddings": (), "voice_proof": DECLARED}, ""),
        ({"kind": "estate", "estate": ESTATE, "recording": True}, ""),
        ({"recording": True}, "bound by a statement read aloud"),
        ({"kind": "performer", "recording": True}, "bound by a statement read aloud"),
    ],
)
def test_a_record_is_bound_to_what_it_covers(
    scene: ModuleType, tmp_path: Path, changes: dict[str, object], fault: str
) -> None:
    given = {**changes}
    challenge = "" if given.pop("recording", False) else "mqs-0123456789abcdef"
    given.setdefault("voices", [scene.voice(challenge=challenge)])
    if fault:
        with pytest.raises(UsageError, match=fault):
            scene.make_record(**given)
        return
    record = scene.make_record(**given)
    save_record(record, tmp_path / "one.consent")
    assert load(tmp_path / "one.consent") == record
    assert (record.voices[0].plain is not None) == (given.get("kind") == "persona")


def test_a_voice_is_told_in_words(scene: ModuleType) -> None:
    words = "\n".join(lines(scene.make_record(voices=[scene.voice()])))
    assert "a living person whose face and voice is used" in words
    assert "the voice in 12 s of a statement read aloud" in words
    assert "understood as “I, Ann, consent”" in words
    persona = scene.make_record(
        kind="persona", embeddings=(), voices=[scene.voice(challenge="")], voice_proof=MADE_VOICE
    )
    assert persona.standing == "persona; nearest of 80 real voices at 0.30"
    assert "the nearest of 80 real voices lies 0.30 away" in "\n".join(lines(persona))


@pytest.mark.parametrize("field", ["network", "recording_sha256", "encrypted"])
def test_a_changed_voice_breaks_the_signature(
    scene: ModuleType, tmp_path: Path, field: str
) -> None:
    other = scene.make_record(voices=[scene.voice(2)])
    content = json.loads(scene.make_record(voices=[scene.voice()]).text())
    content["voices"][0][field] = json.loads(other.text())["voices"][0][field]
    if field != "encrypted":
        content["voices"][0][field] = "d" * 64
    path = tmp_path / "changed.consent"
    path.write_text(json.dumps(content))
    with pytest.raises(ConsentError, match="signature"):
        load(path)
