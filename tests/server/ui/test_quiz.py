"""The quiz: every picture has its clues, every question its answer."""

from masquerade import personas
from masquerade.effects.words import effect_names
from masquerade.server.studio import Studio
from masquerade.server.ui.clues import CLUES, QUESTIONS
from masquerade.server.ui.examples import EXAMPLES, wanted


def test_every_changed_portrait_is_of_personas_and_explained() -> None:
    assert set(CLUES) == set(EXAMPLES)
    for one in EXAMPLES.values():
        assert {one.target, one.source or one.target} <= set(personas.names())
        assert {word.partition("=")[0] for word in one.effects} <= set(effect_names())


def test_questions_have_three_answers_and_a_reason() -> None:
    assert all(len({*one.answers}) == 3 and one.because for one in QUESTIONS)


def test_an_example_is_asked_for_once_under_the_personas_own_record(ui_studio: Studio) -> None:
    first, second = (wanted(ui_studio, "hugo-cora") for _ in range(2))
    assert first.id == second.id
    assert first.spec["consents"] == [str(personas.load("cora").consent)]
    ui_studio.queue.cancel(first.id)
