"""Where a result may lie, asked before the work begins."""

from pathlib import Path

import pytest

from masquerade.errors import OutputError, UsageError
from masquerade.pipelines.saving import check_out


def test_a_manifest_of_another_file_is_not_written_over(tmp_path: Path) -> None:
    target = tmp_path / "in.mp4"
    target.touch()
    (tmp_path / "out.c2pa").touch()
    check_out(tmp_path / "out.mp4", target, overwrite=False)  # which holds its own
    with pytest.raises(OutputError, match=r"out\.c2pa exists"):
        check_out(tmp_path / "out.mkv", target, overwrite=True)
    (tmp_path / "out.mkv").touch()
    check_out(tmp_path / "out.mkv", target, overwrite=True)
    with pytest.raises(UsageError, match="exists"):
        check_out(tmp_path / "out.mkv", target, overwrite=False)
