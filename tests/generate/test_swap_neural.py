"""The trained swap with networks made here."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.models.tiny_swap import description, write_swap

from masquerade import registry
from masquerade.errors import ModelError, UsageError
from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import topology
from masquerade.faces.trained_face import cut, lay, looked_at, map_px
from masquerade.generate import swap_neural
from masquerade.hashing import file_sha256
from masquerade.models.trained import swap as trained_swap
from masquerade.models.trained.swap import KEY, read_swap
from masquerade.types import RGB, Frame, InputUse, Miss, Patch, Points, SourcePicture, Window


def mesh(px: float = 50) -> Points:
    return (topology().neutral * np.float32(px) + 110).astype(np.float32)


def source(path: Path | None) -> SourcePicture:
    known = path is not None and path.exists()
    use = InputUse("source", "x", file_sha256(path) if known and path else "0" * 64, path)
    return SourcePicture(
        np.zeros((9, 9, 3), np.uint8), face_of(mesh(), 1.0), np.zeros(128, np.float32), use
    )


def windows(frames: Sequence[tuple[RGB, Points]]) -> Iterator[Window]:
    for number, (image, marks) in enumerate(frames):
        yield Window((Frame(image, number),), ((face_of(marks, 1.0),),))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_swap(tmp_path / "ab.safetensors")


@pytest.fixture
def picture(rng: np.random.Generator) -> RGB:
    coarse = rng.integers(30, 220, (22, 22, 3), dtype=np.uint8)
    return np.ascontiguousarray(coarse.repeat(10, axis=0).repeat(10, axis=1))


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that draws what it is shown, everywhere."""
    monkeypatch.setattr(
        trained_swap.TrainedSwap,
        "__call__",
        lambda self, faces: [(one, np.ones(one.shape[:2], np.float32)) for one in faces],
    )


def run(path: Path, frames: Sequence[tuple[RGB, Points]], **options: object) -> list[Patch | Miss]:
    wanted = swap_neural.Options(**options)  # type: ignore[arg-type]
    method = swap_neural.prepare({"": [source(path)]}, wanted)
    return [one for some in method(windows(frames)) for one in some]


@pytest.mark.parametrize("name", ["ab.onnx", "ada.jpg", "ada.mface"])
def test_a_file_of_another_kind_is_no_model(name: str) -> None:
    with pytest.raises(UsageError, match="no trained swap") as told:
        swap_neural.sources(swap_neural.Options(model=Path(name)))
    assert ".safetensors" in told.value.expected


def test_the_name_may_be_said_without_the_command() -> None:
    from masquerade.cli import build_parser

    given = build_parser(["swap", "--method", "neural"]).parse_args(
        ["swap", "--method", "neural", "--model", "ab.safetensors", "clip.mp4", "-o", "out.mp4"]
    )
    assert given.method == "swap_neural"
    assert Path(given.model) == Path("ab.safetensors")


def test_the_model_stands_for_the_source(model: Path) -> None:
    module = registry.get("swap_neural")
    assert registry.sources(module, swap_neural.Options(model=model)) == (model,)
    assert registry.sources(module, swap_neural.Options()) == ()
    assert registry.takes(module) == ("source", "target")


def test_a_face_comes_back_where_it_was(model: Path, picture: RGB, echo: None) -> None:
    (patch,) = run(model, [(picture, mesh())], shape=0)

    assert isinstance(patch, Patch)
    x0, y0, x1, y1 = patch.box
    inside = patch.mask > 0.99
    smooth = picture[y0:y1, x0:x1].astype(float)
    apart = np.abs(patch.pixels.astype(float) - smooth)[inside].mean()
    elsewhere = np.abs(patch.pixels.astype(float) - smooth[::-1])[inside].mean()
    assert apart < 0.75 * elsewhere
    assert patch.source_px == pytest.approx(map_px(32))


def test_cut_and_lay_undo_each_other(picture: RGB) -> None:
    smooth = np.tile(np.linspace(0, 255, 220, dtype=np.uint8)[None, :, None], (220, 1, 3))
    marks = mesh()
    on_map = cut(smooth, marks, 256)
    box = (60, 60, 160, 160)
    back = lay(np.ascontiguousarray(on_map[..., :3]), None, marks, box, 110.0)
    inside = back.inward > 0.15

    apart = np.abs(back.pixels.astype(float) - smooth[60:160, 60:160])[inside]
    assert np.quantile(apart, 0.95) < 5
    assert on_map[..., 3].mean() > 60
    assert 5 < on_map[..., 4].mean() < 120


