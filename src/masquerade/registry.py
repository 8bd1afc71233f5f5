"""Methods and signals by name: a file in ``generate/`` is a method, its name the file's name.

A method module declares, at its top level:

- ``Options``: its frozen `masquerade.options.Options`;
- ``needs``: a frozenset of `masquerade.types.Need`, all the pipeline supplies;
- ``radius``: how many neighbouring frames it wants on each side;
- ``resources``: a `masquerade.types.Resources`;
- ``prepare(cast, options, *, device)``: gives back the `masquerade.types.Generator` of one job;
  ``cast`` maps each `Face.person` to the `SourcePicture` tuple that stands for them, which is
  empty where the method takes no source.

It may declare ``takes``, the roles of its input files (``("source", "target")`` when it does not
say), ``preferred = True`` where it is the one its command uses when none is named, and
``pictures``, how many pictures of a source video it makes use of, of every expression; without it a
few calm ones are taken. Where much of ``prepare`` is the same whatever the options, ``study(cast)``
may give that, for ``prepare`` to take in the cast's place: it is then done once for a job in which
shots have options of their own. A method that runs networks which users bring declares
``networks(options)``, which gives the `masquerade.types.NetworkUse` of each, for the manifest and
the ledger, and its ``prepare`` takes them as ``networks`` and refuses any other. One that reads
faces itself, say those it has drawn, declares ``reads = True``, and its ``prepare`` takes the face
networks as ``reader``. One whose options name a file that stands for the source declares
``sources(options)``, which gives such files. One that has a kind of source file to itself declares
``endings``; its command then uses it for such files where no method is named. One that changes how
somebody in the target looks declares ``portrays_target = True``: they have to consent as if they
lent their face. One that shows a source as somebody in the target moves declares ``performs_target
= True``: whoever is replaced has to consent, as a performer. One that lends more of a person than
the face says so with ``lends = "body"``; records then have to cover that. One that hides who is in
the target declares ``conceals = True``; a pipeline of its own alone leads to it, which leaves out
what the file says of them. One that works with networks or files besides those that read faces
declares ``models(options)``, which gives name and SHA-256 of each, for manifest and ledger. One
whose options take words of its own, such as names of styles, declares ``vocabulary()``, which gives
each with a sentence; it is called only where they are shown. One whose options name files in such
words declares ``files(options)``, which gives them, so that no output is written over one. One that
changes the very face that is there, and whose patches are to leave out what lies in front of it,
declares ``stays_behind = True``.

A method of sound declares ``makes = "sound"``, with ``radius = 0``; its ``prepare(cast, options, *,
device)`` gives back a `masquerade.types.SoundGenerator`, and what the ``cast`` holds is between it
and the pipeline that calls it. It has no flags of the picture commands: its own command names it.
A method whose result no trained network had a part in declares ``learned = False``, which the
manifest's digital source type goes by.

A signal is a file in ``forensics/signals/``, and declares ``Options`` (a frozen
`masquerade.options.Options`), ``family`` (a `masquerade.forensics.evidence.Family`), ``limits``
(what it cannot tell, in a sentence) and ``examine(sample, options)``, which gives its
`masquerade.forensics.evidence.Evidence`.

The part of a method's name before the first underscore is the command it belongs to: ``swap_mesh``
and ``swap_appearance`` are both reached by ``masquerade swap``, chosen by ``--method``. Other
packages add methods through the entry-point group ``masquerade.methods``, and signals through
``masquerade.signals``.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final, Literal

from masquerade.errors import UsageError

if TYPE_CHECKING:
    from masquerade.options import Options
    from masquerade.types import Modality, NetworkUse, Role

GROUPS: Final = {"methods": "masquerade.generate", "signals": "masquerade.forensics.signals"}
_REQUIRED: Final = {
    "methods": ("Options", "needs", "radius", "resources", "prepare"),
    "signals": ("Options", "family", "limits", "examine"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A method or signal that exists, known without importing it.

    Attributes:
        name: File name without ending, or entry-point name.
        module: Dotted module to import.
        summary: First line of the module's docstring.
        package: The other package it comes from; empty for Masquerade's own.
        version: Of that package.
    """

    name: str
    module: str
    summary: str
    package: str = ""
    version: str = ""

    @property
    def command(self) -> str:
        """The command line's word for it: the name up to the first underscore."""
        return self.name.partition("_")[0]


