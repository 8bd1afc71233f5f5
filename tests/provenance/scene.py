"""A small scene for provenance tests: a clip, a consent record, a draft of three segments.

Run as a program it saves that draft, and kills itself at a stage if told to.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from masquerade import personas
from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.consent.records import ConsentRecord, load, new_record
from masquerade.provenance.consent.voice_reader import voice_network
from masquerade.types import (
    Draft,
    DraftSegment,
    Embedding,
    Frame,
    IdentityUse,
    InputUse,
    Recipe,
)

FRAMES, SEGMENTS = 12, 3
SIZE_WH = (112, 80)  # just too small for a search for watermarks, which takes most of a save
BASE = Fraction(1, 12800)
STEP = 512
FAST = Encoding(preset="ultrafast", threads=1)


PERSONA = personas.load("ada")


def face(seed: int = 1) -> Embedding:
    """Seed 1: the identity of the persona in the photo. Others: made up, about 1.4 apart."""
    if seed == 1:
        return open_face(load(PERSONA.consent).faces[0], "")
    vector = np.random.default_rng(seed).normal(size=128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def voice(seed: int = 1, *, challenge: str = "mqs-0123456789abcdef") -> HeardVoice:
    """A made-up voice that was heard to say a statement; two seeds are about 1 apart."""
    vector = np.random.default_rng(seed).normal(size=256)
    embedding = (vector / np.linalg.norm(vector)).astype(np.float32)
    heard = "I, Ann, consent" if challenge else ""
    return HeardVoice(embedding, voice_network(), "e" * 64, 12.0, challenge, heard)


def make_clip(path: Path) -> Path:
    """A clip with sound."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuv420p"
        sound = container.add_stream("aac", rate=44100, layout="mono")
        for frame in made_frames(0, FRAMES):
            picture = av.VideoFrame.from_ndarray(frame.pixels, format="rgb24")
            picture.pts, picture.time_base = frame.pts, BASE
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
        for start in range(0, 20480, 1024):
            wave = np.sin(np.arange(start, start + 1024) / 40).astype(np.float32)[None] * 0.2
            block = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = 44100, start, Fraction(1, 44100)
            container.mux(sound.encode(block))
        container.mux(sound.encode())
    return path


def made_frames(first: int, stop: int) -> Iterator[Frame]:
    """Moving stripes."""
    width, height = SIZE_WH
    grid = np.add.outer(np.arange(height), np.arange(width))
    for number in range(first, stop):
        shade = ((grid + 8 * number) % 256).astype(np.uint8)
        pixels = np.stack([shade, 255 - shade, np.full_like(shade, 20 * number % 256)], axis=-1)
        yield Frame(pixels, number * STEP, BASE, STEP)


def make_record(**changes: object) -> ConsentRecord:
    """A subject's consent to tests, for thirty days."""
    values: dict[str, object] = {
        "kind": "subject",
        "subject": "Ann",
        "grantee": "the tests",
        "purposes": ["test"],
        "embeddings": [face()],
        "valid_until": datetime.now(UTC) + timedelta(days=30),
        "adult_attested": True,
    }
    return new_record(**(values | changes))  # type: ignore[arg-type]


def make_draft(clip: Path, photo: Path, consent: str, *, seed: int = 1) -> Draft:
    """A draft that turns the clip into stripes."""
    digest = file_sha256(photo)
    inputs = (
        InputUse("target", clip.name, file_sha256(clip), clip),
        InputUse("source", photo.name, digest, photo),
    )
    recipe = Recipe("swap_mesh", "0.1.0", "{}", (("net", "0" * 64),), inputs)
    uses = (IdentityUse("source", "face", face(seed), digest, consent),)
    onlookers: list[Callable[[Frame], None]] = []
    return Draft(recipe, uses, clip, "video", segments(onlookers), onlookers=onlookers)


def shown(draft: Draft, made: Iterable[DraftSegment]) -> Draft:
    """The draft with other segments, before which its target is shown."""

    def stream() -> Iterator[DraftSegment]:
        show(draft.onlookers)
        yield from made

    return replace(draft, segments=stream())


def show(onlookers: Sequence[Callable[[Frame], None]]) -> None:
    """Shows the target's pictures, as a pipeline does."""
    for frame in made_frames(0, FRAMES):
        for see in onlookers:
            see(frame)


