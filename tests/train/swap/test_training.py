"""A training from two facesets to a model file, on the smallest networks there are."""

import json
import signal
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from safetensors.numpy import save_file  # noqa: E402
from tests.models.tiny_swap import SHAPE, weights  # noqa: E402

from masquerade import personas  # noqa: E402
from masquerade.errors import (  # noqa: E402
    ConsentError,
    InputError,
    MasqueradeError,
    OutputError,
    UsageError,
)
from masquerade.faces.align import crop, inverse, moved  # noqa: E402
from masquerade.faces.detect import find_faces  # noqa: E402
from masquerade.faces.embed import embed  # noqa: E402
from masquerade.faces.readers import FaceReader  # noqa: E402
from masquerade.faces.trained_face import cut  # noqa: E402
from masquerade.faces.whole_face import face_hull, whole_face  # noqa: E402
from masquerade.hashing import file_sha256  # noqa: E402
from masquerade.media.read import read_image  # noqa: E402
from masquerade.models.trained.swap import TrainedSwap, read_swap  # noqa: E402
from masquerade.models.trained.swap_base import packed, words_of  # noqa: E402
from masquerade.provenance import ledger  # noqa: E402
from masquerade.provenance.consent.model_consent import check_model  # noqa: E402
from masquerade.provenance.consent.records import load  # noqa: E402
from masquerade.provenance.verify import verify  # noqa: E402
from masquerade.train import checkpoint as checkpoints  # noqa: E402
from masquerade.train.facesets.faceset import (  # noqa: E402
    FaceRecord,
    Faceset,
    FacesetHeader,
    FacesetWriter,
)
from masquerade.train.history import read_history  # noqa: E402
from masquerade.train.swap import file as products  # noqa: E402
from masquerade.train.swap import preview as previews  # noqa: E402
from masquerade.train.swap import start as starting  # noqa: E402
from masquerade.train.swap import training as swap  # noqa: E402
from masquerade.train.swap.base_mark import mark_base  # noqa: E402
from masquerade.train.swap.job import Job  # noqa: E402
from masquerade.train.swap.network import Drawn  # noqa: E402
from masquerade.train.swap.options import TrainOptions  # noqa: E402
from masquerade.train.swap.people import Person, Role, open_person  # noqa: E402
from masquerade.train.swap.presets import PRESETS, Preset  # noqa: E402
from masquerade.train.swap.trainer import SwapTrainer  # noqa: E402
from masquerade.train.swap.training import train  # noqa: E402
from masquerade.types import Embedding  # noqa: E402

pytestmark = pytest.mark.weights

SIDE = 128


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, reader: FaceReader, admitted):
    """A tiny network, a portrait, and one thread: several wait longer than they compute."""
    tiny = Preset("for tests", SHAPE, batch=2, iterations=4, details=False)
    monkeypatch.setitem(PRESETS, "tiny", tiny)
    monkeypatch.setattr(products, "_PORTRAITS", 1)
    monkeypatch.setattr(previews, "SHOWN", 1)
    monkeypatch.setattr(FaceReader, "open", lambda: reader)
    monkeypatch.setattr(swap, "open_person", admitted)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture(scope="module")
def admitted() -> Callable[..., Person]:
    """Opens a faceset, and measures it the first time only."""
    known: dict[tuple[Path, str], Person] = {}

    def opened(path: Path, role: Role, reader: FaceReader, *, tell) -> Person:
        if (path, role) not in known:
            known[path, role] = open_person(path, role, reader, tell=tell)
        return known[path, role]

    return opened


@pytest.fixture(scope="module")
def face(reader: FaceReader, face_maker: Callable[..., FaceRecord]) -> Callable[[str], FaceRecord]:
    """The face of a persona, as a faceset keeps it."""

    @cache
    def measured(name: str) -> FaceRecord:
        pixels = read_image(personas.load(name).picture).pixels
        found = max(find_faces(pixels, reader), key=lambda one: one.size_px)
        transform = whole_face(found.landmarks, SIDE)
        marks = moved(found.landmarks, transform)
        return replace(
            face_maker(0, side=SIDE),
            pixels=crop(pixels, transform, SIDE),
            mask=face_hull(marks, SIDE),
            landmarks=marks,
            to_frame=inverse(transform).astype(np.float32),
            pose_deg=found.pose_deg,
            embedding=embed(pixels, found, reader),
        )

    return measured


