"""The generated tables of the docs, written between markers in the pages of docs/.

    python scripts/docs_tables.py            write them (``make docs``)
    python scripts/docs_tables.py --check    exit code 1 when a page is behind the code

A page holds ``<!-- table: NAME -->`` and ``<!-- end of table -->``; what stands between the two is
made from the code: Options, the registry, the error tree, the model cards and the command line.
"""

from __future__ import annotations

import argparse
import difflib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from masquerade import errors, registry
from masquerade.cli.jobs_asked import READERS
from masquerade.forensics.calibration import calibration
from masquerade.jobs.work import KINDS, kind_of

DOCS = Path(__file__).resolve().parents[1] / "docs"
END = "<!-- end of table -->"
_BLOCK = re.compile(r"(<!-- table: (?P<name>[\w-]+) -->\n).*?(" + re.escape(END) + ")", re.DOTALL)


def methods_table() -> str:
    """One row for each registered method, from its module's declarations."""
    rows = []
    for name in registry.names():
        entry, module = registry.entry(name), registry.get(name)
        uses = module.resources
        rows.append(
            (
                f"[`{name}`](#{name})",
                f"`masquerade {entry.command}`",
                ", ".join(sorted(module.needs)) or "nothing",
                str(module.radius),
                f"{uses.memory_mb} MB, {uses.cpus:g} CPU, {uses.gpus:g} GPU",
                entry.summary,
            )
        )
    return table(
        ("Method", "Command", "Needs", "Neighbours", "One task uses", "What it does"), rows
    )


def method_options() -> str:
    """A section for each method: its summary and the table of its Options."""
    parts = []
    for name in registry.names():
        parts += [f"### {name}", registry.entry(name).summary]
        parts.append(options_table(registry.get(name).Options))
    return "\n\n".join(parts)


def options_table(options: type[BaseModel]) -> str:
    """One row for each field: flag, type, default, range, sentence."""
    rows = [
        (f"`{_flag(name)}`", _kind(field.annotation), _default(field), _range(field), _says(field))
        for name, field in options.model_fields.items()
    ]
    return table(("Flag", "Type", "Default", "Range", "Meaning"), rows)


def errors_table() -> str:
    """One row for each error class, depth first, with its exit code."""
    rows = [
        (
            "&nbsp;" * 4 * depth + f"`{kind.__name__}`",
            str(kind.exit_code),
            (inspect.getdoc(kind) or "").partition("\n")[0],
        )
        for depth, kind in _error_tree(errors.MasqueradeError, 0)
    ]
    return table(("Error", "Exit code", "Raised when"), rows)


def models_table() -> str:
    """One row for each model card: where its weights come from and under which licence."""
    from masquerade.models.card import cards

    rows = [
        (
            f"`{name}`",
            card.task,
            card.source_line,
            _megabytes(card.size_bytes),
            _megabytes(card.sources[0].wheel_bytes),
            card.licence,
        )
        for name, card in sorted(cards().items())
    ]
    return table(("Weights", "What for", "Taken out of", "Size", "Fetched", "Licence"), rows)


def formats_table() -> str:
    """One row for each kind of file that can be written."""
    from masquerade.media.endings import ANIMATION_ENDINGS, STILL_ENDINGS, VIDEO_CONTAINERS

    rows = [
        (
            container.name,
            *_endings(container.endings),
            ", ".join(container.codecs),
            ", ".join(container.alpha_codecs) or "no",
        )
        for container in VIDEO_CONTAINERS
    ]
    rows.append(("Still pictures", *_endings(STILL_ENDINGS), "", ""))
    rows.append(("Animations", *_endings(ANIMATION_ENDINGS), "", ""))
    return table(("File", "Endings", "Manifest", "Codecs", "Keeps transparency"), rows)


def sound_formats_table() -> str:
    """One row for each kind of sound file that can be written."""
    from masquerade.media.sound_containers import SOUND_CODECS, SOUND_CONTAINERS

    rows = []
    for container in SOUND_CONTAINERS:
        codec = SOUND_CODECS[container.codec]
        rates = f"{codec.rates[0]} to {codec.rates[-1]}" if codec.rates else "any"
        rows.append(
            (
                container.name,
                *_endings(container.endings),
                container.codec,
                rates,
                str(codec.most_channels),
                "kept" if container.chapters else "no",
            )
        )
    head = ("File", "Endings", "Manifest", "Codec", "Samples a second", "Channels", "Chapters")
    return table(head, rows)


def _endings(endings: Sequence[str]) -> tuple[str, str]:
    """The endings, and for which of them the manifest lies inside the file."""
    from masquerade.provenance.c2pa.formats import is_embedded

    beside = [ending for ending in endings if not is_embedded(Path(f"out{ending}"))]
    place = "inside" if not beside else "beside the file"
    if beside and len(beside) < len(endings):
        place = f"inside; beside the file for {', '.join(beside)}"
    return ", ".join(endings), place


def encoding_table() -> str:
    """How a file is encoded: the fields of `Encoding`."""
    from masquerade.media.encoding import Encoding

    return options_table(Encoding)


