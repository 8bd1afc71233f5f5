"""`masquerade personas`: people who do not exist, ready to be used as source or target."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli import add_json
from masquerade.cli.reply import Reply
from masquerade.errors import OutputError, UsageError

if TYPE_CHECKING:
    from masquerade.personas import Persona, VoiceRecipe

_PICTURES = (".jpg", ".jpeg")


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="who there is, and how far from any real face")
    export = actions.add_parser("export", help="a copy of the picture, its consent record beside")
    export.add_argument("name", help="which persona, as `list` names it")
    export.add_argument(
        "-o", "--out", type=Path, required=True, help="the picture's file, as bela.jpg"
    )
    export.add_argument("--overwrite", action="store_true", help="replace files that exist")
    voice = actions.add_parser(
        "voice", help="the voice of a persona, made here, its consent record in it"
    )
    voice.add_argument("name", help="which persona, as `list` names those that have one")
    voice.add_argument(
        "-o", "--out", type=Path, required=True, help="the voice's file, as ada.mvoice"
    )
    voice.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    for child in (listed, export, voice):
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """List the personas, copy one out of the package, or make a voice."""
    return {"list": _list, "export": _export, "voice": _voice}[given.action](given)


def _list(_given: argparse.Namespace) -> Reply:
    from masquerade import personas

    found = [personas.load(name) for name in personas.names()]
    lines = [
        f"{one.name:6} {one.looks}; {_distance(one)}; proof {one.recipe_sha256[:12]}"
        for one in found
    ]
    spoken = [personas.load_voice(name)[0] for name in personas.voices()]
    lines += [
        "two photos of one person are below 0.6",
        "to use one: masquerade personas export NAME -o NAME.jpg",
        "voices:",
        *(f"{one.persona:6} {one.sounds}; {_heard_from(one)}" for one in spoken),
        "two recordings of one person are mostly below 0.18",
        "to use one: masquerade personas voice NAME -o NAME.mvoice",
    ]
    data = {"personas": [_data(one) for one in found], "voices": [_voice_data(o) for o in spoken]}
    return Reply(tuple(lines), data)


def _voice(given: argparse.Namespace) -> Reply:
    from masquerade import personas
    from masquerade.cli.progress import Progress
    from masquerade.pipelines.voice.persona import make_persona_voice

    recipe, _ = personas.load_voice(given.name)
    with Progress(quiet=getattr(given, "json", False)) as progress:
        built = make_persona_voice(
            given.name, given.out, overwrite=given.overwrite, progress=progress
        )
    lines = (
        *built.lines(),
        f"proof: {recipe.sounds}; {_heard_from(recipe)}",
        'to use it: masquerade voice speak "Good morning, and welcome."'
        f" --as {given.out} -o said.wav",
    )
    return Reply(lines, {**built.as_json(), **_voice_data(recipe)})


def _export(given: argparse.Namespace) -> Reply:
    from masquerade import personas
    from masquerade.media.endings import check_folder

    one, out = personas.load(given.name), given.out
    check_folder(out)
    if out.suffix.lower() not in _PICTURES:
        raise UsageError(f"{out} is to hold a JPEG picture", "a name that ends in .jpg")
    record = out.with_suffix(".consent")
    for place in (out, record):
        if place.exists() and not given.overwrite:
            raise UsageError(
                f"{place} exists", "a new file", "choose another name, or add --overwrite"
            )
    for source, place in ((one.picture, out), (one.consent, record)):
        try:
            shutil.copyfile(source, place)
        except OSError as error:
            raise OutputError(f"{place} cannot be written: {error.strerror}") from error
    lines = (
        f"{out}: {one.looks}, who does not exist",
        f"{record}: the record to give along with it",
        f"proof: {_distance(one)}; recipe {one.recipe_sha256}",
        f"to use it: masquerade swap {out} TARGET -o OUT --consent {record}",
    )
    return Reply(lines, {**_data(one), "picture": str(out), "consent": str(record)})


def _distance(one: Persona) -> str:
    return f"nearest of {one.compared_real_faces} real faces at {one.nearest_real_face:.3f}"


def _heard_from(one: VoiceRecipe) -> str:
    return f"nearest of {one.compared_real_voices} real voices at {one.nearest_real_voice:.2f}"


def _voice_data(one: VoiceRecipe) -> dict[str, object]:
    return {
        "name": one.persona,
        "sounds": one.sounds,
        "nearest_real_voice": one.nearest_real_voice,
        "compared_real_voices": one.compared_real_voices,
    }


def _data(one: Persona) -> dict[str, object]:
    return {
        "name": one.name,
        "looks": one.looks,
        "picture": str(one.picture),
        "consent": str(one.consent),
        "nearest_real_face": one.nearest_real_face,
        "compared_real_faces": one.compared_real_faces,
        "picture_sha256": one.picture_sha256,
        "recipe_sha256": one.recipe_sha256,
    }
