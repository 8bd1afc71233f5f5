"""A method that takes the target alone runs without source and record; no other method does."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.cli import main
from masquerade.errors import ConsentError, PolicyError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.pipelines.make import make
from masquerade.provenance.policy import Request, pass_gates
from masquerade.provenance.verify import verify
from masquerade.types import Draft, Embedding, InputUse, Recipe

NEGATIVE = '''"""The picture with its colours turned round."""

import numpy as np

from masquerade import options
from masquerade.types import Need, Patch, Resources

takes = ("target",)
needs = frozenset({needs})
radius = 0
resources = Resources()


class Options(options.Options):
    """None."""


def prepare(cast, options, *, device="cpu"):
    def generate(windows):
        assert not any(cast.values())
        for window in windows:
            boxes = [(0, 0, *window.frame.size_wh)]
            if needs:
                edges = [map(int, face.box) for face in window.faces]
                boxes = [(max(0, a), max(0, b), c, d) for a, b, c, d in edges]
            made = []
            for x0, y0, x1, y1 in boxes:
                pixels = 255 - window.frame.pixels[y0:y1, x0:x1]
                h, w = pixels.shape[:2]
                mask = np.ones((h, w), np.float32)
                made.append(Patch(pixels, mask, (x0, y0, x0 + w, y0 + h)))
            yield made

    return generate
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Another distribution whose method takes the target alone."""

    def add(name: str, needs: str) -> None:
        place = tmp_path / "elsewhere"
        about = place / "studio-1.0.dist-info"
        about.mkdir(parents=True)
        source = NEGATIVE.replace("{needs}", needs)
        (place / f"studio_{name}.py").write_text(source, encoding="utf-8")
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: studio\nVersion: 1.0\n")
        points = f"[masquerade.methods]\n{name} = studio_{name}\n"
        (about / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(place)

    return add


@pytest.fixture
def target(tmp_path: Path, rng: np.random.Generator) -> Path:
    path = tmp_path / "ein Bild ü.png"
    Image.fromarray(rng.integers(0, 255, (120, 160, 3), np.uint8)).save(path)
    return path


@pytest.mark.weights
def test_a_whole_picture_is_made_sealed_and_verified(install, target, tmp_path, capsys) -> None:
    install("negative", "()")
    out = tmp_path / "a folder" / "out.png"
    out.parent.mkdir()
    assert main(["negative", str(target), "-o", str(out), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["frames"], answer["changed"], answer["nobody_meant"]) == (1, 1, 0)
    before, after = read_image(target).pixels, read_image(out).pixels
    assert _alike(255 - before[60:], after[60:])  # below the label
    report = verify(out)
    assert report.exit_code == 0
    assert report.claims.consents == ()
    assert report.claims.purpose == "unstated"


@pytest.mark.weights
def test_what_the_file_cannot_keep_is_told(install, tmp_path, capsys) -> None:
    install("negative", "()")
    target, out = tmp_path / "glass.png", tmp_path / "out.jpg"
    Image.new("RGBA", (160, 120), (9, 120, 200, 90)).save(target)
    assert main(["negative", str(target), "-o", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "note: " in printed
    assert "transparen" in printed


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal but for the watermark."""
    return bool(np.abs(one.astype(int) - other).max() <= 16)


def _identity(photo: Path) -> Embedding:
    reader, pixels = FaceReader.open(), read_image(photo).pixels
    return embed(pixels, find_faces(pixels, reader)[0], reader)


@pytest.mark.media
@pytest.mark.weights
def test_a_method_of_another_package_changes_nobodys_face_without_a_record(
    install, media_dir, tmp_path
) -> None:
    install("negative", "()")
    target = media_dir / "personas" / "persona_b10.jpg"
    with pytest.raises(ConsentError, match="has no consent record"):
        make("negative", target=target, out=tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


@pytest.mark.media
@pytest.mark.weights
def test_only_the_faces_chosen_are_changed(install, media_dir, tmp_path, make_record) -> None:
    install("negative_face", "{Need.FACES}")
    target = media_dir / "personas" / "persona_b10.jpg"
    record = make_record(kind="performer", embeddings=[_identity(target)])
    given = {"consents": [record], "purpose": "test"}
    made = make("negative_face", target=target, out=tmp_path / "out.png", **given)
    assert made.plan.tally.swapped == 1
    before, after = read_image(target).pixels, read_image(tmp_path / "out.png").pixels
    middle = before.shape[0] // 2, before.shape[1] // 2
    assert _alike(255 - before[middle], after[middle])
    assert _alike(before[-8:, :8], after[-8:, :8])


@pytest.mark.parametrize(
    ("needs", "more", "words"),
    [
        ("()", {"sources": [Path("ada.jpg")]}, "takes no source"),
        ("()", {"people": Path("map.toml")}, "takes no source"),
        ("()", {"person": "left"}, "works on whole pictures"),
    ],
)
def test_what_it_does_not_take_is_refused(install, target, tmp_path, needs, more, words) -> None:
    install("negative", needs)
    with pytest.raises(UsageError, match=words):
        make("negative", target=target, out=tmp_path / "out.png", **more)
    assert not (tmp_path / "out.png").exists()


def test_a_record_that_is_for_nobody_is_a_slip(install, target, tmp_path, make_record) -> None:
    install("negative", "()")
    with pytest.raises(UsageError, match="is for nobody"):
        make("negative", target=target, out=tmp_path / "out.png", consents=[make_record()])


def test_a_method_that_takes_a_source_refuses_without_one(target, tmp_path) -> None:
    with pytest.raises(UsageError, match="no source"):
        make("swap_mesh", target=target, out=tmp_path / "out.png")


@pytest.mark.parametrize(
    ("method", "error", "words"),
    [
        ("swap_mesh", ConsentError, "names no source"),
        ("not_installed", PolicyError, "not known"),
        ("negative", None, ""),
    ],
)
def test_the_gate_asks_the_method_and_not_the_draft(install, target, method, error, words) -> None:
    from masquerade.hashing import file_sha256

    install("negative", "()")
    item = InputUse("target", target.name, file_sha256(target), target)
    draft = Draft(Recipe(method, "0", "{}", (), (item,)), (), target, "still", iter(()))
    if error is None:
        assert pass_gates(Request(draft, (), "")).coverage == ()
        hidden = InputUse("source", "ada.jpg", "0" * 64, target)
        recipe = replace(draft.recipe, inputs=(item, hidden))
        with pytest.raises(PolicyError, match="no face was measured in the source"):
            pass_gates(Request(replace(draft, recipe=recipe), (), ""))
        return
    with pytest.raises(error, match=words):
        pass_gates(Request(draft, (), ""))
