"""The first page: what Masquerade does, shown by one picture, and ways in."""

from __future__ import annotations

from masquerade import personas
from masquerade.server.ui.compare import pictures
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
    (
        "make",
        "Make something",
        "Swap a face, dub a film, hide people. No file at hand? Begin with people who do not"
        " exist.",
        "Start",
    ),
    (
        "unmask",
        "Is it real?",
        "Drop a picture, video or recording and look at the evidence, piece by piece.",
        "Examine",
    ),
    (
        "verify",
        "Where does it come from?",
        "See in a second who signed a file, and whether it was made here.",
        "Verify",
    ),
    ("learn", "Spot the fake", "Play a short quiz and learn where to look.", "Play"),
)


def content() -> str:
    """The page's content, as markup."""
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
    faces = "".join(
        f'<img src="/personas/{one}.jpg" alt="" width="256" height="320" loading="lazy">'
        for one in personas.names()
    )
    return (
        "<div class='hero'><div class='stack'>"
        "<h1>Make synthetic media openly. See through it.</h1>"
        "<p class='soft' style='font-size:1.12rem'>Change faces, voices and whole people in"
        " pictures and films, with consent and marked for all to see. Or drop a file, and learn"
        " what speaks for and against its being real. It all happens on the computer that this"
        " page comes from.</p>"
        f"<div class='row'><a class='btn first' href='/make'>{icon('make')}Make something</a>"
        f"<a class='btn' href='/unmask'>{icon('unmask')}Examine a file</a></div></div>"
        "<figure>"
        + pictures("/personas/hugo.jpg", "/assets/hugo-as-cora.webp", "Hugo", size_wh=(512, 640))
        + "<figcaption>Drag the line: Hugo, with the face of Cora. Neither of them exists, and the"
        " result carries a label, a watermark and a signed history.</figcaption></figure></div>"
        f"<section><h2 class='unseen'>Three promises</h2><div class='promises'>{promises}</div>"
        "</section><section><h2>Where would you like to begin?</h2>"
        f"<div class='ways'>{ways}</div></section>"
        "<section><h2>Nobody here exists</h2><p class='soft'>Six personas, made to be used freely:"
        " there is nobody who has to be asked.</p>"
        f"<div class='cast'>{faces}</div></section>"
    )