def effects_table() -> str:
    """One row for each effect of ``masquerade edit``, in order of kinds."""
    from masquerade.effects.words import effect, effect_names, summary

    rows = []
    for name, place in effect_names().items():
        found = effect(name)
        low, high = found.RANGE
        words = ", ".join(f"`{word}`" for word in found.WORDS) or "nothing"
        rows.append(
            (f"`{name}`", place.split(".")[-2], f"{low:g} to {high:g}", words, summary(found))
        )
    return table(("Effect", "Kind", "Strength", "May follow", "What it does"), rows)


def presets_table() -> str:
    """One row for each preset of effects."""
    from masquerade.effects.presets import PRESETS

    rows = [
        (f"`{name}`", one.summary, ", ".join(f"`{said}`" for said in one.effects))
        for name, one in PRESETS.items()
    ]
    return table(("Preset", "What it makes", "Stands for"), rows)


def compose_table() -> str:
    """How patches are put into frames: the fields of `ComposeOptions`."""
    from masquerade.compose.blend import ComposeOptions

    return options_table(ComposeOptions)


def gates_table() -> str:
    """The gates of policy, in order, and which are not built yet."""
    from masquerade.provenance.policy import GATES

    rows = [
        (gate.name, "yes" if gate.check else f"absent; planned for {gate.since}") for gate in GATES
    ]
    return table(("What must hold", "Checked"), rows)


def label_languages_table() -> str:
    """The languages of the visible label, with its words."""
    from masquerade.provenance.label import languages, words

    rows = [
        (f"`{said.language}`", said.name, said.modified, said.generated, said.ai)
        for said in map(words, languages())
    ]
    head = ("`--label-language`", "Language", "Changed media", "New media", "Tiny pictures")
    return table(head, rows)


def personas_table() -> str:
    """The personas in the package with their distances, as their proofs state them."""
    from masquerade import personas

    rows = []
    for name in personas.names():
        persona = personas.load(name)
        donors = [donor for donor in persona.proof["recipe"]["donors"] if donor["weight_in_face"]]
        rows.append(
            [
                f"`{name}`",
                persona.looks,
                str(len(donors)),
                f"{persona.nearest_real_face:.3f} of {persona.compared_real_faces}",
                f"{min(persona.proof['other_personas'].values()):.3f}",
            ]
        )
    head = ["Persona", "Looks", "Donors of the face", "Nearest real face", "Nearest persona"]
    return table(head, rows)


def persona_voices_table() -> str:
    """The voices of personas with their distances, as their proofs state them."""
    from masquerade import personas

    rows = []
    for name in personas.voices():
        recipe, _ = personas.load_voice(name)
        rows.append(
            (
                f"`{name}`",
                recipe.sounds,
                f"{recipe.design['pitch_hz']:.0f} Hz",
                f"{recipe.nearest_real_voice:.2f} of {recipe.compared_real_voices}",
                f"{recipe.nearest_persona_voice:.2f}",
            )
        )
    return table(("Persona", "Voice", "Pitch", "Nearest real voice", "Nearest persona"), rows)


def commands_table() -> str:
    """A section for each command of the command line: its sentence, places and flags."""
    from masquerade.cli import build_parser

    listed = [(word, text) for word, text, _ in _commands(build_parser())]
    rows = [(f"[`masquerade {word}`](#masquerade-{word})", text) for word, text in listed]
    parts = [table(("Command", "What it does"), rows)]
    for word, text in listed:
        child = next(item for name, _, item in _commands(build_parser([word])) if name == word)
        parts += _sections(child, f"masquerade {word}", text, 2)
    return "\n\n".join(parts)


def jobs_table() -> str:
    """Kinds of work, the commands that ask for them, and what their files are."""
    commands: dict[str, list[str]] = {"make": ["swap", "edit", "style"]}
    for command, (kind, _) in READERS.items():
        commands.setdefault(kind, []).append(command)
    commands["examine_folder"] = ["examine FOLDER"]
    rows = [
        (
            f"`{name}`",
            ", ".join(f"`{one}`" for one in commands[name]),
            kind_of(name).summary,
            kind_of(name).gives,
        )
        for name in KINDS
    ]
    return table(("Kind", "Command", "What it does", "Kept as"), rows)


