"""Make the small fonts that ship with the labels: only the letters that labels use.

    pip install fonttools==4.60.1
    python scripts/make_label_fonts.py --wheels DIR    (DIR: the wheels named below, from PyPI)

All are cut from the Noto fonts under the SIL Open Font License 1.1, which allows that; its text
lies beside them. A wheel that is not the one named here, by SHA-256, is refused.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LABEL = Path(__file__).resolve().parents[1] / "src/masquerade/provenance/label"
WEIGHT = 600


@dataclass(frozen=True, slots=True)
class Cut:
    """A font to make: out of which file of which wheel, for which languages (none: all others)."""

    name: str
    wheel: str
    sha256: str
    member: str
    face: int = 0
    languages: tuple[str, ...] = ()


_SANS = (
    "fontpkg_noto_sans-2.15-py3-none-any.whl",
    "54016cb4dfbfdd8f0cae3d71a9401a73e786a473debd12f1d79067e349c9a4a3",
)
_ARABIC = (
    "fontpkg_noto_sans_arabic-2.12-py3-none-any.whl",
    "eeca37a7ad6854bf1b6aa42bbce1908a6a6dcd2252ed56d021c20b613f6d16fc",
)
_CJK = (
    "noto_cjk_sans_otc-0.0.1-py3-none-any.whl",
    "44596df7f0c1590cb9c4cfe85b9213b7e91e1086a8a024f1a05df6d6badd33ec",
)
_CJK_MEMBER = "noto_cjk_sans_otc/NotoSansCJK-Regular.ttc"
CUTS = (
    Cut("sans.ttf", *_SANS, "fontpkg_noto_sans/files/NotoSans[wdth,wght].ttf"),
    Cut(
        "arabic.ttf",
        *_ARABIC,
        "fontpkg_noto_sans_arabic/files/NotoSansArabic[wdth,wght].ttf",
        languages=("ar",),
    ),
    Cut("japanese.otf", *_CJK, _CJK_MEMBER, 0, ("ja",)),
    Cut("korean.otf", *_CJK, _CJK_MEMBER, 1, ("ko",)),
    Cut("chinese.otf", *_CJK, _CJK_MEMBER, 2, ("zh",)),
)


def letters(cut: Cut) -> str:
    """Every letter that the words of a cut's languages use."""
    words = tomllib.loads((LABEL / "words.toml").read_text(encoding="utf-8"))
    others = {language for one in CUTS for language in one.languages}
    chosen = cut.languages or tuple(language for language in words if language not in others)
    text = "".join(text for language in chosen for text in words[language].values())
    return "".join(sorted({*text, *" ,.:،"}))


def make(cut: Cut, wheels: Path) -> bytes:
    """The font's file.

    Raises:
        SystemExit: The wheel is another one.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    data = (wheels / cut.wheel).read_bytes()
    if hashlib.sha256(data).hexdigest() != cut.sha256:
        raise SystemExit(f"{cut.wheel} is not the wheel that is expected")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = archive.read(cut.member)
    font = TTFont(io.BytesIO(member), fontNumber=cut.face, recalcTimestamp=False)
    if "fvar" in font:
        font = instantiateVariableFont(font, {"wght": WEIGHT, "wdth": 100})
    options = Options(layout_features=["*"], notdef_outline=True, name_IDs=["*"], hinting=False)
    subsetter = Subsetter(options)
    subsetter.populate(text=letters(cut))
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def main(argv: Sequence[str] | None = None) -> None:
    """Make every font anew."""
    parser = argparse.ArgumentParser(description="make the fonts of the labels")
    parser.add_argument("--wheels", type=Path, required=True)
    given = parser.parse_args(argv)
    folder = LABEL / "fonts"
    folder.mkdir(exist_ok=True)
    for cut in CUTS:
        made = make(cut, given.wheels)
        (folder / cut.name).write_bytes(made)
        print(f"{cut.name:14} {len(made):7} bytes, {len(letters(cut))} letters")


if __name__ == "__main__":
    main()
