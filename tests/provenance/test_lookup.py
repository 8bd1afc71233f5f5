"""Outputs found by their pictures: the nearest of each row, and quickly in a long ledger."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from masquerade.provenance import ledger
from masquerade.provenance.fingerprint import SCHEME, Print, apart, as_text
from masquerade.provenance.ledger import LedgerRow
from masquerade.provenance.lookup import find


def _row(seq: int, prints: list[Print]) -> LedgerRow:
    body = json.dumps({"fingerprint": {"scheme": SCHEME, "pictures": as_text(prints)}})
    return LedgerRow(seq, f"mql-{seq}", "", "output", "", body, "", "", "")


def _near(bits: bytes, flipped: int) -> bytes:
    """The same with so many bits turned over."""
    whole = np.unpackbits(np.frombuffer(bits, np.uint8))
    whole[:flipped] ^= 1
    return np.packbits(whole).tobytes()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[LedgerRow]:
    rows: list[LedgerRow] = []
    monkeypatch.setattr(ledger, "rows", lambda **_: tuple(rows))
    return rows


def test_each_row_gives_its_nearest_picture_and_share(
    written: list[LedgerRow], rng: np.random.Generator
) -> None:
    first, second, other = (rng.bytes(32) for _ in range(3))
    written += [
        _row(1, [Print(0, other, 90)]),
        _row(2, [Print(4, _near(first, 20), 90), Print(5, _near(second, 3), 90)]),
        _row(3, [Print(7, _near(first, 31), 90), Print(8, first, 10)]),
        _row(4, []),
        _row(5, [Print(9, _near(first, 32), 90)]),
    ]
    looked = [(1, (first, other[::-1])), (2, (other[::-1], second)), (3, (bytes(32),))]
    seen = [
        (one.row.seq, one.distance, one.second, one.output_second, one.turned, round(one.share, 2))
        for one in find(looked)
    ]
    assert seen == [(2, 3, 2, 5, True, 0.67), (3, 31, 1, 7, False, 0.33)]


def test_nothing_written_or_nothing_looked_up_gives_nothing(written: list[LedgerRow]) -> None:
    assert find([(0, (bytes(32),))]) == ()
    written.append(_row(1, [Print(0, bytes(32), 90)]))
    assert find([]) == ()


def test_a_minute_of_video_is_looked_up_among_thousands_of_outputs_in_seconds(
    written: list[LedgerRow], rng: np.random.Generator
) -> None:
    written += [_row(n, [Print(s, rng.bytes(32), 90) for s in range(10)]) for n in range(2000)]
    looked = [(n, [rng.bytes(32)] * 8) for n in range(120)]
    began = time.process_time()
    assert find(looked) == ()
    assert time.process_time() - began < 6  # one row after the other took half a minute


def test_bits_apart_are_counted(rng: np.random.Generator) -> None:
    one = rng.bytes(32)
    others = np.frombuffer(_near(one, 7) + one, np.uint8).reshape(2, 32)
    assert apart(one, others).tolist() == [7, 0]
    assert apart(one, np.zeros((0, 32), np.uint8)).tolist() == []
