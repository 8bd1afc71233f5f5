"""Advice of the library in the words of pages: no command that a page does, no folder of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PAGES: Final[Mapping[str, str]] = {
    "body": "“What will go wrong?” on the Make page",
    "consent": "the Consents page",
    "dub": "Move lips, on the Make page",
    "edit": "Change a face, on the Make page",
    "evaluate": "“How good is it?” below a result",
    "examine": "the Unmask page",
    "faceset": "the Train page",
    "gallery": "“Show them all” on the Make page",
    "jobs": "the Jobs page",
    "ledger": "the Ledger page",
    "lipsync": "Move lips, on the Make page",
    "make": "the Make page",
    "methods": "the Make page",
    "person": "People, on the Train page",
    "personas": "the personas on the Make page",
    "portrait": "Let a photo speak, on the Make page",
    "preview": "the preview on the Make page",
    "source": "the Make page",
    "style": "Paint in a style, on the Make page",
    "swap": "Swap a face, on the Make page",
    "train": "the Train page",
    "verify": "the Verify page",
    "voice": "Voices, on the Train page",
}
_FIELDS: Final[Mapping[str, str]] = {
    "consent": "the consent record",
    "drop-sound": "“the sound is left out”",
    "footage": "“More footage of the same person”",
    "front": "“What is in front of the face”",
    "longer": "“Where the recording is longer than the video”",
    "on-failure": "“Where a face cannot be replaced”:",
    "person": "“Whom to change”",
    "purpose": "“What is it for?”",
    "shape": "“Shape of the face”",
    "strength": "“How far from the voice it goes”",
    "voice": "“What becomes of voices and sound?”:",
}
_SAID: Final[Mapping[str, str]] = {
    "give that one with --consent, or make it: `masquerade consent new --help`": "choose that one,"
    " or make it on the Consents page",
    "or add --force-quality": "or choose “make it all the same” where a shot will look wrong",
    "--voice disguise makes": "disguised voices make",
    "--drop-sound leaves the sound out": "the sound can be left out",
}
_PLACE: Final = re.compile(r"(?<![\w:/.])/(?:[\w.+-]+/){2,}(?=[\w.+-])")
_COMMAND: Final = re.compile(r"`masquerade ([a-z]+)([^`]*)`")
_KEPT: Final = re.compile(r"/\S*/studio/(?:shelves/[0-9a-f-]+/[0-9a-f]+|library)/")
_WITH: Final = re.compile(r"\bwith (the \w+ page)")
_FLAG: Final = re.compile(r"(?<![\w-])--([a-z][a-z-]*)")


def in_page_words(words: str) -> str:
    """What the library says, for somebody who looks at a page.

    Example:
        >>> in_page_words("make one with `masquerade consent new --voice`; or add --overwrite")
        'make one on the Consents page; or add overwrite'
        >>> in_page_words("see `masquerade models fetch swap`")
        'see the command masquerade models fetch swap, on the computer that this page comes from'
        >>> in_page_words("/var/lib/masquerade/studio/shelves/0f-8f/a1b2/clip.mp4 is empty")
        'clip.mp4 is empty'
        >>> in_page_words("nobody reads (/usr/lib/python/site/turns.py), see https://a.example/b/c")
        'nobody reads (turns.py), see https://a.example/b/c'
        >>> in_page_words("nothing was written; raise --strength")
        'nothing was written; raise “How far from the voice it goes”'
    """
    for one, instead in _SAID.items():
        words = words.replace(one, instead)
    words = _WITH.sub(r"on \1", _COMMAND.sub(_page, _PLACE.sub("", _KEPT.sub("", words))))
    return _FLAG.sub(_field, words)


def _field(found: re.Match[str]) -> str:
    return _FIELDS.get(found[1], found[1].replace("-", " "))


def _page(found: re.Match[str]) -> str:
    if found[1] in _PAGES:
        return _PAGES[found[1]]
    command = f"masquerade {found[1]}{found[2]}"
    return f"the command {command}, on the computer that this page comes from"


def sentence(words: str) -> str:
    """Words that begin with a capital, except where a name or an id comes first.

    Example:
        >>> sentence("nothing that was made here"), sentence("mqw-42: made here")
        ('Nothing that was made here', 'mqw-42: made here')
    """
    first = words.partition(" ")[0]
    return words[:1].upper() + words[1:] if first.isalpha() else words
