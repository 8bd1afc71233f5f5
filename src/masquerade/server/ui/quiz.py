"""Spot the fake: portraits of personas, some of them changed; evidence after each answer."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Problem, State
from masquerade.server.studio import Studio
from masquerade.server.ui.clues import CLUES, QUESTIONS, Question
from masquerade.server.ui.compare import pictures
from masquerade.server.ui.examples import EXAMPLES, Example, ready, wanted
from masquerade.server.ui.frame import frame
from masquerade.server.ui.pieces import (
    block,
    button,
    failed,
    failure,
    link,
    meter,
    part,
    points,
    text,
    title,
    verdict,
)

_EVERY_S: Final = 0.7
_SIDES: Final = ("Left", "Right")
_FACES_FIRST: Final = 3  # rounds with pictures before the quiz can begin


@dataclass(slots=True)
class Game:
    """How a round of the quiz stands.

    Attributes:
        rounds: What is asked, in order: a changed portrait, or a question in words.
        answers: Whether each answer so far was right.
        rng: Draws sides and order.
    """

    rounds: list[Example | Question]
    rng: random.Random
    answers: list[bool] = field(default_factory=list)


def build(studio: Studio) -> None:
    """The page."""
    with frame("learn"):
        title(
            "Spot the fake",
            "Each round shows two portraits of the same person, who does not exist. One of them was"
            " changed by this program. Which?",
        )
        place = ui.element("section").classes("stack").props('aria-live="polite"')
        with place:
            _prepare(studio, place)


def _prepare(studio: Studio, place: ui.element) -> None:
    """Makes the pictures first, where they are not there yet."""
    missing = [name for name in EXAMPLES if not ready(studio, name)]
    if not missing:
        _begin(studio, place)
        return
    try:
        jobs = [wanted(studio, name).id for name in missing]
    except MasqueradeError as error:
        failure(error)
        return
    with part("card"):
        block("<h2>Making the pictures</h2><p class='soft'>Only the first time: each takes a few"
              " seconds, and is sealed like everything that is made here.</p>")  # fmt: skip
        bar = block("")
        line = block("", "soft").props('role="status"')

    def look() -> None:
        made = sum(ready(studio, name) for name in EXAMPLES)
        bar.set_content(meter(made / len(EXAMPLES), "Making the pictures"))
        line.set_content(f"{made} of {len(EXAMPLES)} are there.")
        failed_ones = [
            job
            for job in map(studio.queue.show, jobs)
            if job.state in (State.FAILED, State.CANCELLED)
        ]
        if made == len(EXAMPLES) or (failed_ones and made >= _FACES_FIRST):
            timer.deactivate()
            place.clear()
            with place:
                _begin(studio, place)
        elif failed_ones:
            timer.deactivate()
            place.clear()
            with place:
                _not_made(failed_ones[0].problem)

    timer = ui.timer(_EVERY_S, look)


def _not_made(problem: Problem | None) -> None:
    """Says why there are no pictures."""
    failed(
        "The pictures cannot be made",
        problem.found if problem else "the work was stopped",
        problem.expected if problem else "",
        problem.todo if problem else "load this page again",
    )


def _begin(studio: Studio, place: ui.element) -> None:
    rng = random.Random()  # noqa: S311 (a game)
    portraits: list[Example | Question] = [
        one for name, one in EXAMPLES.items() if ready(studio, name)
    ]
    rng.shuffle(portraits)
    questions = list(QUESTIONS)
    rng.shuffle(questions)
    rounds: list[Example | Question] = []
    for number, one in enumerate(portraits):
        rounds.append(one)
        if number % 2 == 1 and questions:
            rounds.append(questions.pop())
    place.clear()
    with place:
        _ask(Game(rounds, rng), place)


def _ask(game: Game, place: ui.element) -> None:
    """The next round, or the score."""
    place.clear()
    with place:
        number = len(game.answers)
        if number == len(game.rounds):
            _score(game)
            return
        one = game.rounds[number]
        head = block(_dots(game, one), "row between")
        if isinstance(one, Question):
            _words(game, one, place, head)
        else:
            _pair(game, one, place, head)


def _dots(game: Game, one: Example | Question) -> str:
    marks = "".join(f"<i class='{_dot(game, number)}'></i>" for number in range(len(game.rounds)))
    right, now = sum(game.answers), game.rounds.index(one) + 1
    return (
        f"<span class='soft number'>Round {now} of {len(game.rounds)}, {right} right"
        f" so far</span><span class='dots' aria-hidden='true'>{marks}</span>"
    )


def _dot(game: Game, number: int) -> str:
    if number < len(game.answers):
        return "good" if game.answers[number] else "bad"
    return "now" if number == len(game.answers) else ""


def _pair(game: Game, one: Example, place: ui.element, head: ui.html) -> None:
    sides = [f"/personas/{one.target}.jpg", f"/example/{one.name}"]
    fake = game.rng.randrange(2)
    if fake == 0:
        sides.reverse()
    block("<h2>Which of these two was changed?</h2>")
    with part("pair"):
        shown = []
        for side, address in enumerate(sides):
            made = block(_choice(address, _SIDES[side]), "choice", tag="button")
            made.props("type=button")
            made.on("click", lambda side=side: answer(side))
            shown.append(made)
    told = ui.element("div").classes("stack")
    told.props('role="status"')

    def answer(side: int) -> None:
        if len(game.answers) > game.rounds.index(one):
            return
        game.answers.append(side == fake)
        for number, made in enumerate(shown):
            made.props["aria-disabled"] = "true"
            made.classes("wrong" if number == fake else "right")
            words = "changed" if number == fake else "as made"
            made.set_content(_choice(sides[number], f"{_SIDES[number]}: {words}"))
            made.update()
        head.set_content(_dots(game, one))
        with told:
            _explain(game, one, place, right=side == fake)


def _choice(address: str, words: str) -> str:
    return f"<span class='window'><img src='{address}' alt=''></span><b>{text(words)}</b>"


def _explain(game: Game, one: Example, place: ui.element, *, right: bool) -> None:
    name = one.target.capitalize()
    verdict(
        "good" if right else "warn",
        "Right" if right else "Not this time",
        [f"In the picture framed in red, {one.what}. The other is {name} as made."],
        level=3,
    )
    with part("grid2"):
        with part("card"):
            block("<h3>Before and after</h3>")
            block(pictures(f"/personas/{one.target}.jpg", f"/example/{one.name}", name))
        with part("card"):
            block(f"<h3>Where to look</h3>{points(CLUES[one.name])}")
            block(
                "<h3>What the file says</h3><p>In the round you saw only the face. The whole"
                " picture"
                " carries a visible label, a watermark and a signed history, like everything"
                " that is made here. Looking is a guess; marks are evidence.</p>"
            )
    _next(game, place)


def _words(game: Game, one: Question, place: ui.element, head: ui.html) -> None:
    block(f"<h2>{text(one.asks)}</h2>")
    order = list(range(len(one.answers)))
    game.rng.shuffle(order)
    told = ui.element("div").classes("stack").props('role="status"')
    with part("choices"):
        shown = {}
        for number in order:
            made = block(f"<b>{text(one.answers[number])}</b>", "choice", tag="button")
            made.props("type=button")
            made.on("click", lambda number=number: answer(number))
            shown[number] = made
    told.move(place)

    def answer(number: int) -> None:
        if len(game.answers) > game.rounds.index(one):
            return
        game.answers.append(number == 0)
        for key, made in shown.items():
            made.props["aria-disabled"] = "true"
            if key == 0:
                made.classes("right")
            elif key == number:
                made.classes("wrong")
            made.update()
        head.set_content(_dots(game, one))
        with told:
            verdict(
                "good" if number == 0 else "warn",
                "Right" if number == 0 else "Not quite",
                [one.because],
                level=3,
            )
            _next(game, place)


def _next(game: Game, place: ui.element) -> None:
    last = len(game.answers) == len(game.rounds)
    with part("row"):
        button("See your score" if last else "Next round", lambda: _ask(game, place), kind="first")


def _score(game: Game) -> None:
    right, count = sum(game.answers), len(game.rounds)
    words = (
        "A sharp eye. Still, swaps get better every year: trust marks and sources more than eyes."
        if right >= count - 1
        else "Good swaps are hard to tell by eye alone. That is the lesson: where it"
        " matters, look for marks and sources instead."
    )
    verdict("good" if right * 2 > count else "told", f"{right} of {count} right", [words])
    with part("row"):
        link("Play again", "/learn/quiz", sign="quiz", kind="first")
        link("How to see it", "/learn/seeing", sign="learn")
        link("Examine a file of yours", "/unmask", sign="unmask")
