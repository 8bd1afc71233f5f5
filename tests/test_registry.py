"""The registry: files of a package are its methods, told without importing them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import masquerade.generate
from masquerade import registry
from masquerade.errors import UsageError

WHOLE = '''"""Paints {name}."""
from masquerade.options import Options
from masquerade.types import Resources
needs = frozenset()
radius = 0
resources = Resources()
def prepare(cast, options, *, device="cpu"):
    return lambda windows: iter(())
'''


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose files count as files of ``generate/``."""
    masquerade.generate.__path__.append(str(tmp_path))
    yield tmp_path
    masquerade.generate.__path__.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("masquerade.generate.glow")]:
        del sys.modules[name]


def test_a_new_file_is_a_method_without_being_imported(folder: Path) -> None:
    (folder / "glow_soft.py").write_text('"""Paints a soft glow.\n\nMore."""\nraise OSError\n')

    assert "glow_soft" in registry.names()
    entry = registry.entry("glow_soft")
    assert entry.module == "masquerade.generate.glow_soft"
    assert entry.summary == "Paints a soft glow."
    assert entry.command == "glow"


def test_private_files_and_folders_are_no_methods(folder: Path) -> None:
    (folder / "_glow.py").write_text("")
    (folder / "glows").mkdir()
    (folder / "glows" / "__init__.py").write_text("")

    assert not {"_glow", "glow", "glows"} & set(registry.names())


def test_methods_of_one_command_stand_together(folder: Path) -> None:
    for name in ("glow_soft", "glow_hard"):
        (folder / f"{name}.py").write_text(WHOLE.format(name=name))

    assert [entry.name for entry in registry.commands()["glow"]] == ["glow_hard", "glow_soft"]
    assert registry.preferred("glow") == "glow_hard"


def test_a_method_may_say_that_it_is_the_preferred_one(folder: Path) -> None:
    (folder / "glow_hard.py").write_text(WHOLE.format(name="hard"))
    (folder / "glow_soft.py").write_text(WHOLE.format(name="soft") + "preferred = True\n")

    assert registry.preferred("glow") == "glow_soft"


def test_a_method_takes_source_and_target_unless_it_says_otherwise(folder: Path) -> None:
    (folder / "glow_all.py").write_text(WHOLE.format(name="all"))
    (folder / "glow_one.py").write_text(WHOLE.format(name="one") + "takes = ('target',)\n")

    assert registry.takes(registry.get("glow_all")) == ("source", "target")
    assert registry.takes(registry.get("glow_one")) == ("target",)


def test_a_module_that_declares_too_little_is_refused(folder: Path) -> None:
    (folder / "glow_bare.py").write_text('"""Paints nothing."""\nradius = 0\n')

    with pytest.raises(UsageError, match="does not declare Options, needs, resources, prepare"):
        registry.get("glow_bare")


def test_a_method_that_cannot_be_read_stops_no_other(folder: Path) -> None:
    (folder / "glow_torn.py").write_text('"""Paints."""\ndef (:\n')
    (folder / "glow_poor.py").write_text('"""Paints a poor glow."""\nimport no_such_library\n')
    (folder / "glow_odd.py").write_bytes(b'"""Paints in Latin-1: \xe9."""\n')

    assert "(glow_odd.py)" in registry.entry("glow_odd").summary
    assert "line 2 of glow_torn.py" in registry.entry("glow_torn").summary
    assert registry.entry("glow_poor").summary == "Paints a poor glow."
    for name in ("glow_torn", "glow_poor", "glow_odd"):
        with pytest.raises(UsageError, match=f"the method {name} cannot be imported"):
            registry.get(name)
    assert registry.get("swap_mesh")


def test_an_entry_point_whose_package_is_gone_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "gone-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: gone\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[masquerade.methods]\nglow = gone_package.glow\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert "swap_mesh" in registry.names()
    assert "No module named 'gone_package'" in registry.entry("glow").summary
    assert registry.origin("glow") == "gone 1.0, another package: not a part of Masquerade"
    assert registry.origin("swap_mesh") == "Masquerade"
    assert "not installed" in registry.origin("no_such_method")
    with pytest.raises(UsageError, match="cannot be imported"):
        registry.get("glow")


def test_an_entry_point_whose_package_is_broken_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about, package = tmp_path / "torn-1.0.dist-info", tmp_path / "torn_package"
    about.mkdir()
    package.mkdir()
    (package / "__init__.py").write_text("from masquerade import no_such_thing\n")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[masquerade.methods]\nglow = torn_package.glow\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert "cannot be used" in registry.entry("glow").summary
    assert registry.get("swap_mesh")


def test_what_is_installed_is_read_once_for_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, read = [], registry.entry_points
    monkeypatch.setattr(
        registry, "entry_points", lambda group: asked.append(group) or read(group=group)
    )
    monkeypatch.syspath_prepend(tmp_path)

    for _ in range(2):
        registry.commands()
        registry.preferred("swap")

    assert asked == ["masquerade.methods"]


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"no method is named 'glow'.*swap_mesh"):
        registry.entry("glow")
    with pytest.raises(UsageError, match="no signal is named"):
        registry.entry("glow", "signals")


def test_files_of_a_methods_own_kind_choose_it() -> None:
    assert registry.suited("swap", ["Ada.MFACE", "clip.mp4", "-o", "out.mp4"]) == "swap_appearance"
    assert registry.suited("swap", ["ada.jpg", "clip.mp4"]) == registry.preferred("swap")
