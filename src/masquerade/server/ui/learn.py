"""Learn: the quiz, and pages in plain prose on what this is, what it is good and bad for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import markdown2

from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import text

_WORDS_A_MINUTE: Final = 200
_PROSE: Final = Path(__file__).with_name("prose")


@dataclass(frozen=True, slots=True)
class Topic:
    """A page of prose.

    Attributes:
        name: Of its file and address.
        title: Its heading.
        lede: What it is about, in a sentence.
    """

    name: str
    title: str
    lede: str

    @property
    def prose(self) -> str:
        """Its text, as Markdown."""
        return (_PROSE / f"{self.name}.md").read_text(encoding="utf-8")

    @property
    def minutes(self) -> int:
        """How long it takes to read."""
        return max(1, round(len(self.prose.split()) / _WORDS_A_MINUTE))


TOPICS: Final = (
    Topic("technology", "How it works", "What a face swap, a lip sync and a cloned voice do."),
    Topic("uses", "What it is good for", "Film, medicine, privacy, satire, teaching."),
    Topic("misuse", "How it is misused", "Who is harmed, how, and what can be done."),
    Topic("seeing", "How to see it", "Where to look, what to ask, and when to stop looking."),
    Topic("evidence", "How a file is examined", "What is looked at, and what can be said."),
    Topic("marks", "What marks are worth", "Labels, watermarks, signatures: and their limits."),
)


def _minutes(topic: Topic) -> str:
    return "1 minute" if topic.minutes == 1 else f"{topic.minutes} minutes"


def content() -> str:
    """The page's content, as markup."""
    cards = "".join(
        f"<a class='card' href='/learn/{one.name}'><h3>{text(one.title)}</h3>"
        f"<p class='soft'>{text(one.lede)}</p>"
        f"<span class='soft small'>{_minutes(one)}</span></a>"
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
    after = TOPICS[(TOPICS.index(topic) + 1) % len(TOPICS)]
    return (
        "<p class='small'><a href='/learn'>Learn</a></p>"
        f"<div class='lede'><h1>{text(topic.title)}</h1><p>{text(topic.lede)}</p></div>"
        f"<div class='prose'>{markdown2.markdown(topic.prose, extras=['tables'])}</div>"
        f"<div class='row'><a class='btn' href='/learn/{after.name}'>Next: {text(after.title)}</a>"
        f"<a class='btn' href='/learn/quiz'>{icon('quiz')}Play the quiz</a></div>"
    )