def names(group: str = "methods") -> list[str]:
    """Sorted names of all methods (or signals), without importing any.

    Example:
        >>> "swap_mesh" in names()
        True
    """
    return sorted(_entries(group))


def entry(name: str, group: str = "methods") -> Entry:
    """The entry of that name.

    Raises:
        UsageError: There is none; the message lists what there is.
    """
    found = _entries(group)
    if name not in found:
        raise UsageError(
            f"no {group[:-1]} is named {name!r}",
            "one of " + ", ".join(sorted(found)),
            f"see `masquerade {group}`",
        )
    return found[name]


def origin(name: str, group: str = "methods") -> str:
    """Whose method (or signal) it is, in words: ``Masquerade``, or another package and its version.

    Example:
        >>> origin("swap_mesh")
        'Masquerade'
    """
    found = _entries(group).get(name)
    if found is None:
        return "not installed here, so not known"
    if not found.package:
        return "Masquerade"
    return f"{found.package} {found.version}, another package: not a part of Masquerade"


def get(name: str, group: str = "methods") -> ModuleType:
    """The imported module of a method, checked to declare all a method declares.

    Raises:
        UsageError: No such method, or its module cannot be imported or lacks a declaration.
    """
    found = entry(name, group)
    try:
        module = importlib.import_module(found.module)
    except (ImportError, SyntaxError) as error:
        raise UsageError(
            f"the {group[:-1]} {name} cannot be imported: {error}",
            todo="install what it needs, or take it away",
        ) from error
    required = _REQUIRED[group]
    missing = [what for what in required if not hasattr(module, what)]
    if missing:
        raise UsageError(
            f"{module.__name__} does not declare {', '.join(missing)}",
            f"a module of a {group[:-1]} declares " + ", ".join(required),
        )
    return module


def commands(group: str = "methods") -> dict[str, list[Entry]]:
    """Methods grouped by the command that reaches them, sorted."""
    grouped: dict[str, list[Entry]] = {}
    for _, found in sorted(_entries(group).items()):
        grouped.setdefault(found.command, []).append(found)
    return grouped


def preferred(command: str) -> str:
    """The method a command uses when none is named: the one that says so, else the first."""
    entries = commands()[command]
    chosen = (entry for entry in entries if getattr(get(entry.name), "preferred", False))
    return next(chosen, entries[0]).name


def suited(command: str, words: Iterable[str]) -> str:
    """The method a command uses when none is named: by the files it is given, else the preferred.

    Args:
        command: Such as ``swap``.
        words: Of the command line, files among them.

    Example:
        >>> suited("swap", ["ada.mface", "clip.mp4"])
        'swap_appearance'
    """
    given = {Path(word).suffix.lower() for word in words} - {""}
    for one in commands()[command]:
        if given & getattr(get(one.name), "endings", frozenset()):
            return one.name
    return preferred(command)


def pictures(module: ModuleType) -> int:
    """How many pictures of a source video a method makes use of; 0: a few calm ones will do."""
    count: int = getattr(module, "pictures", 0)
    return count


def portrays_target(module: ModuleType) -> bool:
    """Whether those in the target whom a method changes have to consent to it."""
    return bool(getattr(module, "portrays_target", False))


def stays_behind(module: ModuleType) -> bool:
    """Whether a method changes the face that is there, and nothing that lies in front of it."""
    return bool(getattr(module, "stays_behind", False))


def performs_target(module: ModuleType) -> bool:
    """Whether those in the target whom a method replaces have to consent as performers."""
    return bool(getattr(module, "performs_target", False))


def lends(module: ModuleType) -> Modality:
    """What of a person a method shows that makes pictures: the face, or the whole body."""
    lent: Modality = getattr(module, "lends", "face")
    return lent


