from datetime import date

import pytest

from masquerade.errors import ConsentError, UsageError
from masquerade.provenance.consent.statement import check_said, statement

STATED = statement(" Ada  Roth ", "Studio North", ["Short film", "museum guide"])
SAID = (
    "I, {name}, consent that {grantee} makes and uses a synthetic version of my voice for"
    " {purposes}. Today is 22nd November 2026. My words are: window, zebra."
)
USUAL = {
    "name": "Ada Roth",
    "grantee": "Studio North",
    "purposes": "short film and museum guide",
}


def test_a_statement_names_everything() -> None:
    text = STATED.text(["window", "zebra"], date(2026, 11, 22))
    assert text == SAID.format(**USUAL).replace("22nd", "22")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "Aida Wrath"},
        {"name": "hate the wrath", "grantee": "to the north"},  # as it was once heard
        {"grantee": "studio nord", "purposes": "short films and a museum guide"},
        {"purposes": "short film, and Museum Guide"},
    ],
)
def test_a_statement_is_understood_though_names_are_misheard(changes: dict[str, str]) -> None:
    check_said(STATED, SAID.format(**USUAL | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "Bob Miller"}, "the name 'Ada Roth' is not heard"),
        ({"name": ""}, "the name 'Ada Roth' is not heard"),
        ({"grantee": "Acme Pictures"}, "the grantee 'Studio North' is not heard"),
        ({"purposes": "political campaigns"}, "is not heard"),
        ({"purposes": "short film and advertising"}, "the purpose 'museum guide' is not heard"),
        ({"purposes": "short film"}, "is not heard"),
        ({"purposes": "short film and museum guide while I am in the room with them"}, "more is"),
        ({"purposes": "short film and not museum guide"}, "the word 'not'"),
        ({"name": "Ada Roth, never"}, "the word 'never'"),
    ],
)
def test_another_statement_is_refused(changes: dict[str, str], words: str) -> None:
    with pytest.raises(ConsentError, match=words):
        check_said(STATED, SAID.format(**USUAL | changes))


@pytest.mark.parametrize("heard", ["", "Hello there.", "Ada Roth. Studio North. Short film."])
def test_something_else_is_no_statement(heard: str) -> None:
    with pytest.raises(ConsentError, match="are not heard"):
        check_said(STATED, heard)


def test_a_denial_that_is_part_of_a_name_is_none() -> None:
    named = statement("Ada", "No Limits", ["film"])
    check_said(named, named.consent)


@pytest.mark.parametrize(
    ("name", "purposes", "language", "words"),
    [
        ("Ada", ["film"], "de", "cannot be heard yet"),
        ("Ada", [], "en", "names no purpose"),
        ("Ada", ["any"], "en", "names no purpose"),
        ("李", ["film"], "en", "in Latin letters"),
    ],
)
def test_what_cannot_be_heard_is_told_before(
    name: str, purposes: list[str], language: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        statement(name, "Studio", purposes, language=language)