def test_a_network_that_draws_finer_is_shown_averages(picture: RGB) -> None:
    fine = cut(picture, mesh(), 64)[..., :3].astype(np.float32)
    seen = looked_at(picture, mesh(), 32, 2)

    wanted = fine.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(seen, wanted, atol=1)


def test_what_covers_the_face_and_what_is_seen_from_the_side_is_masked(picture: RGB) -> None:
    covered = np.ones((220, 220), np.float32)
    covered[110:] = 0
    whole, half = cut(picture, mesh(), 64)[..., 3], cut(picture, mesh(), 64, mask=covered)[..., 3]

    assert 0.2 < half.mean() / whole.mean() < 0.7
    assert (half <= whole).all()


def test_mask_of_the_network_or_the_whole_outline(
    model: Path, picture: RGB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        trained_swap.TrainedSwap,
        "__call__",
        lambda self, faces: [(one, np.full(one.shape[:2], 0.5, np.float32)) for one in faces],
    )
    (half,) = run(model, [(picture, mesh())])
    (whole,) = run(model, [(picture, mesh())], mask="outline")

    assert isinstance(half, Patch)
    assert isinstance(whole, Patch)
    np.testing.assert_allclose(half.mask, whole.mask / 2, atol=0.01)


def test_the_mask_does_not_jump_from_frame_to_frame(
    model: Path, picture: RGB, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = iter([1.0, 0.0, 0.0])
    monkeypatch.setattr(
        trained_swap.TrainedSwap,
        "__call__",
        lambda self, faces: [(faces[0], np.full((32, 32), next(values), np.float32))],
    )
    made = run(model, [(picture, mesh())] * 3)
    peaks = [float(one.mask.max()) for one in made if isinstance(one, Patch)]

    assert peaks == pytest.approx([1.0, 0.5, 0.25], abs=0.01)


@pytest.mark.parametrize("options", [{"min_face_px": 400}])
def test_faces_that_cannot_be_done_are_reported(model: Path, picture: RGB, options) -> None:
    (made,) = run(model, [(picture, mesh())], **options)
    assert isinstance(made, Miss)
    assert "too small" in made.reason


@pytest.mark.parametrize("pictures", [[], [source(Path("ada.jpg"))], [source(None)]])
def test_photos_are_no_model(pictures: list[SourcePicture]) -> None:
    with pytest.raises(UsageError, match="one person"):
        swap_neural.prepare({"0": pictures}, swap_neural.Options())


def test_a_model_exchanged_after_its_consent_was_checked_is_refused(
    model: Path, tmp_path: Path
) -> None:
    checked = source(model)
    model.write_bytes(write_swap(tmp_path / "x.safetensors").read_bytes() + b"\0")
    with pytest.raises(ModelError, match="was changed since it was checked"):
        swap_neural.prepare({"0": [checked]}, swap_neural.Options())


def test_settings_cannot_bring_a_model_that_no_consent_was_asked_for(
    model: Path, tmp_path: Path
) -> None:
    other = write_swap(tmp_path / "other.safetensors")
    with pytest.raises(UsageError, match=r"the source is ab\.safetensors"):
        swap_neural.prepare({"0": [source(model)]}, swap_neural.Options(model=other))
    with pytest.raises(UsageError, match="0 models and 1 other"):
        swap_neural.prepare({"0": [source(Path("ada.jpg"))]}, swap_neural.Options(model=other))
    swap_neural.prepare({"0": [source(model)]}, swap_neural.Options(model=model))


def test_a_model_and_photos_cannot_both_be_used(model: Path) -> None:
    with pytest.raises(UsageError, match="1 models and 1 other"):
        swap_neural.prepare(
            {"0": [source(model), source(Path("ada.jpg"))]}, swap_neural.Options(model=model)
        )


def test_a_model_of_another_layout_is_told_before_the_work(tmp_path: Path) -> None:
    other = write_swap(
        tmp_path / "x.safetensors", words={KEY: description(format="masquerade trained swap 9")}
    )
    with pytest.raises(ModelError, match="layout"):
        run(other, [])


def test_a_device_that_is_not_there_is_told(model: Path) -> None:
    with pytest.raises(ModelError, match="device"):
        swap_neural.prepare({"0": [source(model)]}, swap_neural.Options(), device="directml")


def test_portraits_show_the_person_on_plain_ground(model: Path, echo: None) -> None:
    from masquerade.faces.portrait import portraits

    shown = portraits(read_swap(model))

    assert len(shown) == 2
    assert shown[0].pixels.shape == (256, 256, 3)
    assert (shown[0].pixels[:10] == 118).all()
    assert shown[0].pixels[100:150, 100:150].std() > 10