def models(module: ModuleType, options: Options) -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of each network and file that a method works with, besides face networks.

    Raises:
        UsageError: One is needed and not named, or not there.
    """
    named: tuple[tuple[str, str], ...] = module.models(options) if hasattr(module, "models") else ()
    return named


def vocabulary(module: ModuleType) -> Mapping[str, str]:
    """Words that a method's options take besides plain values, each with what it is."""
    declared = getattr(module, "vocabulary", None)
    return dict(declared()) if declared else {}


def networks(module: ModuleType, options: Options) -> tuple[NetworkUse, ...]:
    """The networks that a user brings to a method with these options.

    Raises:
        UsageError: One is needed and not named, or not there.
        ModelError: One is not what its card says.
    """
    declared = getattr(module, "networks", None)
    return tuple(declared(options)) if declared else ()


def sources(module: ModuleType, options: Options) -> tuple[Path, ...]:
    """The files that stand for the source by a method's own options, such as a trained model."""
    declared = getattr(module, "sources", None)
    return tuple(declared(options)) if declared else ()


def files(module: ModuleType, options: Options) -> tuple[Path, ...]:
    """Files that the options of a method name, which nothing may be written over.

    A method whose options name files in words of their own declares ``files(options)``.
    """
    declared = getattr(module, "files", None)
    named: tuple[Path, ...] = declared(options) if declared else ()
    return (*named, *(value for _, value in options if isinstance(value, Path)))


def takes(module: ModuleType) -> tuple[Role, ...]:
    """The roles of the files a method works on."""
    roles: tuple[Role, ...] = getattr(module, "takes", ("source", "target"))
    return roles


def makes(module: ModuleType) -> Literal["pictures", "sound"]:
    """Whether a method makes patches for pictures, or sound."""
    made: Literal["pictures", "sound"] = getattr(module, "makes", "pictures")
    return made


def learned(name: str) -> bool:
    """Whether a trained network has a part in what a method makes; of one unknown, it has.

    Example:
        >>> learned("voice_disguise")
        False
    """
    try:
        return bool(getattr(get(name), "learned", True))
    except UsageError:
        return True


def _entries(group: str) -> dict[str, Entry]:
    found = {
        item.name: Entry(item.name, item.module, _summary(item.module), *_distribution(item))
        for item in _offered(f"masquerade.{group}", tuple(sys.path))
    }
    package = GROUPS[group]
    for name, path in _modules(package):
        found[name] = Entry(name, f"{package}.{name}", _docstring_line(path))
    return found


@cache
def _offered(group: str, _path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """What installed packages declare; each metadata file on the path is read for it, so once."""
    return tuple(entry_points(group=group))


def _distribution(item: EntryPoint) -> tuple[str, str]:
    """Name and version of the package that adds an entry point."""
    if item.dist is None:
        return item.module.partition(".")[0], "unknown"
    return item.dist.name, item.dist.version


def _modules(package: str) -> list[tuple[str, Path]]:
    """(name, file) of each public module of a package; none where the package is not there."""
    parent, _, _ = package.rpartition(".")
    spec = find_spec(package) if find_spec(parent) else None
    places = list(spec.submodule_search_locations or []) if spec else []
    return [
        (module.name, Path(place) / f"{module.name}.py")
        for place in places
        for module in pkgutil.iter_modules([place])
        if not module.name.startswith("_") and not module.ispkg
    ]


def _summary(module: str) -> str:
    try:
        spec = find_spec(module)
    except (ImportError, SyntaxError, ValueError) as error:  # its package is gone or broken
        return f"cannot be used: {error}"
    return _docstring_line(Path(spec.origin)) if spec and spec.origin else ""


@cache
def _docstring_line(path: Path) -> str:
    """First line of a file's docstring, by reading it: importing every method would be slow.

    One method that cannot be read must not stop the commands that do not need it.
    """
    try:
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    except SyntaxError as error:
        return f"cannot be used: {error.msg} in line {error.lineno} of {path.name}"
    except (OSError, ValueError) as error:  # no permission, or not text at all
        return f"cannot be used: {error} ({path.name})"
    return doc.partition("\n")[0].strip()
