"""Advice of the library in the words of pages: no command that a page does, no folder of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PAGES: Final[Mapping[str, str]] = {
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
    """
    words = _WITH.sub(r"on \1", _COMMAND.sub(_page, _KEPT.sub("", words)))
    return _FLAG.sub(lambda found: found[1].replace("-", " "), words)


def _page(found: re.Match[str]) -> str:
    if found[1] in _PAGES:
        return _PAGES[found[1]]
    command = f"masquerade {found[1]}{found[2]}"
    return f"the command {command}, on the computer that this page comes from"
