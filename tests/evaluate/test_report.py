"""The table of the papers on files: a swap is told from a stranger's clip, and from no swap."""

import json
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from masquerade import personas
from masquerade.cli import main
from masquerade.compose.blend import ComposeOptions, compose
from masquerade.errors import FaceError, UsageError
from masquerade.evaluate.report import SwapReport, evaluate_swap
from masquerade.evaluate.sheet import Curve, plot, png, sheet, table, worst
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_mesh
from masquerade.media.read import read_frames
from masquerade.pipelines.cast import read_sources
from masquerade.pipelines.windows import windows
from masquerade.types import Face, Patch


def write(path: Path, pictures: list[np.ndarray]) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "8"})
        stream.height, stream.width = pictures[0].shape[:2]
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture(scope="module")
def files(media_dir, tmp_path_factory, reader) -> tuple[Path, Path, Path]:
    """(target, output, source): a clip, a persona swapped into it, her picture."""
    folder = tmp_path_factory.mktemp("swap")
    source = personas.load("ada").picture
    clip = read_frames(media_dir / "talking" / "grid_s1" / "bbaf2n.mpg")
    target = write(folder / "in.mp4", [f.pixels for _, f in zip(range(8), clip, strict=False)])
    frames = list(read_frames(target))
    (one,) = track(frames, reader)
    chosen: dict[int, tuple[Face, ...]] = {
        pts: (Face(f.box, f.score, f.landmarks, f.pose_deg, 0, person="0"),)
        for pts, f in one.faces.items()
    }
    method = swap_mesh.prepare({"0": read_sources([source], reader)}, swap_mesh.Options())
    made = method(windows(frames, chosen, swap_mesh.radius))
    after = [
        compose(frame, [p for p in patches if isinstance(p, Patch)], ComposeOptions()).pixels
        for frame, patches in zip(frames, made, strict=True)
    ]
    return target, write(folder / "out.mp4", after), source


@pytest.fixture(scope="module")
def report(files, reader) -> SwapReport:
    return evaluate_swap(files[0], files[1], [files[2]], reader)


@pytest.mark.media
@pytest.mark.weights
def test_a_swap_shows_the_source_and_moves_like_the_target(report) -> None:
    numbers = report.numbers()
    assert numbers["frames"] == 8
    assert numbers["identity_retrieval"] == 1
    assert numbers["other_people"] >= 5
    assert numbers["distance_to_source"] < 0.5
    assert numbers["distance_to_target"] > 0.6
    assert numbers["share_within_0.6_of_target"] == 0
    assert numbers["pose_error_deg"] < 3
    assert numbers["expression_error"] < 0.05
    assert 0.5 < numbers["flicker_ratio"] < 1.6
    assert 0.4 < numbers["sharpness_ratio"] < 1.6
    assert numbers["faces_unchanged"] == 0


@pytest.mark.media
@pytest.mark.weights
def test_numbers_become_a_picture_and_lines(report) -> None:
    page = sheet(report)
    assert page.shape[1:] == (1536, 3)
    again = cv2.imdecode(np.frombuffer(png(page), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(again[..., ::-1], page)
    told = table(report)
    assert len(told) == len(report.numbers())
    assert all(row.name and row.value for row in told)
    assert {row.name: row.good for row in told}["flicker, times the target's"] == "below 1.08"
    first = worst(report)
    assert len(first) == 4
    assert all(words.endswith(" s") and " at " in words for words in first)


@pytest.mark.media
@pytest.mark.weights
def test_a_file_that_was_not_changed_is_named(files, reader) -> None:
    with pytest.raises(FaceError, match=r"no face of in\.mp4 is changed"):
        evaluate_swap(files[0], files[0], [files[2]], reader)


@pytest.mark.media
@pytest.mark.weights
def test_files_that_do_not_belong_together_are_refused(files, media_dir, tmp_path, reader) -> None:
    frames = [frame.pixels for frame in read_frames(files[0])]
    short = write(tmp_path / "short.mp4", frames[:3])
    with pytest.raises(UsageError, match="ends after 3 frames"):
        evaluate_swap(files[0], short, [files[2]], reader)
    small = write(tmp_path / "small.mp4", [frame[::2, ::2] for frame in frames])
    with pytest.raises(UsageError, match="pixels"):
        evaluate_swap(files[0], small, [files[2]], reader)


@pytest.mark.media
@pytest.mark.weights
def test_the_command_prints_numbers_and_draws_them(files, tmp_path, capsys) -> None:
    out = tmp_path / "sheet.png"
    words = ["evaluate", "swap", str(files[0]), str(files[1]), "--source", str(files[2])]
    assert main([*words, "--picture", str(out), "--frames", "4", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["frames"] == 4
    assert told["picture"] == str(out)
    assert cv2.imread(str(out)).shape[1] == 1536
    assert main([*words, "--picture", str(out), "--json"]) == 2
    assert main([*words, "--picture", "sheet.jpg", "--json"]) == 2
    assert main([*words, "--frames", "0", "--json"]) == 2


@pytest.mark.media
@pytest.mark.weights
def test_files_the_wrong_way_round_are_told(files, reader) -> None:
    with pytest.raises(UsageError, match=r"out\.mp4 shows the source .* the other way round"):
        evaluate_swap(files[1], files[0], [files[2]], reader)


@pytest.mark.media
@pytest.mark.weights
def test_what_was_skipped_is_counted_and_not_measured(files, report, tmp_path, reader) -> None:
    before, after = ([f.pixels for f in read_frames(path)] for path in files[:2])
    half = write(tmp_path / "half.mp4", [*before[:5], *after[5:]])
    found = evaluate_swap(files[0], half, [files[2]], reader)
    assert 0 < found.frames <= 4
    assert found.frames + found.left == 8
    assert found.unchanged == 0
    assert found.numbers()["share_within_0.6_of_target"] == 0
    assert report.left == 0


def test_a_missed_bound_is_marked() -> None:
    line = SimpleNamespace(
        times_s=np.zeros(2),
        to_source=np.full(2, 0.7),
        to_target=np.full(2, 0.9),
        pose_deg=np.full(2, 1.0),
        expression=np.full(2, 0.02),
        sharpness=np.ones(2),
        **dict.fromkeys(("motion", "flicker", "eyes", "blinks")),
    )
    found = SwapReport((line,), np.zeros((9, 9, 3), np.uint8), 1.0, 5, 2, 0, 0)  # type: ignore[arg-type]
    missed = {row.name for row in table(found) if row.missed}
    assert missed == {"distance to the source", "expression error, eye distances"}


@pytest.mark.parametrize("values", [[1.0, 2.0, 1.5], [0.0, 0.0], [0.7]])
def test_a_plot_is_drawn_within_its_page(values: list[float]) -> None:
    x = np.arange(len(values), dtype=np.float64)
    page = plot([Curve("a", x, np.array(values))], (300, 120), level=0.6)
    assert page.shape == (120, 300, 3)
    coloured = (page.max(axis=2).astype(int) - page.min(axis=2)) > 60
    assert coloured.any()
