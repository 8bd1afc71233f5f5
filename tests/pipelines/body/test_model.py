"""A trained renderer of a body that cannot be opened is told in words."""

from pathlib import Path

import pytest

from masquerade.errors import InputError, ModelError
from masquerade.pipelines.body.model import open_body


def test_a_model_that_is_missing_or_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        open_body(tmp_path / "anna.mbody")
    with pytest.raises(ModelError, match="cannot be read"):
        open_body(tmp_path)


def test_a_picture_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "anna.mbody"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    with pytest.raises(InputError, match="no safetensors file"):
        open_body(path)
