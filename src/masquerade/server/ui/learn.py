"""Learn: the quiz, and pages in plain prose on what this is, what it is good and bad for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import markdown2

from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import text

_PROSE: Final = Path(__file__).with_name("prose")


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of prose.

    Attributes:
        name: Of its file and address.
        title: Its heading.
        lede: What it is about, in a sentence.
        minutes: How long it takes to read.
    """

    name: str
    title: str
    lede: str
    minutes: int


TOPICS: Final = (
    Topic("technology", "How it works", "What a face swap, a lip sync and a cloned voice do.", 4),
    Topic("uses", "What it is good for", "Film, medicine, privacy, satire, teaching.", 3),
    Topic("misuse", "How it is misused", "Who is harmed, how, and what can be done.", 4),
    Topic("seeing", "How to see it", "Where to look, what to ask, and when to stop looking.", 4),
    Topic("marks", "What marks are worth", "Labels, watermarks, signatures: and their limits.", 3),
)


def content() -> str:
    """The page's content, as markup."""
    cards = "".join(
        f"<a class='card' href='/learn/{one.name}'><h3>{text(one.title)}</h3>"
        f"<p class='soft'>{text(one.lede)}</p>"
        f"<span class='soft small'>{one.minutes} minutes</span></a>"
        for one in TOPICS
    )
    faces = "".join(
        f"<span class='window'><img src='/personas/{name}.jpg' alt=''></span>"
        for name in ("hugo", "bela")
    )
    return (
        "<div class='lede'><h1>Learn</h1><p>Synthetic media are neither magic nor doom. A few pages"
        " and a game on how they are made, what they are used for, and how to deal with them.</p>"
        "</div><div class='card grid2'><div class='stack tight'>"
        f"<span class='pill told'>{icon('quiz')} about 5 minutes</span><h2>Spot the fake</h2>"
        "<p class='soft'>Two portraits of the same person; one was changed by this program. After"
        " each answer you see the evidence, and where to look.</p>"
        f"<div><a class='btn first' href='/learn/quiz'>{icon('quiz')}Play the quiz</a></div></div>"
        f"<div class='pair' aria-hidden='true'>{faces}</div></div>"
        f"<section><h2>To read</h2><div class='grid3'"
        f" style='margin-top:1rem'>{cards}</div></section>"
    )


def reading(topic: Topic) -> str:
    """A topic's content, as markup."""
    prose = (_PROSE / f"{topic.name}.md").read_text(encoding="utf-8")
    after = TOPICS[(TOPICS.index(topic) + 1) % len(TOPICS)]
    return (
        "<p class='small'><a href='/learn'>Learn</a></p>"
        f"<div class='lede'><h1>{text(topic.title)}</h1><p>{text(topic.lede)}</p></div>"
        f"<div class='prose'>{markdown2.markdown(prose, extras=['tables'])}</div>"
        f"<div class='row'><a class='btn' href='/learn/{after.name}'>Next: {text(after.title)}</a>"
        f"<a class='btn' href='/learn/quiz'>{icon('quiz')}Play the quiz</a></div>"
    )
