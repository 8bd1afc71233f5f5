import errno
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from safetensors import safe_open  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from masquerade.errors import InputError, OutputError, UsageError  # noqa: E402
from masquerade.train import checkpoint as checkpoints  # noqa: E402
from masquerade.train.checkpoint import Checkpoint, Progress, latest, write  # noqa: E402

RUN = "this one"


def state(step: int) -> Checkpoint:
    return Checkpoint({"weights.a": torch.full((3,), float(step))}, Progress(run=RUN, step=step))


def held(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_last_few_are_kept_and_the_newest_is_read(tmp_path: Path) -> None:
    for step in (0, 5, 10, 15):
        write(tmp_path, state(step), keep=2)

    assert held(tmp_path) == ["step-00000010.safetensors", "step-00000015.safetensors"]
    found = latest(tmp_path, run=RUN, tell=pytest.fail)
    assert found is not None
    assert found.progress.step == 15
    assert found.tensors["weights.a"].tolist() == [15, 15, 15]


def test_a_damaged_later_one_takes_no_place_and_what_was_half_written_goes(tmp_path: Path) -> None:
    write(tmp_path, state(5), keep=2)
    write(tmp_path, state(10), keep=2).write_bytes(b"torn")
    (tmp_path / ".step-00000007.safetensors.123").write_bytes(b"killed meanwhile")

    write(tmp_path, state(6), keep=1)

    assert held(tmp_path) == ["step-00000006.safetensors", "step-00000010.safetensors"]


def test_there_may_be_none(tmp_path: Path) -> None:
    assert latest(tmp_path / "new", run=RUN, tell=pytest.fail) is None


def test_of_a_damaged_one_is_told_and_the_one_before_is_taken(tmp_path: Path) -> None:
    write(tmp_path, state(5), keep=3)
    bad = write(tmp_path, state(10), keep=3)
    bad.write_bytes(bad.read_bytes()[:-5])
    told: list[str] = []

    found = latest(tmp_path, run=RUN, tell=told.append)

    assert found is not None
    assert found.progress.step == 5
    assert "step-00000010.safetensors is damaged" in told[0]


@pytest.mark.parametrize("edited", ["weights", "words", "code", "without a code"])
def test_one_that_was_edited_is_not_gone_on_with(tmp_path: Path, edited: str) -> None:
    write(tmp_path, state(5), keep=3)
    place = write(tmp_path, state(10), keep=3)
    with safe_open(place, "pt") as file:
        words, tensors = file.metadata(), {"weights.a": file.get_tensor("weights.a").clone()}
    code = next(name for name in words if name.endswith(".code"))
    if edited == "weights":
        tensors["weights.a"][0] = 7
    elif edited == "words":
        words = {name: one.replace('"step":10', '"step":99') for name, one in words.items()}
    elif edited == "code":
        words[code] = 64 * "0"
    else:
        del words[code]
    save_file(tensors, place, words)
    told: list[str] = []

    found = latest(tmp_path, run=RUN, tell=told.append)

    assert found is not None
    assert found.progress.step == 5
    assert "was changed" in told[0]


def test_when_all_are_damaged_nothing_is_begun_anew_in_silence(tmp_path: Path) -> None:
    write(tmp_path, state(5), keep=3).write_bytes(b"")
    with pytest.raises(InputError, match="every checkpoint"):
        latest(tmp_path, run=RUN, tell=lambda _: None)


def test_another_trainings_checkpoints_are_not_gone_on_with(tmp_path: Path) -> None:
    write(tmp_path, state(5), keep=3)
    with pytest.raises(UsageError, match="training of other faces"):
        latest(tmp_path, run="that one", tell=pytest.fail)
    assert held(tmp_path) == ["step-00000005.safetensors"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk .* is full"),
        (OSError(errno.EACCES, "Permission denied"), "cannot be written"),
    ],
)
def test_a_write_that_fails_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
) -> None:
    write(tmp_path, state(5), keep=1)

    def full(_tensors: object, place: Path, _words: object) -> None:
        place.write_bytes(b"half")
        raise error

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(OutputError, match=said):
        write(tmp_path, state(10), keep=1)

    assert held(tmp_path) == ["step-00000005.safetensors"]
    found = latest(tmp_path, run=RUN, tell=pytest.fail)
    assert found is not None
    assert found.progress.step == 5


def test_the_disk_being_full_is_known_from_the_librarys_own_words(
    tmp_path: Path, monkeypatch
) -> None:
    from safetensors import SafetensorError

    def full(*_: object) -> None:
        raise SafetensorError("I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoints, "save_file", full)
    with pytest.raises(OutputError, match=r"disk .* is full"):
        write(tmp_path, state(1), keep=1)
