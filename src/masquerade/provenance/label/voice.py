"""Speaks one sentence with eSpeak NG, as a program of its own: text in, samples out.

    python voice.py VOICE WORDS_PER_MINUTE < text > samples

Samples are 16-bit, one channel, behind one line that says how many there are in a second. It is a
process of its own because the library keeps one voice for the whole process, may end it, and is
under the GPL-3.0, which the rest of this package is not.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from typing import BinaryIO, Final

# Values of speak_lib.h, eSpeak NG 1.51.
_SYNCHRONOUS: Final = 2
_UTF8: Final = 1
_RATE: Final = 1
_OK: Final = 0

_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def main(voice: str, words_per_minute: int, text: bytes, out: BinaryIO) -> int:
    """Exit code: 0 done, 3 no such voice, 4 the library does not speak."""
    loader = importlib.import_module("espeakng_loader")
    library = ctypes.CDLL(loader.get_library_path())
    sr = library.espeak_Initialize(_SYNCHRONOUS, 0, str(loader.get_data_path()).encode(), 0)
    if sr <= 0:
        return 4
    if library.espeak_SetVoiceByName(voice.encode()) != _OK:
        return 3
    library.espeak_SetParameter(_RATE, words_per_minute, 0)
    parts: list[bytes] = []

    def take(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        if samples and count > 0:
            parts.append(ctypes.string_at(samples, 2 * count))
        return 0

    kept = _CALLBACK(take)
    library.espeak_SetSynthCallback(kept)
    if library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None) != _OK:
        return 4
    out.write(f"{sr}\n".encode() + b"".join(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.stdin.buffer.read(), sys.stdout.buffer))
