"""What happens to sealed files on their way, for the robustness benchmark."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from PIL import Image

from masquerade.provenance.c2pa.formats import sidecar_of

STILLS: Final = ("jpg", "png", "webp")
VIDEOS: Final = ("mp4", "mkv")
EVERY: Final = (*STILLS, *VIDEOS)
# (file, another sealed file, folder) -> the changed file; the folder holds both and their sidecars.
Change = Callable[[Path, Path, Path], Path]


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that happens to a file.

    Attributes:
        name: What it is, in words.
        do: Does it.
        kinds: Endings of the files it can happen to.
        keeps_content: Whether the file with its manifest is still as it was signed.
    """

    name: str
    do: Change
    kinds: tuple[str, ...] = EVERY
    keeps_content: bool = False


def _nothing(path: Path, _other: Path, _place: Path) -> Path:
    return path


def _renamed(path: Path, _other: Path, _place: Path) -> Path:
    if sidecar_of(path).exists():
        sidecar_of(path).rename(path.with_name("holiday.c2pa"))
    return path.rename(path.with_name(f"holiday{path.suffix}"))


def _metadata_gone(path: Path, _other: Path, place: Path) -> Path:
    """The same pixels written anew without metadata; JPEG with the tables it had."""
    out = place / f"stripped{path.suffix}"
    with Image.open(path) as picture:
        if path.suffix == ".jpg":
            picture.save(out, quality="keep")
        else:
            plain = Image.frombytes(picture.mode, picture.size, picture.tobytes())
            plain.save(out, lossless=True)
    return out


def _segments_cut_out(path: Path, _other: Path, place: Path) -> Path:
    """A JPEG without its APP segments, as exiftool leaves it."""
    out = place / "stripped.jpg"
    head, parts, rest = _jpeg_segments(path.read_bytes())
    out.write_bytes(head + b"".join(p for p in parts if not 0xE1 <= p[1] <= 0xEF) + rest)
    return out


def _remuxed(ending: str) -> Change:
    def do(path: Path, _other: Path, place: Path) -> Path:
        out = place / f"copied.{ending}"
        with av.open(path) as source, av.open(out, "w") as target:
            streams = {one.index: target.add_stream_from_template(one) for one in source.streams}
            for packet in source.demux():
                if packet.size:  # the last one of a stream is empty
                    packet.stream = streams[packet.stream_index]
                    target.mux(packet)
        return out

    return do


def _saved_again(ending: str, factor: float = 1.0, cut: float = 0.0) -> Change:
    def do(path: Path, _other: Path, place: Path) -> Path:
        out = place / f"again.{ending}"
        with Image.open(path) as picture:
            plain = picture.convert("RGB")
            width, height = plain.size
            box = (int(width * cut), int(height * cut), width - int(width * cut), height)
            plain = plain.crop(box)
            size = (round(plain.width * factor), round(plain.height * factor))
            plain.resize(size, Image.Resampling.BICUBIC).save(out, quality=75)
        return out

    return do


def _encoded_again(codec: str, options: dict[str, str], factor: float = 1.0) -> Change:
    def do(path: Path, _other: Path, place: Path) -> Path:
        out = place / f"again{'.webm' if 'vp9' in codec else '.mp4'}"
        with av.open(path) as source, av.open(out, "w") as target:
            video = source.streams.video[0]
            stream = target.add_stream(codec, rate=25, options=options)
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height = (
                int(side * factor) // 2 * 2 for side in (video.width, video.height)
            )
            stream.pix_fmt = "yuv420p"
            for frame in source.decode(video):
                small = frame.reformat(stream.width, stream.height, "yuv420p")
                small.pts, small.time_base = frame.pts, frame.time_base
                target.mux(stream.encode(small))
            target.mux(stream.encode(None))
        return out

    return do


def _cut_short(path: Path, _other: Path, _place: Path) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    return path


def _lengthened(path: Path, _other: Path, _place: Path) -> Path:
    path.write_bytes(path.read_bytes() + b"and something more\n" * 50)
    return path


def _sidecar_lost(path: Path, _other: Path, _place: Path) -> Path:
    sidecar_of(path).unlink()
    return path


def _sidecar_swapped(path: Path, other: Path, _place: Path) -> Path:
    shutil.copy(sidecar_of(other), sidecar_of(path))
    return path


def _manifest_transplanted(path: Path, other: Path, place: Path) -> Path:
    """The picture of one sealed file under the manifest of another."""
    out = place / f"transplant{path.suffix}"
    if path.suffix == ".png":
        manifest = [one for one in _png_chunks(other) if one[4:8] == b"caBX"]
        plain = [one for one in _png_chunks(path) if one[4:8] != b"caBX"]
        out.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join([plain[0], *manifest, *plain[1:]]))
        return out
    _, parts, _ = _jpeg_segments(other.read_bytes())
    head, own, rest = _jpeg_segments(path.read_bytes())
    kept = [part for part in own if part[1] != 0xEB]
    out.write_bytes(head + b"".join([*(p for p in parts if p[1] == 0xEB), *kept]) + rest)
    return out


def _jpeg_segments(data: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Start of image, the marker segments before the scan, the scan and all after it."""
    parts, at = [], 2
    while data[at + 1] != 0xDA:
        size = 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        parts.append(data[at : at + size])
        at += size
    return data[:2], parts, data[at:]


def _png_chunks(path: Path) -> list[bytes]:
    data, parts, at = path.read_bytes(), [], 8
    while at < len(data):
        size = 12 + struct.unpack(">I", data[at : at + 4])[0]
        parts.append(data[at : at + size])
        at += size
    return parts


ATTACKS: Final = (
    Attack("nothing", _nothing, keeps_content=True),
    Attack("renamed", _renamed, keeps_content=True),
    Attack("written anew without metadata", _metadata_gone, STILLS),
    Attack("metadata cut out of the file", _segments_cut_out, ("jpg",)),
    Attack("copied into another MP4, packet by packet", _remuxed("mp4"), VIDEOS),
    Attack("copied into an MKV, packet by packet", _remuxed("mkv"), VIDEOS),
    Attack("sidecar lost", _sidecar_lost, ("mkv",)),
    Attack("sidecar of another file", _sidecar_swapped, ("mkv",)),
    Attack("manifest of another file put in", _manifest_transplanted, ("jpg", "png")),
    Attack("saved again as JPEG 75", _saved_again("jpg"), STILLS),
    Attack("saved again as WebP 75", _saved_again("webp"), STILLS),
    Attack("half the size, JPEG 75", _saved_again("jpg", 0.5), STILLS),
    Attack("sides cut off by a tenth, JPEG 75", _saved_again("jpg", cut=0.1), STILLS),
    Attack("encoded again, H.264 CRF 28", _encoded_again("libx264", {"crf": "28"}), VIDEOS),
    Attack(
        "encoded again, VP9 CRF 35",
        _encoded_again("libvpx-vp9", {"crf": "35", "b": "0", "cpu-used": "6"}),
        VIDEOS,
    ),
    Attack("half the size, H.264 CRF 28", _encoded_again("libx264", {"crf": "28"}, 0.5), VIDEOS),
    Attack("cut off after two thirds of its bytes", _cut_short),
    Attack("bytes added at the end", _lengthened),
)
STRIPS: Final = frozenset(
    {
        "written anew without metadata",
        "metadata cut out of the file",
        "copied into another MP4, packet by packet",
        "copied into an MKV, packet by packet",
        "sidecar lost",
    }
)
