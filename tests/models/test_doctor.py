"""The doctor sees what is there, what is missing and what is wrong, and changes nothing."""

import sys
from importlib import metadata
from pathlib import Path

import pytest
from tests.models.conftest import MakeCard, Shelf

from masquerade.models import doctor
from masquerade.models.doctor import Report, Row, examine


@pytest.fixture
def ward(shelf: Shelf, make_card: MakeCard, tiny_onnx: bytes, monkeypatch) -> Shelf:
    """A doctor who knows one card, whose file is not there yet."""
    shelf.cards = {"one": make_card("one", tiny_onnx)}
    monkeypatch.setattr(doctor, "cards", lambda: shelf.cards)
    monkeypatch.setattr(doctor, "card", lambda name: shelf.cards[name])
    monkeypatch.setattr("masquerade.models.session.card", lambda name: shelf.cards[name])
    monkeypatch.setattr(doctor, "_TIMED", ("one",))
    return shelf


def _row(report: Report, name: str) -> Row:
    return next(row for row in report.rows() if row.name.startswith(name))


def _place(ward: Shelf, data: bytes) -> None:
    ward.weights.mkdir(parents=True, exist_ok=True)
    (ward.weights / ward.cards["one"].file).write_bytes(data)


def test_missing_weights_are_no_illness_and_nothing_is_made(ward: Shelf, tmp_path: Path) -> None:
    report = examine(tmp_path / "home")

    assert _row(report, "one").state == "missing"
    assert "made-up==1.0" in _row(report, "one").detail
    assert report.speeds[0].ms is None
    assert report.healthy
    assert not ward.cache.exists()
    assert not (tmp_path / "home").exists()
    assert {row.section for row in report.rows()} == {
        *("machine", "packages", "runtimes", "weights", "speed", "folders")
    }


def test_verified_weights_are_timed(ward: Shelf, tmp_path: Path, tiny_onnx: bytes) -> None:
    _place(ward, tiny_onnx)
    report = examine(tmp_path)

    assert _row(report, "one").state == "ok"
    assert report.speeds[0].ms is not None
    assert report.speeds[0].ms > 0
    assert report.speeds[0].device == "cpu"


def test_altered_weights_are_wrong(ward: Shelf, tmp_path: Path) -> None:
    _place(ward, b"altered")
    report = examine(tmp_path)

    assert _row(report, "one").state == "wrong"
    assert report.speeds[0].ms is None
    assert not report.healthy


def test_a_runtime_that_cannot_be_imported_is_wrong(
    ward: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    report = examine(tmp_path)

    assert _row(report, "onnxruntime").section == "packages"
    assert [runtime.name for runtime in report.runtimes if runtime.problem] == ["onnxruntime"]
    assert report.speeds == ()
    assert not report.healthy


def test_packages_of_extras_may_be_missing_and_others_may_not(
    ward: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ["no-such-a>=1", 'no-such-b==2; extra == "train"', 'no-such-c; extra == "dev"']
    monkeypatch.setattr(metadata, "requires", lambda _: wanted)
    report = examine(tmp_path)

    assert _row(report, "no-such-a").state == "wrong"
    optional = _row(report, "no-such-b")
    assert optional.state == "optional"
    assert "only for training models of your own" in optional.detail
    assert "pip install 'masquerade[train]'" in optional.detail
    assert "no-such-c" not in {package.name for package in report.packages}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize(("mode", "state"), [(0o700, "ok"), (0o755, "wrong")])
def test_a_home_that_others_can_read_is_wrong(
    ward: Shelf, tmp_path: Path, mode: int, state: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    report = examine(home)

    assert _row(report, "home").state == state
    assert report.folders[1].private is (mode == 0o700)


def test_a_file_in_the_place_of_a_folder_is_wrong(ward: Shelf, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_bytes(b"")
    assert _row(examine(home), "home").state == "wrong"
