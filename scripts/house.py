"""House rules that no ready-made linter knows, as checks on the syntax tree.

    python scripts/house.py [ROOT]

Prints one line per broken rule and ends with exit code 1 if there is any. Functions longer than
the advised length are only counted: they are a reason to look, not to fail. The rules are those
of CONTRIBUTING.md; `tests/house/test_house.py` shows that each of them can fail.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MODULE_LINES = 600
FUNCTION_LINES = 80
ADVISED_LINES = 40

CODE_FOLDERS = ("src", "tests", "benchmarks", "scripts", "examples", "train")
TEXT_FOLDERS = ("docs", ".ci")
TEXT_ENDINGS = {".md", ".toml", ".cfg", ".sh", ".txt", ".html", ".css", ".js", ""}

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "base", "misc"}
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
RUNTIMES = {
    "ai_edge_litert",
    "ctranslate2",
    "dlib",
    "ncnn",
    "onnxruntime",
    "pocketsphinx",
    "tensorflow",
    "tflite_runtime",
    "torch",
}
# Where in the package each outside library may be imported; a prefix of the path below src/.
HOMES = {
    **dict.fromkeys(RUNTIMES, ("masquerade/models/", "masquerade/train/")),
    "av": ("masquerade/media/",),
    "PIL": ("masquerade/media/", "masquerade/provenance/label/"),
    "ray": ("masquerade/distributed/ray.py",),
}
# OpenCV can read and write files too; only media/ may, or there would be a second way out.
SIDE_DOORS = {"imwrite", "imwritemulti", "VideoWriter", "imread", "VideoCapture"}
WRITER = "masquerade.media.write"
PUBLISHER = "masquerade.provenance.publish"
SEAL = "masquerade/provenance/seal.py"
# What the writer is made of, as the import contract "writer-parts" lists it too.
WRITER_PARTS = (
    "alongside",
    "gif",
    "join",
    "png",
    "segment",
    "sound_encoder",
    "webp",
    "write_animations",
    "write_sound",
    "write_stills",
)
WRITING = re.compile(r"(?:write|encode|save|join)(?:_|$)")

MACHINE_PATH = re.compile(
    r"(?<![\w.\-/~$}])/(?:work|tmp|root|home|Users)/[\w.]" + r"|\b[A-Z]:\\{1,2}Users\b"
)
REGISTRY_HOST = re.compile(r"\b(?:pypi\.(?:org|python\.org)|pythonhosted\.(?:org|com))\b")
UNFINISHED = re.compile(r"#.*\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule at one place; `rule` is a short fixed name."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: [{self.rule}] {self.message}"


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: `path` is relative to `root`, `package_path` to src/ (empty outside).

    `torn` says where it is not Python; the tree is empty then.
    """

    root: Path
    path: str
    package_path: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    torn: SyntaxError | None = None


