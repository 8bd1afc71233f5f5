"""The consent wizard: who, what, for whom, what for, until when; then a signed record.

It asks what `masquerade consent new` asks. Everything is measured first, and the record is signed
and written at the end, so that whoever leaves half-way leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from nicegui import ui

from masquerade.errors import MasqueradeError, UsageError
from masquerade.server.studio import Studio
from masquerade.server.ui.consent_pieces import day, several, step, valid
from masquerade.server.ui.drop import PICTURES, SOUND
from masquerade.server.ui.fields import Field, pick, tick, write_in
from masquerade.server.ui.pieces import block, button, enable, failure, part, text
from masquerade.server.ui.records import Filed, file_record
from masquerade.server.ui.shelf import Kept, Shelf

if TYPE_CHECKING:
    from masquerade.provenance.consent.heard_voice import HeardVoice
    from masquerade.provenance.consent.records import ConsentRecord
    from masquerade.provenance.consent.statement import Statement
    from masquerade.types import Modality, SourcePicture

KINDS: Final = {
    "subject": "A living person whose face or voice is used",
    "performer": "The person in the footage that is changed",
    "estate": "Somebody who has died",
    "persona": "Somebody who does not exist, made by you",
}
_LENT: Final = {"face": "How they look", "voice": "How they sound", "face and voice": "Both"}
_AGE: Final = {
    "subject": "I attest that this person is of age.",
    "performer": "I attest that this person is of age.",
    "estate": "I attest that this person was of age.",
    "persona": "I attest that this persona looks of age.",
}
_LIVING: Final = ("subject", "performer")
Made = Callable[[Filed], Awaitable[None] | None]


@dataclass(slots=True)
class Wizard:
    """What has been answered so far; state of one form on one page."""

    studio: Studio
    shelf: Shelf
    on_made: Made
    fields: dict[str, Field] = field(default_factory=dict)
    photos: list[Kept] = field(default_factory=list)
    recordings: list[Kept] = field(default_factory=list)
    proof: list[Kept] = field(default_factory=list)

    def value(self, name: str) -> str:
        """An answer without blanks around it."""
        return str(self.fields[name].value).strip()

    def draw(self) -> None:
        """Puts the form on the page."""
        with part("steps"):
            with step("Whose face or voice is it?"):
                kind = self._keep("kind", pick("Person", KINDS))
                lent = self._keep("lent", pick("What may be used?", _LENT))
            with step("What do they agree to?"):
                self._terms()
            with step("Show who it is"):
                files = ui.element("div").classes("stack")
            with step("Age, and signature"):
                special = ui.element("div").classes("stack")
            said = ui.element("div").props('aria-live="assertive"')
            done = button("Sign and keep the record", None, sign="signature", kind="first")

        def redraw() -> None:
            files.clear()
            special.clear()
            with files:
                self._files()
            with special:
                self._special()

        async def make() -> None:
            said.clear()
            enable(done, on=False)
            with said:
                block("<span class='busy'></span><span>Measuring and signing…</span>", "row")
            try:
                record = await asyncio.to_thread(self._record)
                filed = Filed(file_record(record, self.studio.home), record)
            except MasqueradeError as error:
                said.clear()
                with said:
                    failure(error)
                enable(done, on=True)
                return
            said.clear()
            told = self.on_made(filed)
            if told is not None:
                await told

        kind.told.append(redraw)
        lent.told.append(redraw)
        done.on("click", make)
        redraw()

    def _keep(self, name: str, made: Field) -> Field:
        self.fields[name] = made
        return made

    def _terms(self) -> None:
        with part("grid2"):
            self._keep("name", write_in("Name or pseudonym of the person"))
            self._keep("grantee", write_in("Who may use it?", why="You, your studio, your school."))
            self._keep(
                "purposes",
                write_in(
                    "What for?",
                    why="Short words, with commas between several: short film, training.",
                ),
            )
            usual = datetime.now(UTC).date() + timedelta(days=365)
            self._keep("until", write_in("Last day", str(usual), kind="date"))

    def _files(self) -> None:
        lent = self.value("lent")
        most = self.studio.settings.upload_mb * 1_000_000
        if "face" in lent:
            several(
                self.shelf, self.photos, "Photos of the person", PICTURES, most,
                "One face in each, from the front for one. Only its measures go into the record.",
            )  # fmt: skip
            self._keep(
                "body",
                tick(
                    "The whole body may be used too",
                    why="To replace a whole person in a video; who it is, is told by the face.",
                ),
            )
        if "voice" in lent:
            if self.value("kind") in _LIVING:
                self._statement()
            several(
                self.shelf, self.recordings, "Recording of the voice", (*SOUND, ".webm"), most,
                "Five seconds or more of one person speaking. The last one counts.", records=True,
            )  # fmt: skip

    def _statement(self) -> None:
        """Shows what the person has to read aloud, as soon as it is asked for."""
        block(
            "<p>The person reads a short statement aloud, in one go, and you record it. Words drawn"
            " by chance are in it, so that nobody can piece it together from other recordings.</p>"
        )
        place = ui.element("div").props('aria-live="polite"')

        def show() -> None:
            place.clear()
            with place:
                try:
                    said = self._drawn()
                except MasqueradeError as error:
                    failure(error)
                    return
                block(
                    f"<h3>Read this aloud</h3><p style='font-size:1.15rem'>{text(said)}</p>",
                    "card note",
                )

        button("Show the statement", show, sign="sound")

    def _stated(self) -> Statement:
        from masquerade.provenance.consent.statement import statement

        return statement(self.value("name"), self.value("grantee"), self._purposes())

    def _drawn(self) -> str:
        from masquerade.provenance.consent.challenge import draw

        stated = self._stated()
        drawn = draw(stated, home=self.studio.home)
        return stated.text(drawn.words, datetime.now(UTC).date())

    def _special(self) -> None:
        kind = self.value("kind")
        if kind == "estate":
            self._estate()
        if kind == "persona":
            several(
                self.shelf, self.proof, "File that shows how the persona was made", (), 10**9,
                "A recipe, a project file, a note: its hash goes into the record.",
            )  # fmt: skip
            self._keep("declared_by", write_in("Who declares that no such person exists?"))
        self._keep("adult", tick(_AGE[kind]))
        if kind == "persona":
            return
        minor = self._keep("minor", tick("The person is under age; a guardian consents."))
        guardians = ui.element("div").classes("stack")

        def show() -> None:
            guardians.clear()
            if minor.value:
                with guardians:
                    self._guardian()

        minor.told.append(show)

    def _estate(self) -> None:
        from masquerade.provenance.consent.on_behalf import AUTHORITIES

        with part("grid2"):
            self._keep("representative", write_in("Who acts for the estate?"))
            rights = {str(word): meaning for word, meaning in AUTHORITIES.items()}
            self._keep("authority", pick("By what right?", rights))
            self._keep("evidence", write_in("Which document shows it?"))
            self._keep("died_on", write_in("Day of death", kind="date"))

    def _guardian(self) -> None:
        block("<p>The record ends on the day from which the person decides alone.</p>")
        with part("grid2"):
            self._keep("guardian", write_in("Name of the guardian"))
            self._keep("relation", write_in("What they are to the minor", why="Such as mother."))
            self._keep("of_age_on", write_in("Day from which they decide", kind="date"))

    def _purposes(self) -> list[str]:
        return [one.strip() for one in self.value("purposes").split(",") if one.strip()]

    def _record(self) -> ConsentRecord:
        """The record, measured and signed.

        Raises:
            UsageError: An answer is missing, or does not go together with another.
            InputError: A photo or recording cannot be used.
            ConsentError: A recording is no consent.
        """
        from masquerade.provenance.consent.records import new_record

        for name, words in (
            ("name", "name"),
            ("grantee", "who may use it"),
            ("purposes", "purpose"),
        ):
            if not self.value(name):
                raise UsageError(f"an answer is missing: {words}", "all fields of step 2")
        lent, kind = self.value("lent"), self.value("kind")
        if kind == "persona" and "voice" in lent:
            raise UsageError(
                "the voice of a persona cannot be taken from a recording",
                "How they look",
                "whoever speaks in a recording is somebody, and the voice is theirs",
            )
        guardians, of_age_on = self._guardians()
        until = datetime.combine(day(self.value("until")), time(), UTC) + timedelta(days=1)
        if of_age_on is not None:
            until = min(until, datetime.combine(of_age_on, time(), UTC))
        photos = self._photos() if "face" in lent else ()
        voices = self._voices() if "voice" in lent else ()
        terms = self._on_behalf(kind, has_face=bool(photos))
        return new_record(
            kind=kind,  # type: ignore[arg-type]
            subject=self.value("name"),
            grantee=self.value("grantee"),
            purposes=self._purposes(),
            embeddings=[one.embedding for one in photos],
            voices=voices,
            valid_until=until,
            adult_attested=not guardians,
            modality=self._covered(lent),
            reference_sha256=[one.input.sha256 for one in photos],
            guardians=guardians,
            of_age_on=of_age_on,
            home=self.studio.home,
            **terms,
        )

    def _covered(self, lent: str) -> tuple[Modality, ...]:
        """What the record covers."""
        has_body = "face" in lent and bool(self.fields["body"].value)
        named: dict[Modality, bool] = {
            "face": "face" in lent,
            "voice": "voice" in lent,
            "body": has_body,
        }
        return tuple(name for name, is_covered in named.items() if is_covered)

    def _photos(self) -> Sequence[SourcePicture]:
        from masquerade.faces.readers import FaceReader
        from masquerade.pipelines.cast import read_sources

        if not self.photos:
            raise UsageError("no photo is there", "one photo of the person or more", "drop one")
        return read_sources([one.path for one in self.photos], FaceReader.open())

    def _voices(self) -> tuple[HeardVoice, ...]:
        from masquerade.provenance.consent.statement_check import (
            StatementReader,
            check_one_voice,
            hear_recording,
            hear_statement,
        )
        from masquerade.provenance.consent.voice_reader import VoiceReader

        if not self.recordings:
            raise UsageError("no recording is there", "a recording of the voice", "drop one")
        if self.value("kind") in _LIVING:
            reader = StatementReader.open()
            recording, home = self.recordings[-1].path, self.studio.home
            return (hear_statement(recording, self._stated(), reader, home=home),)
        voices = VoiceReader.open()
        heard = tuple(
            hear_recording(one.path, voices, home=self.studio.home) for one in self.recordings
        )
        check_one_voice(heard)
        return heard

    def _on_behalf(self, kind: str, *, has_face: bool) -> dict[str, Any]:
        """What an estate or a persona needs beside."""
        from masquerade.provenance.consent.on_behalf import Estate
        from masquerade.provenance.consent.records import DeclaredProof, proof_sha256

        if kind == "estate":
            names = ("representative", "authority", "evidence", "died_on")
            return {"estate": valid(Estate, {name: self.value(name) for name in names})}
        if kind == "persona":
            if not self.proof:
                raise UsageError("no file shows how the persona was made", "one", "drop it")
            words = {
                "declared_by": self.value("declared_by"),
                "proof_sha256": proof_sha256(self.proof[-1].path),
            }
            proof = valid(DeclaredProof, words)
            return {"proof": proof if has_face else None}
        return {}

    def _guardians(self) -> tuple[tuple[Any, ...], date | None]:
        from masquerade.provenance.consent.on_behalf import Guardian, guardian_statement

        minor = self.value("kind") != "persona" and bool(self.fields["minor"].value)
        if self.fields["adult"].value and minor:
            raise UsageError("both boxes of step 4 are ticked", "one of them")
        if self.fields["adult"].value:
            return (), None
        if not minor:
            raise UsageError(
                "nobody attests that the person is of age, and no guardian consents",
                "one of the boxes in step 4",
            )
        name, relation = self.value("guardian"), self.value("relation")
        said = guardian_statement(
            name, relation, self.value("name"), self.value("grantee"), what=self.value("lent")
        )
        today = datetime.now(UTC).date()
        words = {"name": name, "relation": relation, "statement": said, "stated_on": today}
        return (valid(Guardian, words),), day(self.value("of_age_on"))
