"""The options of an encoding, and the pixel format that follows from an input."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from pydantic import ValidationError

from masquerade.errors import OutputError
from masquerade.media.encoding import Encoding, built_encoders, choose_pixels, encoder_options
from masquerade.media.probe import MediaInfo
from masquerade.types import Colour


def info_of(pixel_format: str, *, alpha: bool = False, size_wh: tuple[int, int] = (64, 48), **more):
    return MediaInfo(
        Path("clip.mp4"),
        "video",
        "mov",
        size_wh=size_wh,
        pixel_format=pixel_format,
        has_alpha=alpha,
        time_base=Fraction(1, 25),
        **more,
    )


@pytest.mark.parametrize(
    ("codec", "stored", "chosen", "said"),
    [
        ("h264", "yuv420p", "yuv420p", ""),
        ("h264", "yuvj420p", "yuv420p", ""),
        ("h264", "yuv422p10le", "yuv422p10le", "not shown by every"),
        ("h264", "yuv444p12le", "yuv444p10le", "12-bit"),
        ("h264", "gray", "yuv420p", ""),
        ("h264", "gbrp", "yuv444p", "not shown by every"),
        ("hevc", "yuv420p10le", "yuv420p10le", ""),
        ("hevc", "yuv444p12le", "yuv444p12le", ""),
        ("hevc", "yuv411p", "yuv422p", ""),
        ("vp9", "yuv440p", "yuv444p", ""),
        ("av1", "yuv420p10le", "yuv420p10le", ""),
        ("av1", "yuv444p", "yuv420p", "lower resolution"),
        ("prores", "yuv420p", "yuv422p10le", ""),
        ("prores", "yuv444p", "yuv444p10le", ""),
    ],
)
def test_pixel_format_follows_depth_and_chroma_and_says_what_goes(codec, stored, chosen, said):
    choice = choose_pixels(info_of(stored), Encoding(codec=codec))
    assert choice.pixel_format == chosen
    assert said in " ".join(choice.notes) if said else not choice.notes


@pytest.mark.parametrize(
    ("codec", "stored", "chosen", "kept"),
    [
        ("vp9", "yuva420p", "yuva420p", True),
        ("prores", "yuva444p10le", "yuva444p10le", True),
        ("h264", "yuva420p", "yuv420p", False),
        ("av1", "yuva420p", "yuv420p", False),
    ],
)
def test_alpha_is_kept_or_its_loss_is_said(codec, stored, chosen, kept):
    choice = choose_pixels(info_of(stored, alpha=True), Encoding(codec=codec))
    assert choice.pixel_format == chosen
    assert ("transparency" in " ".join(choice.notes)) is not kept


def test_odd_sizes_get_a_format_that_the_encoder_takes():
    choice = choose_pixels(info_of("yuv420p", size_wh=(65, 47)), Encoding())
    assert choice.pixel_format == "yuv444p"
    assert (
        choose_pixels(info_of("yuv420p", size_wh=(65, 47)), Encoding(codec="vp9")).pixel_format
        == "yuv420p"
    )


def test_colour_tags_stay_and_rgb_gets_the_matrix_it_is_converted_with():
    tags = Colour(9, 9, 16, full_range=False)
    assert choose_pixels(info_of("yuv420p10le", colour=tags), Encoding()).colour == tags
    rgb = Colour(matrix=0, primaries=1, transfer=13, full_range=True)
    made = choose_pixels(info_of("gbrp", colour=rgb), Encoding()).colour
    assert made == Colour(matrix=6, primaries=1, transfer=13, full_range=False)


@pytest.mark.parametrize(
    ("options", "valid"),
    [
        ({"codec": "h264", "crf": 51}, True),
        ({"codec": "h264", "crf": 52}, False),
        ({"codec": "av1", "crf": 63}, True),
        ({"codec": "av1", "crf": 64}, False),
        ({"codec": "prores"}, True),
        ({"codec": "prores", "crf": 20}, False),
        ({"codec": "mpeg2"}, False),
        ({"threads": 0}, False),
        ({"bitrate": 5}, False),
    ],
)
def test_options_are_checked_at_once(options, valid):
    if valid:
        Encoding(**options)
        return
    with pytest.raises(ValidationError):
        Encoding(**options)


def test_default_is_h264_at_crf_18_and_preset_medium():
    options = encoder_options(Encoding(), "yuv420p")
    assert options == {"crf": "18", "preset": "medium", "x264-params": "cpu-independent=1"}


def test_every_option_has_a_sentence():
    assert all(field.description for field in Encoding.model_fields.values())


def test_prores_is_always_of_limited_range():
    full = info_of("yuv420p", colour=Colour(1, 1, 1, full_range=True))
    assert choose_pixels(full, Encoding()).colour.full_range
    assert not choose_pixels(full, Encoding(codec="prores")).colour.full_range


def test_this_build_encodes_every_codec_that_can_be_chosen():
    assert all(built.formats for built in built_encoders())


def test_a_build_without_an_encoder_is_told_and_refused(monkeypatch: pytest.MonkeyPatch):
    def codec(name: str, mode: str) -> av.Codec:
        return av.codec.Codec("none of that name" if name == "libx265" else name, mode)

    monkeypatch.setattr("masquerade.media.encoding.av.Codec", codec)
    missing = [built.codec for built in built_encoders() if not built.formats]
    assert missing == ["hevc"]
    with pytest.raises(OutputError, match="no libx265"):
        choose_pixels(info_of("yuv420p"), Encoding(codec="hevc"))
    assert choose_pixels(info_of("yuv420p"), Encoding()).pixel_format == "yuv420p"
