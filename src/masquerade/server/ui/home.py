"""The first page: what Masquerade promises, and ways in."""

from __future__ import annotations

from masquerade import personas
from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import text

_PROMISES = (
    (
        "Make",
        "Swap a face, move lips to new words, change a voice, paint a film in a style. Only with"
        " the consent of whoever lends the face or voice, on record.",
    ),
    (
        "Mark",
        "Nothing leaves without its marks: a label people can see, a watermark in pictures and"
        " sound, a signed history, a row in the ledger.",
    ),
    (
        "Unmask",
        "Evidence about any picture, video or recording, each piece with what it is worth. Where"
        " nothing can be said, that is what it says.",
    ),
)
_WAYS = (
    ("make", "Make something", "Start from two files, or from people who do not exist.", "Start"),
    ("unmask", "Examine a file", "Is it real? Look at the evidence, piece by piece.", "Examine"),
    (
        "verify",
        "Read its marks",
        "See at once who signed a file, and what was made here.",
        "Verify",
    ),
    ("learn", "Spot the fake", "Play a short quiz and learn where to look.", "Play"),
)


def content() -> str:
    """The page's content, as markup."""
    faces = "".join(
        f'<img src="/personas/{one}.jpg" alt="" width="256" height="320">'
        for one in personas.names()[:6]
    )
    promises = "".join(
        f"<div class='promise'><h3>{text(name)}</h3><p class='soft'>{text(words)}</p></div>"
        for name, words in _PROMISES
    )
    ways = "".join(
        f"<a class='card' href='/{name}'>{icon('quiz' if name == 'learn' else name)}"
        f"<h3>{text(words)}</h3><p class='soft'>{text(more)}</p>"
        f"<span class='go'>{text(go)}</span></a>"
        for name, words, more, go in _WAYS
    )
    return (
        "<div class='hero'><div class='stack'>"
        "<h1>Synthetic media, made openly and seen through.</h1>"
        "<p class='soft' style='font-size:1.12rem'>Masquerade makes, marks and unmasks pictures,"
        " films and voices. Everything happens on the computer that this page comes from.</p>"
        f"<div class='row'><a class='btn first' href='/make'>{icon('make')}Make something</a>"
        f"<a class='btn' href='/unmask'>{icon('unmask')}Examine a file</a></div></div>"
        "<figure><div class='faces' role='img'"
        f" aria-label='Six portraits of people who do not exist'>{faces}</div>"
        "<figcaption style='margin-top:1.2rem'>Nobody here exists: six personas, made to be used"
        " freely.</figcaption></figure></div>"
        f"<section><h2 class='unseen'>Three promises</h2><div class='grid3'>{promises}</div>"
        "</section><section><h2>Where would you like to begin?</h2>"
        f"<div class='grid2' style='margin-top:1rem'>{ways}</div></section>"
    )