def segments(onlookers: Sequence[Callable[[Frame], None]]) -> Iterator[DraftSegment]:
    """Three segments of four frames; first the target is shown."""
    show(onlookers)
    step = FRAMES // SEGMENTS
    for index in range(SEGMENTS):
        first, stop = index * step, (index + 1) * step
        yield DraftSegment(
            index,
            f"stripes {index}",
            first * STEP,
            (stop - 1) * STEP,
            made_frames(first, stop),
            lambda index=index: f'{{"piece":{index}}}',
        )


def still_of(draft: Draft) -> Draft:
    """The draft's first picture alone."""
    first = next(made_frames(0, 1))
    return replace(
        draft, kind="still", segments=iter([DraftSegment(0, "one", 0, 0, iter([first]))])
    )


class Judge:
    """Stands in for the network of unsafe content: a figure for each picture.

    Args:
        judged: The figure of a picture as the network gets it: (224, 224, 3), means taken off.
    """

    name, device, input_shapes = "unsafe_content", "cpu", ((None, 224, 224, 3),)

    def __init__(self, judged: Callable[[np.ndarray], float] = lambda picture: 0.01) -> None:
        self.judged, self.calls = judged, 0

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        """Probabilities (N, 2): safe, unsafe."""
        self.calls += len(inputs[0])
        figures = [self.judged(picture) for picture in inputs[0]]
        return [np.array([[1 - one, one] for one in figures], np.float32)]


def judge_by(judge: Judge) -> None:
    """Puts a judge in the network's place, in this process."""
    from masquerade.models.unsafe_content import UnsafeContent
    from masquerade.provenance.gates import unsafe_content as gate

    UnsafeContent.open = lambda **how: UnsafeContent(judge)  # type: ignore[method-assign]
    gate._network.cache_clear()
    gate._score_of.cache_clear()


def judge_by_the_network() -> None:
    """Has the network judge, until a block of `judged` ends."""
    from masquerade.models.network import Network
    from masquerade.models.unsafe_content import UnsafeContent
    from masquerade.provenance.gates import unsafe_content as gate

    UnsafeContent.open = vars(Network)["open"]  # type: ignore[method-assign]
    gate._network.cache_clear()
    gate._score_of.cache_clear()


@contextmanager
def judged() -> Iterator[Judge]:
    """A judge who finds nothing unsafe, until the end of the block; then the network again."""
    from masquerade.models.unsafe_content import UnsafeContent
    from masquerade.provenance.gates import unsafe_content as gate

    before, judge = vars(UnsafeContent).get("open"), Judge()
    judge_by(judge)
    try:
        yield judge
    finally:
        if before is None:
            del UnsafeContent.open  # what it inherits opens the network
        else:
            UnsafeContent.open = before  # type: ignore[method-assign]
        gate._network.cache_clear()
        gate._score_of.cache_clear()


def kill_at(stage: str) -> None:
    """Arms a kill -9 of this process at a stage of saving."""
    from masquerade.provenance import ledger, parts, publish, seal
    from masquerade.provenance.ledger import store

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def before(module: object, name: str) -> None:
        setattr(module, name, lambda *args, **kwargs: die())

    def after(module: object, name: str) -> None:
        run = getattr(module, name)

        def wrapped(*args: object, **kwargs: object) -> None:
            run(*args, **kwargs)
            die()

        setattr(module, name, wrapped)

    match stage:
        case "in second segment":
            counted = seal.marked

            def stop_early(segment, *rest):  # type: ignore[no-untyped-def]
                for number, frame in enumerate(counted(segment, *rest)):
                    if segment.index == 1 and number == 2:
                        die()
                    yield frame

            seal.marked = stop_early
        case "part stored":
            after(parts.Parts, "put")
        case "before join":
            before(seal, "join")
        case "before signing":
            before(publish, "sign")
        case "signed":
            after(publish, "sign")
        case "before ledger":
            before(ledger, "append")
        case "between row and head":
            before(store, "write_head")
        case "before rename":
            before(publish, "_sync")


def main() -> None:
    """Save the draft: clip, photo, record, output, stage to die at."""
    from masquerade.provenance.seal import save, seal

    judge_by(Judge())
    clip, photo, record, out = (Path(word) for word in sys.argv[1:5])
    consent = load(record)
    sealed = seal(make_draft(clip, photo, consent.id), consents=[consent], purpose="test")
    kill_at(sys.argv[5])
    save(sealed, out, encoding=FAST)


if __name__ == "__main__":
    main()
