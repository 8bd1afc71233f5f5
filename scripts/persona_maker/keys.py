"""The public keys that a package trusts for its personas: those that signed a record in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from masquerade.provenance.consent.records import load
from masquerade.provenance.consent.trust import PERSONA_KEYS_FILE

_SECTIONS: Final = {
    "persona.consent": "# Public keys that signed the consent records of the personas in this"
    " package. Their\n# private parts were held in memory by scripts/make_personas.py and never"
    " stored.\n",
    "voice.consent": "# The same for their voices, by scripts/make_persona_voices.py.\n",
}
"""What stands above the keys of faces, and above those of voices, by the name of their records."""


def write_keys(package: Path) -> None:
    """Writes the file of keys from the records as they lie there, of faces and of voices.

    Whichever maker ran last, and of however many personas, the keys of the other records stay;
    one that signed none any more goes.

    Args:
        package: The folder of the package ``masquerade``.

    Raises:
        ConsentError: A record is damaged, or not signed as it says.
    """
    text = ""
    for name, words in _SECTIONS.items():
        records = sorted((package / "personas").glob(f"*/{name}"))
        signers = dict.fromkeys(load(path).signer for path in records)
        if signers:
            text += words + "".join(f"{one}\n" for one in signers)
    place = package / "provenance" / "consent" / PERSONA_KEYS_FILE
    place.write_text(text, encoding="utf-8")
