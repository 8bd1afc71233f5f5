"""Learn: the quiz, and pages in plain prose on what this is, what it is good and bad for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nicegui import ui

from masquerade.server.studio import Studio
from masquerade.server.ui.frame import frame
from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import block, link, part, text, title

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


def build(_studio: Studio) -> None:
    """The page."""
    with frame("learn"):
        title(
            "Learn",
            "Synthetic media are neither magic nor doom. A few pages and a game on how they are"
            " made, what they are used for, and how to deal with them.",
        )
        block(
            f"<div class='stack tight'><span class='pill told'>{icon('quiz')} about 5"
            f" minutes</span>"
            "<h2>Spot the fake</h2><p class='soft'>Two portraits of the same person; one was"
            " changed"
            " on this computer. After each answer you see the evidence, and where to look.</p>"
            f"<div><a class='btn first' href='/learn/quiz'>{icon('quiz')}Play the"
            f" quiz</a></div></div>"
            "<div class='pair' aria-hidden='true'><span class='window'><img"
            " src='/personas/hugo.jpg'"
            " alt=''></span><span class='window'><img src='/personas/bela.jpg'"
            " alt=''></span></div>",
            "card grid2",
        )
        cards = "".join(
            f"<a class='card' href='/learn/{one.name}'><h3>{text(one.title)}</h3>"
            f"<p class='soft'>{text(one.lede)}</p><span class='soft small'>{one.minutes}"
            f" minutes</span></a>"
            for one in TOPICS
        )
        block(
            f"<h2>To read</h2><div class='grid3' style='margin-top:1rem'>{cards}</div>",
            tag="section",
        )


def reading(topic: Topic) -> Callable[[Studio], None]:
    """What builds the page of a topic."""

    def page(_studio: Studio) -> None:
        with frame("learn"):
            block('<a href="/learn">Learn</a>', "small", tag="p")
            title(topic.title, topic.lede)
            ui.markdown(
                (_PROSE / f"{topic.name}.md").read_text(encoding="utf-8"), sanitize=False
            ).classes("prose")
            number = TOPICS.index(topic)
            after = TOPICS[(number + 1) % len(TOPICS)]
            with part("row"):
                link(f"Next: {after.title}", f"/learn/{after.name}")
                link("Play the quiz", "/learn/quiz", sign="quiz")

    return page
