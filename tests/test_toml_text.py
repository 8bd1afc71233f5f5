"""TOML that users bring: the same tables as from the standard library, hostile keys refused."""

import time
import tomllib

import pytest

from masquerade.toml_text import read_toml, toml_value

GOOD = '''
a.b."c.d".'e.f' = 1.5  # 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18
words = "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s \\" ."
more = """ ... ... ... ... ... ...
 x.y \\""" . """
raw = \'\'\'....................\'\'\'
area = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8], [0.9, 1.0], [1.1, 1.2]]
inside = { x.y = 1.5, z = "." }
[[shot]]
number = 1
'''


def test_ordinary_texts_give_the_same_tables() -> None:
    assert read_toml(GOOD) == tomllib.loads(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        "a." * 100_000 + "a = 1",
        "[" + "a." * 100_000 + "a]",
        "[[" + "a . " * 100_000 + "a]]",
        "x = {" + "a." * 100_000 + "a = 1}",
        '"="."#".' * 50_000 + "a = 1",
        "'['." * 100_000 + "a = 1",
        "a = [{" + "a." * 100_000 + "a = 1}]",
        'x = """' + "." * 10 + '"""\n' + "a." * 100_000 + "a = 1",
        "[" * 100_000,
        '"' + '\\"' * 100_000,
        '"""' * 100_001,
        "a = " + "9" * 10_000,
    ],
)
def test_what_would_take_minutes_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        read_toml(text)
    assert time.process_time() - began < 2


def test_a_long_key_is_told_with_its_line() -> None:
    with pytest.raises(ValueError, match=r"more than 16 parts \(line 2\)"):
        read_toml("x = 1\n" + "a." * 16 + "a = 1")
    assert read_toml("a." * 15 + "a = 1")


@pytest.mark.parametrize(
    "value", ['a "b" \\ \n\t\x7f\x00 é', 1.5, 3, True, False, ["a", "\x7f"], [0.0, 1e-05, 2.0]]
)
def test_values_come_back(value: object) -> None:
    assert tomllib.loads(f"x = {toml_value(value)}") == {"x": value}