def signals_table() -> str:
    """One row for each signal, and for each kind of material on which its worth was tried."""
    rows = []
    for name in registry.names("signals"):
        family = registry.get(name, "signals").family.value
        known = calibration(name)
        weighed = {one.name for one in known.bins} if known else set()
        for kind, words in known.by_kind if known else ():
            told = words if kind in weighed or "ot weighed" in words else f"{words} Not weighed."
            rows.append((f"`{name}`", family, kind, told))
        if known is None:
            rows.append((f"`{name}`", family, "", "not weighed; see above"))
        elif not known.by_kind:
            rows.append((f"`{name}`", family, ", ".join(sorted(weighed)), known.error_rate))
    return table(("Signal", "Family", "Material", "How well it does"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "personas": personas_table,
    "persona-voices": persona_voices_table,
    "methods": methods_table,
    "method-options": method_options,
    "errors": errors_table,
    "models": models_table,
    "commands": commands_table,
    "compose": compose_table,
    "effects": effects_table,
    "presets": presets_table,
    "encoding": encoding_table,
    "formats": formats_table,
    "sound-formats": sound_formats_table,
    "gates": gates_table,
    "jobs": jobs_table,
    "signals": signals_table,
    "label-languages": label_languages_table,
}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table.

    Example:
        >>> print(table(("a", "b"), [("1", "2")]))
        | a | b |
        |---|---|
        | 1 | 2 |
    """
    lines = [head, *rows]
    cells = [[" ".join(cell.replace("|", "\\|").split()) for cell in line] for line in lines]
    text = ["| " + " | ".join(line) + " |" for line in cells]
    return "\n".join([text[0], "|" + "---|" * len(head), *text[1:]])


def fill(page: str) -> str:
    """The page with every table made anew.

    Raises:
        KeyError: The page asks for a table that does not exist.
    """
    return _BLOCK.sub(lambda m: f"{m[1]}\n{TABLES[m['name']]()}\n\n{m[3]}", page)


def behind(docs: Path) -> Iterator[tuple[Path, str, str]]:
    """(page, text as it is, text as it should be) of each page that is behind the code."""
    for path in sorted(docs.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        fresh = fill(text)
        if fresh != text:
            yield path, text, fresh


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _kind(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    inner = [part for part in get_args(kind) if part not in (type(None), ...)]
    if get_origin(kind) in (tuple, list):
        return f"{_kind(inner[0])}, may be given several times"
    if inner:
        return " or ".join(_kind(part) for part in inner)
    words = {bool: "yes or no", int: "whole number", float: "number", str: "text", Path: "file"}
    return words.get(kind, getattr(kind, "__name__", str(kind)))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value == () or value == "":
        return "none"
    return f"`{value}`"


def _range(field: FieldInfo) -> str:
    words = {"ge": "from {}", "gt": "above {}", "le": "to {}", "lt": "below {}"}
    return " ".join(
        text.format(getattr(bound, name))
        for name, text in words.items()
        for bound in field.metadata
        if getattr(bound, name, None) is not None
    )


def _says(field: FieldInfo) -> str:
    return field.description or ""


def _error_tree(
    kind: type[errors.MasqueradeError], depth: int
) -> Iterator[tuple[int, type[errors.MasqueradeError]]]:
    yield depth, kind
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from _error_tree(below, depth + 1)


def _sections(
    parser: argparse.ArgumentParser, name: str, summary: str, level: int
) -> Iterator[str]:
    """Heading, sentence, arguments and flags of one command, then of its own commands."""
    yield f"{'#' * level} {name}"
    yield _sentence(parser.description or summary)
    below = _commands(parser)
    actions = [item for item in parser._actions if item.dest != "help" and not _is(item)]
    places = [item for item in actions if not item.option_strings]
    flags = [item for item in actions if item.option_strings and item.dest != "json"]
    if below:
        yield table(("Command", "What it does"), [(f"`{word}`", text) for word, text, _ in below])
    if places:
        yield table(("Argument", "Meaning"), [(f"`{_place(a)}`", _help(a)) for a in places])
    if flags:
        yield table(
            ("Flag", "Value", "Meaning"),
            [(", ".join(f"`{f}`" for f in a.option_strings), _value(a), _help(a)) for a in flags],
        )
    for word, text, child in below:
        yield from _sections(child, f"{name} {word}", text, min(level + 1, 4))


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _is(action: argparse.Action) -> bool:
    return isinstance(action, argparse._SubParsersAction)


def _commands(
    parser: argparse.ArgumentParser,
) -> list[tuple[str, str, argparse.ArgumentParser]]:
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {item.dest: item.help or "" for item in action._choices_actions}
            for word, child in action.choices.items():
                found.append((word, helps.get(word, child.description or ""), child))
    return found


def _place(action: argparse.Action) -> str:
    if action.choices is not None:
        return " | ".join(str(choice) for choice in action.choices)
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    several = "..." if action.nargs in ("+", "*") and "..." not in name else ""
    return f"{name}{several}"


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return ", ".join(f"`{choice}`" for choice in action.choices)
    name = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    return f"`{name}`"


def _help(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")


def main(arguments: list[str]) -> int:
    """0 when every page is in step (now), 1 when `--check` found one that is not."""
    late = list(behind(DOCS))
    for path, text, fresh in late:
        name = path.relative_to(DOCS.parent).as_posix()
        if "--check" in arguments:
            print(
                "".join(difflib.unified_diff(_lines(text), _lines(fresh), name, f"{name} (made)"))
            )
        else:
            path.write_text(fresh, encoding="utf-8")
            print(f"written: {name}")
    if "--check" in arguments and late:
        print(f"docs: {len(late)} pages are behind the code; run `make docs`")
        return 1
    print("docs: every table is in step with the code")
    return 0


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