@pytest.fixture(scope="module")
def faceset(tmp_path_factory: pytest.TempPathFactory, face) -> Callable[..., Path]:
    """Writes a faceset of a persona, pictures in different light."""

    def write(
        name: str,
        *,
        count: int = 12,
        record: bool = True,
        others: str = "",
        stated: Embedding | None = None,
    ) -> Path:
        place = tmp_path_factory.mktemp("facesets") / f"{name}.faceset"
        consent = load(personas.load(name).consent)
        header = FacesetHeader(
            person=name,
            consent=consent.id,
            record=consent.text() if record else "",
            purpose="research",
            made_by="a test",
            side_px=SIDE,
            picture="png",
        )
        with FacesetWriter(place, header) as writer:
            for number in range(count):
                one = face(others if others and number % 3 == 0 else name)
                lit = np.asarray(cv2.convertScaleAbs(one.pixels, alpha=0.85 + 0.01 * number))
                who = one.embedding if stated is None else stated
                writer.add(replace(one, pixels=lit, pts=number, embedding=who))
        return place

    return write


@pytest.fixture(scope="module")
def pair(faceset: Callable[..., Path]) -> tuple[Path, Path]:
    return faceset("ada"), faceset("bela")


def job(pair: tuple[Path, Path], out: Path, iterations: int = 4, **options: object) -> Job:
    known: dict[str, object] = {
        "batch": 2,
        "perceptual": 0,
        "precision": "fp32",
        "save_every": 2,
        "preview_every": 4,
    }
    chosen = TrainOptions(iterations=iterations, **known | options)  # type: ignore[arg-type]
    return Job(pair[0], pair[1], out, options=chosen)


def drawn_as(given: torch.Tensor) -> Drawn:
    """Pictures with masks as if a network had drawn them."""
    return Drawn(given[:, :3].float() / 255, given[:, 3:4].float() / 255)


def silent(*_: object) -> None:
    """Nobody listens."""


def test_from_two_facesets_to_a_model_under_both_consents(pair, tmp_path: Path) -> None:
    told: list[str] = []

    done = train(job(pair, tmp_path / "ab.safetensors"), progress=silent, tell=told.append)

    assert done.iterations == 4
    assert not done.stopped
    assert done.product is not None
    assert not done.product.is_like  # four iterations draw nobody yet, and that is told
    assert "train it on" in done.product.words()
    assert "tries a few iterations first" in told[0]
    assert "32 px" in told[1]
    assert "2 faces of each person" in told[1]
    file = read_swap(tmp_path / "ab.safetensors")
    assert file.about.iterations == 4
    assert (tmp_path / "ab.safetensors").stat().st_mode & 0o077 == 0  # it shows the source
    assert file.about.source.consent == load(personas.load("ada").consent).id
    assert len(file.about.embedding) == 128
    records = check_model(tmp_path / "ab.safetensors")
    assert [one.subject for one in records] == [
        load(personas.load(name).consent).subject for name in ("ada", "bela")
    ]
    ((pixels, mask),) = TrainedSwap(file)([file.pictures[0]])
    assert pixels.shape == (32, 32, 3)
    assert mask.shape == (32, 32)
    folder = tmp_path / "ab.training"
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock",
        "losses.csv",
        "step-00000000.safetensors",
        "step-00000002.safetensors",
        "step-00000004.safetensors",
    ]
    assert any("no preview at iteration 4" in words for words in told)  # it draws nobody yet


