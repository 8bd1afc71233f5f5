"""A page for each effect of ``masquerade edit``, in ``docs/effects``.

    python scripts/effect_pages.py               write the pages
    python scripts/effect_pages.py --check       exit code 1 when a page is behind the code
    python scripts/effect_pages.py --pictures [NAME ...]
                                                 draw the pictures too, of all effects or some
    python scripts/effect_pages.py --overview    draw the picture of all of them, for docs/edit.md

What a page says is the effect's own docstring, range and words. Its picture is drawn by the
program itself, on a persona, and is sealed and labelled as all that it makes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from masquerade import personas
from masquerade.effects.presets import PRESETS
from masquerade.effects.words import KINDS, effect, effect_names, summary
from masquerade.media.encoding import Encoding
from masquerade.pipelines.preview.gallery import gallery
from masquerade.provenance.label import Label

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PAGES: Final = DOCS / "effects"
PICTURES: Final = DOCS / "img" / "effects"
OVERVIEW: Final = DOCS / "img" / "effects.webp"
_OVERVIEW_ON: Final = "ada"
_PICTURE_PX: Final = 224
_QUALITY: Final = 68
_SHOWN_ON: Final = {"stubble": "hugo", "lipstick": "cora", "iris": "dora"}  # else in turn
_TITLES: Final = {
    "shape": "Shape and gaze",
    "age": "Age",
    "hair": "Hair and beard",
    "makeup": "Make-up and skin",
    "medical": "Signs of illness, for training health staff",
}


def pages() -> Iterator[tuple[Path, str]]:
    """Every page with its text."""
    yield PAGES / "index.md", _index()
    for name in effect_names():
        yield PAGES / f"{name}.md", _page(name)


def shown_on(name: str) -> str:
    """The persona on whom an effect is shown."""
    known = personas.names()
    return _SHOWN_ON.get(name) or known[list(effect_names()).index(name) % len(known)]


def draw(names: Sequence[str]) -> None:
    """Write the pictures of effects: a row of strengths for each word."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in names:
        persona = personas.load(shown_on(name))
        gallery(
            persona.picture,
            PICTURES / f"{name}.jpg",
            of="effects",
            effects=(name,),
            consents=[persona.consent],
            purpose="documentation",
            label=Label("eu", "en"),
            picture_px=_PICTURE_PX,
            encoding=Encoding(still_quality=_QUALITY),
            overwrite=True,
        )


def draw_overview() -> None:
    """Write the picture of all effects on one persona."""
    persona = personas.load(_OVERVIEW_ON)
    gallery(
        persona.picture,
        OVERVIEW,
        of="effects",
        consents=[persona.consent],
        purpose="documentation",
        label=Label("eu", "en"),
        picture_px=190,
        encoding=Encoding(still_quality=80),
        overwrite=True,
    )


def _index() -> str:
    parts = [
        "# Effects, one by one",
        "Each page shows an effect on a person who does not exist. How they are named, chained and"
        " sealed, and what was measured, stands in [edit.md](../edit.md). These pages are written"
        " by `python scripts/effect_pages.py`.",
    ]
    for kind in KINDS:
        names = [name for name, place in effect_names().items() if f".{kind}." in place]
        listed = [f"- [`{name}`]({name}.md): {summary(effect(name))}" for name in names]
        parts += [f"## {_TITLES[kind]}", "\n".join(listed)]
    presets = [
        f"- `{name}`: {one.summary} It stands for {', '.join(f'`{said}`' for said in one.effects)}."
        for name, one in PRESETS.items()
    ]
    parts += ["## Presets", "\n".join(presets)]
    return "\n\n".join(parts) + "\n"


def _page(name: str) -> str:
    one = effect(name)
    low, high = one.RANGE
    first, *more = [" ".join(part.split()) for part in (one.__doc__ or "").split("\n\n")]
    word = f":{one.WORDS[0]}" if one.WORDS else ""
    command = f"masquerade edit photo.jpg -o out.png --consent me.consent --effect {name}"
    strength = f"Strength: {low:g} to {high:g}."
    words = ", ".join(f"`{known}`" for known in one.WORDS)
    if words:
        strength += f" After a colon may follow: {words}; the first is meant where none is said."
    parts = [
        f"# {name}",
        first,
        f"![{name} on {shown_on(name)}, who does not exist](../img/effects/{name}.jpg)",
        f"```console\n{command}={high / 2:g}{word}\n```",
        strength,
        *more,
        "[All effects](index.md) · [edit.md](../edit.md)",
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pictures", nargs="*", metavar="NAME")
    parser.add_argument("--overview", action="store_true")
    given = parser.parse_args(arguments)
    if given.overview:
        draw_overview()
    if given.pictures is not None:
        draw(given.pictures or list(effect_names()))
    behind = [
        page for page, text in pages() if not page.exists() or page.read_text("utf-8") != text
    ]
    if given.check:
        print("\n".join(f"{page.name} is behind the code" for page in behind), file=sys.stderr)
        return bool(behind)
    PAGES.mkdir(parents=True, exist_ok=True)
    for page, text in pages():
        page.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
