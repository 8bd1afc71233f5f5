"""`masquerade body inspect` takes no flag that it would not use."""

import pytest

from masquerade.cli import main


def test_inspecting_takes_no_flag_of_making(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["body", "inspect", "a.mp4", "--holdout", "m.png"]) == 2
    assert "--holdout is given to `body inspect`" in capsys.readouterr().err