def test_a_preview_names_both_records_and_what_the_training_began_with(
    pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = tmp_path / "base.safetensors"
    save_file(packed(weights()), start, metadata=words_of(SHAPE))
    mark_base(start)
    monkeypatch.setattr(SwapTrainer, "drawn", lambda _self, given: drawn_as(given))

    wanted = job(pair, tmp_path / "ab.safetensors", 1, preview_every=1)
    train(replace(wanted, start=start), progress=silent, tell=silent)

    preview = tmp_path / "ab.training" / "preview-00000001.png"
    page = read_image(preview).pixels
    titles = page[20:52, :300], *(page[76:100, 8 + 232 * one :][:, :224] for one in range(4))
    assert all(part.min() < 100 for part in titles)  # iterations, and what each column shows
    assert verify(preview).exit_code == 0
    row = next(one for one in reversed(ledger.rows(kind="output")) if preview.name in one.body)
    body = json.loads(row.body)
    consents = {load(personas.load(name).consent).id for name in ("ada", "bela")}
    assert {one["id"] for one in body["consents"]} == consents
    assert body["models"] == [{"name": "base.safetensors", "sha256": file_sha256(start)}]


def test_a_preview_on_which_somebody_else_is_drawn_is_not_written(
    pair, faceset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Faceset.open(faceset("cora"))[0]
    on_map = cut(stranger.pixels, stranger.landmarks, 32, mask=stranger.mask)
    shown = torch.from_numpy(on_map.transpose(2, 0, 1).copy())
    monkeypatch.setattr(
        SwapTrainer, "drawn", lambda _self, given: drawn_as(shown.expand(len(given), -1, -1, -1))
    )
    told: list[str] = []

    wanted = job(pair, tmp_path / "ab.safetensors", 1, preview_every=1)
    train(wanted, progress=silent, tell=told.append)

    assert any("like neither the source nor the target" in words for words in told)
    assert not list((tmp_path / "ab.training").glob("preview*"))


@pytest.mark.parametrize("within", ["trying", "reading"])
def test_a_stop_before_the_first_iteration_leaves_no_model(
    pair, tmp_path: Path, within: str
) -> None:
    told: list[str] = []
    asked: list[str] = []

    def ctrl_c(what: str, *_: object) -> None:
        if not asked and what.startswith(within):
            asked.append(what)
            signal.raise_signal(signal.SIGTERM)

    done = train(job(pair, tmp_path / "ab.safetensors"), progress=ctrl_c, tell=told.append)

    assert asked
    assert done.stopped
    assert done.product is None
    assert not (tmp_path / "ab.safetensors").exists()
    assert any("nothing was learned" in words for words in told)
    other = job(pair, tmp_path / "ab.safetensors", 1, rate=1e-3)  # and nothing stands in its way
    assert train(other, progress=silent, tell=silent).iterations == 1


def test_what_goes_on_is_not_tried_again_and_may_be_stopped_at_once(pair, tmp_path: Path) -> None:
    wanted = job(pair, tmp_path / "ab.safetensors", 2, batch=0, precision="auto")
    train(wanted, progress=silent, tell=silent)
    longer = replace(wanted, options=wanted.options.model_copy(update={"iterations": 4}))
    stages: list[str] = []
    told: list[str] = []

    def ctrl_c(what: str, *_: object) -> None:
        stages.append(what)
        if len(stages) == 1:
            signal.raise_signal(signal.SIGINT)

    done = train(longer, progress=ctrl_c, tell=told.append)

    assert (done.iterations, done.stopped) == (2, True)
    assert not [one for one in stages if one.startswith("trying")]
    assert "2 iterations more" in told[1]
    with pytest.raises(UsageError, match="a batch of 2 in"):
        train(job(pair, wanted.out, 4, batch=4), progress=silent, tell=silent)


def test_a_stop_while_another_device_is_tried_keeps_what_was_learned(
    pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = job(pair, tmp_path / "ab.safetensors", 2)
    train(wanted, progress=silent, tell=silent)
    before = wanted.out.read_bytes()
    elsewhere = checkpoints.latest

    def moved_here(folder: Path, **words):
        found = elsewhere(folder, **words)
        cost = replace(found.progress.cost, device="cuda")
        return replace(found, progress=found.progress.model_copy(update={"cost": cost}))

    monkeypatch.setattr(checkpoints, "latest", moved_here)
    told: list[str] = []

    def ctrl_c(what: str, done: int, _total: int | None) -> None:
        if what.startswith("trying") and not done:
            signal.raise_signal(signal.SIGINT)

    longer = job(pair, wanted.out, 4)
    done = train(longer, progress=ctrl_c, tell=told.append)

    assert (done.iterations, done.product) == (2, None)
    assert any("what was learned in 2 is kept" in words for words in told)
    assert wanted.out.read_bytes() == before


def test_held_out_faces_are_checked_with_each_preview_and_at_the_end(pair, tmp_path: Path) -> None:
    wanted = job(pair, tmp_path / "ab.safetensors", 5, preview_every=2, save_every=50)
    done = train(wanted, progress=silent, tell=silent)

    entries = read_history(wanted.folder, until=5)
    assert [one.step for one in entries if one.dssim_source == one.dssim_source] == [2, 4, 5]
    assert done.last is not None
    assert done.last.dssim_source == pytest.approx(entries[-1].dssim_source)


def test_faces_are_held_against_the_record_and_not_against_what_the_file_states(
    faceset, reader: FaceReader
) -> None:
    embeddings = [Faceset.open(faceset(name))[0].embedding for name in ("ada", "cora")]
    middle = np.mean(embeddings, axis=0, dtype=np.float32)
    mixed = faceset("ada", count=24, others="cora", stated=middle)

    with pytest.raises(ConsentError, match="shows somebody else too: 8 of 24"):
        open_person(mixed, "source", reader, tell=silent)


def test_a_training_goes_on_to_the_very_same_weights(pair, tmp_path: Path) -> None:
    whole = job(pair, tmp_path / "one.safetensors", preview_every=99)
    train(whole, progress=silent, tell=silent)
    part = job(pair, tmp_path / "two.safetensors", preview_every=99)
    stop = threading.Event()

    def ctrl_c(what: str, done: int, _total: int | None) -> None:
        if what == "training" and done == 3 and not stop.is_set():
            stop.set()
            signal.raise_signal(signal.SIGINT)

    first = train(part, progress=ctrl_c, tell=silent)
    assert first.stopped
    assert first.iterations == 3
    assert read_swap(tmp_path / "two.safetensors").about.iterations == 3
    told: list[str] = []
    second = train(part, progress=silent, tell=told.append)

    assert not second.stopped
    assert "goes on from iteration 3" in told
    one, two = (read_swap(tmp_path / f"{name}.safetensors").weights for name in ("one", "two"))
    assert all(np.array_equal(one[name], two[name]) for name in one)


def test_numbers_that_are_none_lead_back_to_the_last_checkpoint(
    pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, calls = SwapTrainer.learn, []
    bad = 3 * (1 + 2) + 4  # tried before: three kinds, one to warm up and two; then the fourth

    def broken(self: SwapTrainer, batch, phase, *, seed: int):
        calls.append(seed)
        return None if len(calls) == bad else learn(self, batch, phase, seed=seed)

    monkeypatch.setattr(SwapTrainer, "learn", broken)
    told: list[str] = []

    done = train(
        job(pair, tmp_path / "ab.safetensors", preview_every=99), progress=silent, tell=told.append
    )

    assert done.rollbacks == 1
    assert done.iterations == 4
    assert any("back to iteration 2" in words for words in told)


def test_numbers_that_are_never_any_end_the_training_with_advice(
    pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SwapTrainer, "learn", lambda *_args, **_words: None)
    with pytest.raises(MasqueradeError, match="smaller --rate"):
        train(job(pair, tmp_path / "ab.safetensors"), progress=silent, tell=silent)
    assert not (tmp_path / "ab.safetensors").exists()


def test_a_disk_that_fills_up_costs_only_what_came_after_the_last_checkpoint(
    pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, places = checkpoints.save_file, []

    def full(tensors, place: Path, words) -> None:
        places.append(place)
        if len(places) > 2:
            raise OSError(28, "No space left on device")
        save(tensors, place, words)

    monkeypatch.setattr(checkpoints, "save_file", full)
    wanted = job(pair, tmp_path / "ab.safetensors", preview_every=99)
    with pytest.raises(OutputError, match=r"disk .* is full"):
        train(wanted, progress=silent, tell=silent)
    monkeypatch.setattr(checkpoints, "save_file", save)
    told: list[str] = []

    assert train(wanted, progress=silent, tell=told.append).iterations == 4
    assert "goes on from iteration 2" in told


@pytest.mark.parametrize(
    ("made", "error", "said"),
    [
        ({"name": "ada", "count": 0}, InputError, "holds no faces"),
        ({"name": "ada", "count": 1}, InputError, "holds 1 face;"),
        ({"name": "ada", "record": False}, ConsentError, "does not hold the consent record"),
        ({"name": "ada", "others": "cora"}, InputError, "somebody else"),
    ],
)
def test_bad_facesets_are_told_before_anything_is_trained(
    faceset, pair, tmp_path: Path, made: dict[str, object], error, said: str
) -> None:
    bad = faceset(made.pop("name"), **made)
    with pytest.raises(error, match=said):
        train(job((bad, pair[1]), tmp_path / "ab.safetensors"), progress=silent, tell=silent)
    assert not list(tmp_path.iterdir())


def test_a_face_that_cannot_be_read_is_told_before_anything_is_tried(
    faceset, pair, tmp_path: Path
) -> None:
    bad = faceset("ada", count=24)
    with sqlite3.connect(bad) as database:  # of the last one: it may not be among those measured
        database.execute("UPDATE picture SET pixels = zeroblob(9) WHERE id = 23")
    stages: list[str] = []
    with pytest.raises(InputError, match="face 23 was changed"):
        train(
            job((bad, pair[1]), tmp_path / "ab.safetensors"),
            progress=lambda what, *_: stages.append(what),
            tell=silent,
        )
    assert not [one for one in stages if one.startswith("trying")]
    assert not list(tmp_path.iterdir())


def test_other_options_do_not_go_on_with_a_training(pair, tmp_path: Path) -> None:
    train(job(pair, tmp_path / "ab.safetensors", 1), progress=silent, tell=silent)
    with pytest.raises(UsageError, match="other options"):
        train(job(pair, tmp_path / "ab.safetensors", 2, rate=1e-3), progress=silent, tell=silent)


def test_a_model_is_a_beginning_for_another_of_its_layout_and_passes_its_records_on(
    pair, faceset, tmp_path: Path
) -> None:
    first = job((faceset("cora"), pair[1]), tmp_path / "one.safetensors", 1)
    train(first, progress=silent, tell=silent)
    again = replace(job(pair, tmp_path / "two.safetensors", 1), start=first.out)

    train(again, progress=silent, tell=silent)
    assert read_swap(again.out).about.started_from == file_sha256(first.out)
    learned = {load(personas.load(name).consent).id for name in ("ada", "bela", "cora")}
    assert {one.id for one in check_model(again.out)} == learned

    larger = replace(job(pair, tmp_path / "three.safetensors", 1, side=64), start=first.out)
    with pytest.raises(UsageError, match="network of 32 px"):
        train(larger, progress=silent, tell=silent)


def test_the_base_that_ships_is_begun_with_and_named(
    pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "base.safetensors"
    save_file(packed(weights()), base, metadata=words_of(SHAPE))
    monkeypatch.setattr(starting, "shipped_base", lambda preset: base)
    told: list[str] = []

    train(job(pair, tmp_path / "ab.safetensors", 1), progress=silent, tell=told.append)

    assert any("begins with the base that ships" in words for words in told)
    assert read_swap(tmp_path / "ab.safetensors").about.started_from == file_sha256(base)


def test_what_exists_is_not_replaced_unasked(pair, tmp_path: Path) -> None:
    (tmp_path / "ab.safetensors").write_bytes(b"mine")
    with pytest.raises(UsageError, match="exists"):
        train(job(pair, tmp_path / "ab.safetensors"), progress=silent, tell=silent)
    with pytest.raises(UsageError, match=r"ends in \.safetensors"):
        train(job(pair, tmp_path / "ab.mp4"), progress=silent, tell=silent)
    with pytest.raises(OutputError, match="no folder"):
        train(job(pair, tmp_path / "none" / "ab.safetensors"), progress=silent, tell=silent)


def test_a_batch_that_does_not_fit_is_told(pair, tmp_path: Path, monkeypatch) -> None:
    from masquerade.train import estimate

    monkeypatch.setattr(estimate, "_free_mb", lambda _device: 0.001)
    monkeypatch.setattr(estimate, "_resident_mb", count(0, 500).__next__)
    with pytest.raises(UsageError, match="do not fit"):
        train(job(pair, tmp_path / "ab.safetensors"), progress=silent, tell=silent)


def test_the_hash_of_a_training_does_not_hang_on_how_long_it_is(pair, tmp_path: Path) -> None:
    train(job(pair, tmp_path / "ab.safetensors", 1), progress=silent, tell=silent)
    told: list[str] = []
    longer = train(job(pair, tmp_path / "ab.safetensors", 2), progress=silent, tell=told.append)

    assert longer.iterations == 2
    assert "goes on from iteration 1" in told
