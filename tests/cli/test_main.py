"""The parser holds its commands whatever other packages declare."""

import pytest

from masquerade import registry
from masquerade.cli import build_parser, main
from masquerade.errors import UsageError
from masquerade.registry import Entry


def test_a_foreign_method_cannot_take_the_name_of_a_command(monkeypatch) -> None:
    foreign = {"verify": [Entry("verify_x", "foreign", "Foreign.")]}
    monkeypatch.setattr(registry, "commands", lambda: foreign)
    given = build_parser(["verify", "a.mp4"]).parse_args(["verify", "a.mp4"])
    assert given.module == "masquerade.cli.verify"
    with pytest.raises(UsageError):
        build_parser(["swap"]).parse_args(["swap"])


def test_help_begins_with_three_commands_that_exist(capsys) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    steps = [line.split() for line in shown.splitlines() if line.startswith("  masquerade ")]
    assert [step[1] for step in steps] == ["personas", "swap", "verify"]
    for step in steps:
        build_parser(step[1:]).parse_args(step[1:])


def test_the_sentence_of_swap_does_not_depend_on_which_method_comes_first(capsys) -> None:
    main(["--help"])
    assert "swap       put one person's face in place of another's" in capsys.readouterr().out
