import math
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from masquerade.errors import UsageError
from masquerade.train.history import (
    Entry,
    curves,
    open_tensorboard,
    read_history,
    write_history,
)

ROWS = [
    Entry(100, 20.0, 4.0, 5.0, stalled=0.01),
    Entry(200, 40.0, 2.0, 3.0, 0.7, 0.08, 0.09),
    Entry(300, 60.0, 1.0, 2.0, 0.6),
]


def test_rows_come_back_up_to_an_iteration(tmp_path: Path) -> None:
    write_history(tmp_path, ROWS)

    found = read_history(tmp_path, until=200)

    assert [one.step for one in found] == [100, 200]
    assert astuple(found[1]) == astuple(ROWS[1])
    assert math.isnan(found[0].dssim_source)
    assert (tmp_path / "losses.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("text", ["", "step\nx", "step\n1,2,3,4,5,6,7,8,9,10,11", "9" * 200_000])
def test_a_table_that_cannot_be_read_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "losses.csv").write_text(text, encoding="utf-8")
    assert read_history(tmp_path, until=9) == []


def test_curves_fall_where_losses_do() -> None:
    page = curves(ROWS)
    where = np.argwhere((page == (30, 110, 200)).all(axis=2))  # the source's ink
    where = where[where[:, 0] > 30]  # below its name

    assert page.shape == (480, 960, 3)
    early, late = where[where[:, 1] < 420], where[where[:, 1] > 800]
    assert early[:, 0].mean() < late[:, 0].mean()


def test_curves_show_where_phases_begin_and_enclose_every_value() -> None:
    plain, marked = curves(ROWS), curves(ROWS, iterations=400)

    changed = np.argwhere((plain != marked).any(axis=2))
    assert len(changed)
    assert changed[:, 1].min() > 600  # 220 of 300 iterations: the second phase, and no earlier one
    odd = [Entry(1, 1.0, 0.011, 0.49), Entry(2, 2.0, 0.0101, 0.51)]
    assert (curves(odd)[28:38, 80:] == 250).all()  # nothing is drawn above the highest step


def test_tensorboard_that_is_not_installed_is_told(tmp_path: Path) -> None:
    try:
        import tensorboard
    except ImportError:
        with pytest.raises(UsageError, match="not installed"):
            open_tensorboard(tmp_path)
    else:
        pytest.skip(f"TensorBoard {tensorboard.__version__} is installed")