def function_length(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    r"""Lines of code of a function: without docstring, blank lines and comments.

    Example:
        >>> text = "def f():\n    '''Doc.'''\n\n    # why\n    return 1"
        >>> function_length(ast.parse(text).body[0], text.splitlines())
        2
    """
    skipped: set[int] = set()
    if ast.get_docstring(node, clean=False) is not None:
        doc = node.body[0]
        skipped = set(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    return sum(
        1
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if number not in skipped
        and (line := lines[number - 1].strip())
        and not line.startswith("#")
    )


def whole(module: Module) -> Iterator[Finding]:
    """A finding for a file that is not Python."""
    if module.torn:
        yield Finding(module.path, module.torn.lineno or 1, "syntax", module.torn.msg)


def module_length(module: Module) -> Iterator[Finding]:
    """A finding for a file over `MODULE_LINES`."""
    count = len(module.text.splitlines())
    if count > MODULE_LINES:
        yield Finding(
            module.path, 1, "module-length", f"{count} lines; at most {MODULE_LINES}: split it"
        )


def function_lengths(module: Module) -> Iterator[Finding]:
    """A finding for each function over `FUNCTION_LINES`."""
    for node, count in _functions(module):
        if count > FUNCTION_LINES:
            yield Finding(
                module.path,
                node.lineno,
                "function-length",
                f"{node.name} has {count} lines of code; at most {FUNCTION_LINES}: name its steps",
            )


def no_global(module: Module) -> Iterator[Finding]:
    """A finding for each ``global`` statement."""
    for node in module.nodes:
        if isinstance(node, ast.Global):
            yield Finding(
                module.path, node.lineno, "global", f"global {', '.join(node.names)}: pass it along"
            )


def no_pickle(module: Module) -> Iterator[Finding]:
    """A finding for each way to unpickle: the modules, NumPy's flag, a lax ``torch.load``."""
    for line, name in _imports(module):
        if name.partition(".")[0] in PICKLES:
            yield Finding(module.path, line, "pickle", f"{name} runs code from files")
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        flags = {word.arg: word.value for word in node.keywords if word.arg}
        if _is_true(flags.get("allow_pickle")):
            yield Finding(module.path, node.lineno, "pickle", "allow_pickle=True")
        if _dotted(node.func) == "torch.load" and not _is_true(flags.get("weights_only")):
            yield Finding(module.path, node.lineno, "pickle", "torch.load needs weights_only=True")


def plain_names(module: Module) -> Iterator[Finding]:
    """A finding for a file or folder name that says nothing, such as ``utils``."""
    for part in Path(module.path).with_suffix("").parts:
        vague = part in VAGUE_NAMES or part.rpartition("_")[2] in VAGUE_NAMES - {"base"}
        if vague:
            yield Finding(module.path, 1, "vague-name", f"{part!r}: name the thing itself")


def libraries_at_home(module: Module) -> Iterator[Finding]:
    """A finding for each import of a runtime, PyAV, Pillow or Ray outside its one place."""
    if not module.package_path:
        return
    for line, name in _imports(module):
        homes = HOMES.get(name.partition(".")[0])
        if homes and not module.package_path.startswith(homes):
            yield Finding(
                module.path, line, "library-home", f"{name} belongs in {' or '.join(homes)} only"
            )


def one_way_out(module: Module) -> Iterator[Finding]:
    """A finding for each use of the writer outside seal.py, by whatever name."""
    if not (module.package_path or module.path.startswith("examples/")):
        return
    if module.package_path not in (SEAL, *_WRITER_FILES):
        named = [(line, name) for line, name in _imports(module, from_names=True)]
        named += [
            (node.lineno, node.value)
            for node in module.nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        for line in sorted({line for line, name in named if _is_writer(name)}):
            yield Finding(module.path, line, "one-way-out", f"that is called by {SEAL} alone")


def no_side_door(module: Module) -> Iterator[Finding]:
    """A finding for each other way to write media: OpenCV, or an unlisted part of the writer."""
    if module.package_path.startswith("masquerade/media/"):
        if module.package_path not in _WRITER_FILES:
            for node in module.tree.body:
                if isinstance(node, ast.FunctionDef) and WRITING.match(node.name):
                    text = f"{node.name}: a module that writes belongs in WRITER_PARTS"
                    yield Finding(module.path, node.lineno, "side-door", text)
    elif module.package_path:
        doors = {f"cv2.{name}" for name in SIDE_DOORS}
        for used in module.nodes:
            if isinstance(used, ast.Attribute) and _dotted(used) in doors:
                text = f"{_dotted(used)}: files are media/'s"
                yield Finding(module.path, used.lineno, "side-door", text)


def not_by_the_front_door(module: Module) -> Iterator[Finding]:
    """A finding for each public name that the package itself takes from its own ``__init__``.

    Such a name may lie in any layer, and import contracts would not see it.
    """
    package = module.root / "src" / "masquerade"
    for node in module.nodes:
        if not (module.package_path and isinstance(node, ast.ImportFrom)):
            continue
        if node.module != "masquerade":
            continue
        for alias in node.names:
            place = package / alias.name
            inside = place.is_dir() or place.with_suffix(".py").is_file()
            if not inside and alias.name != "__version__":
                text = f"import {alias.name} from the module it lies in"
                yield Finding(module.path, node.lineno, "front-door", text)


def plain_text(path: str, text: str) -> Iterator[Finding]:
    """A finding for each machine path, registry host and unfinished mark in a text."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := MACHINE_PATH.search(line):
            yield Finding(path, number, "machine-path", f"{found.group()!r} is one machine's path")
        if found := REGISTRY_HOST.search(line):
            yield Finding(path, number, "registry-host", f"{found.group()!r}: name the index only")
        if path.endswith(".py") and UNFINISHED.search(line):
            yield Finding(path, number, "unfinished", "finish it, or open an issue")


RULES: tuple[Callable[[Module], Iterator[Finding]], ...] = (
    whole,
    module_length,
    function_lengths,
    no_global,
    no_pickle,
    plain_names,
    libraries_at_home,
    one_way_out,
    no_side_door,
    not_by_the_front_door,
)


def check(root: Path) -> list[Finding]:
    """Every broken rule below `root`, sorted by place."""
    findings: list[Finding] = []
    for module in modules(root):
        for rule in RULES:
            findings.extend(rule(module))
        findings.extend(plain_text(module.path, module.text))
    for path in _texts(root):
        findings.extend(plain_text(path.relative_to(root).as_posix(), path.read_text("utf-8")))
    return sorted(findings, key=lambda found: (found.path, found.line, found.rule))


def long_functions(root: Path) -> list[str]:
    """Functions over the advised length, longest first, as lines to print."""
    found = [
        (count, f"{module.path}:{node.lineno}: {node.name} has {count} lines of code")
        for module in modules(root)
        for node, count in _functions(module)
        if count > ADVISED_LINES
    ]
    return [text for _, text in sorted(found, reverse=True)]


def modules(root: Path) -> Iterator[Module]:
    """Every Python file of the code folders below `root`."""
    for folder in CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            text = path.read_text(encoding="utf-8")
            inside = name.removeprefix("src/") if name.startswith("src/") else ""
            try:
                tree = ast.parse(text, filename=name)
                yield Module(root, name, inside, text, tree, tuple(ast.walk(tree)))
            except SyntaxError as error:
                yield Module(root, name, inside, text, ast.Module([], []), (), error)


def _texts(root: Path) -> Iterator[Path]:
    places = [path for path in root.glob("*") if path.is_file()]
    for folder in TEXT_FOLDERS:
        places += sorted((root / folder).rglob("*"))
    for path in places:
        named = path.suffix in TEXT_ENDINGS and not path.name.startswith(".coverage")
        if path.is_file() and named:
            yield path


def _functions(
    module: Module,
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    lines = module.text.splitlines()
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, function_length(node, lines)


def _imports(module: Module, *, from_names: bool = False) -> Iterator[tuple[int, str]]:
    """(line, dotted module) of each import; with `from_names`, also module.name of ``from``."""
    for node in module.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            if from_names:
                for alias in node.names:
                    yield node.lineno, f"{node.module}.{alias.name}"


_WRITERS = (WRITER, *(f"masquerade.media.{part}" for part in WRITER_PARTS))
_WRITER_FILES = tuple(name.replace(".", "/") + ".py" for name in _WRITERS)


def _is_writer(name: str) -> bool:
    doors = (*_WRITERS, PUBLISHER)
    return any(name == door or name.startswith(f"{door}.") for door in doors)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def main(arguments: list[str]) -> int:
    """0 when every rule is kept, 1 when one is broken."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[1]
    findings = check(root)
    for finding in findings:
        print(finding)
    long = long_functions(root)
    for line in long:
        print(f"note: {line}; advised: {ADVISED_LINES}")
    print(f"house rules: {len(findings)} broken, {len(long)} functions to look at")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
