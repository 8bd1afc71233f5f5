"""The parser holds its commands whatever other packages declare."""

import pytest

from masquerade import registry
from masquerade.cli import build_parser
from masquerade.errors import UsageError
from masquerade.registry import Entry


def test_a_foreign_method_cannot_take_the_name_of_a_command(monkeypatch) -> None:
    foreign = {"verify": [Entry("verify_x", "foreign", "Foreign.")]}
    monkeypatch.setattr(registry, "commands", lambda: foreign)
    given = build_parser(["verify", "a.mp4"]).parse_args(["verify", "a.mp4"])
    assert given.module == "masquerade.cli.verify"
    with pytest.raises(UsageError):
        build_parser(["swap"]).parse_args(["swap"])
