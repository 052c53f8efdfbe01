"""What a module is made of: its code, what it imports of this program, directly or not, and the data they read.

Comments, docstrings and blank lines do not count, and what is imported for type checkers alone is not followed.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
#: What the program's modules are imported under; their folders lie in ``_ROOT``, in a checkout and in a wheel.
_PACKAGE = "hanmill."
#: What these say reaches an address by its value: a new recipe key, source or manifest field leaves old shards alone.
_DESCRIBED_BY_VALUE = frozenset(
    {
        "hanmill.pipelines.build.job",
        "hanmill.pipelines.build.plan",
        "hanmill.pipelines.corpus.word_cutter",
        "hanmill.pipelines.sources.registry",
        "hanmill.pipelines.sources.source",
        "hanmill.schemas.errors",
        "hanmill.schemas.manifest",
        "hanmill.schemas.recipe",
        "hanmill.schemas.recipe_file",
        "hanmill.schemas.typed_mapping",
    }
)
_DIGITS = 16
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
#: First and last line (from 1) and the byte columns where a piece of source text begins and ends.
_Span = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Source:
    digest: str
    imports: tuple[str, ...]
    data: tuple[Path, ...]


@cache
def source_closure(module: str) -> dict[str, str]:
    """File name relative to the program (``pipelines/build/ingest.py``) to 16 digits of a hash of its code.

    Imports are read from the source text, those inside functions too. A data file counts where its name stands as a
    string in a module of the same folder, whether the file lies there or in a folder ``data``. Raises
    ModuleNotFoundError for a module that has no source file here.
    """
    path = _path(module)
    if path is None:
        raise ModuleNotFoundError(f"{module}: no source file under {_ROOT}", name=module)
    files: dict[str, str] = {}
    seen, waiting = {module}, [path]
    while waiting:
        path = waiting.pop()
        source = _read(path)
        files[str(path.relative_to(_ROOT))] = source.digest
        for file in source.data:
            files[str(file.relative_to(_ROOT))] = _file_digest(file)
        for name in source.imports:
            if name not in seen and name not in _DESCRIBED_BY_VALUE and (found := _path(name)) is not None:
                waiting.append(found)
            seen.add(name)
    return dict(sorted(files.items()))


@cache
def _read(path: Path) -> _Source:
    text = path.read_bytes()
    tree = ast.parse(text, str(path))
    names: list[str] = []
    strings: list[_Span] = []
    docstrings: list[_Span] = []
    data: dict[Path, None] = {}
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # ``from a import b`` may mean module ``a.b``.
            names += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        elif isinstance(node, ast.JoinedStr):
            strings.append(_span(node))
        elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            strings.append(_span(node))
            if isinstance(node.value, str) and (file := _data_file(path.parent, node.value)):
                data[file] = None
        if isinstance(node, _DOCUMENTED) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                docstrings.append(_span(first.value))
    code = _without(text.splitlines(), strings, docstrings)
    mine = tuple(dict.fromkeys(name for name in names if name.startswith(_PACKAGE)))
    return _Source(_digest(b"\n".join(code)), mine, tuple(data))


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those under ``if TYPE_CHECKING:``."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


def _without(lines: list[bytes], strings: Iterable[_Span], docstrings: Iterable[_Span]) -> Iterator[bytes]:
    """Lines of code, comments and docstrings cut out, blank ones left out."""
    documented: set[int] = set()
    for first, last, _, _ in docstrings:
        documented.update(range(first, last + 1))
    quoted: dict[int, list[tuple[int, float]]] = {}
    for first, last, start, end in strings:
        for place in range(first, last + 1):
            inside = (start if place == first else 0, float(end) if place == last else float("inf"))
            quoted.setdefault(place, []).append(inside)
    for number, line in enumerate(lines, 1):
        if number in documented:
            continue
        place = line.find(b"#")
        while place >= 0 and any(start <= place < end for start, end in quoted.get(number, ())):
            place = line.find(b"#", place + 1)
        code = (line if place < 0 else line[:place]).rstrip()
        if code:
            yield code


def _span(node: ast.expr) -> _Span:
    return node.lineno, node.end_lineno or node.lineno, node.col_offset, node.end_col_offset or node.col_offset


def _data_file(folder: Path, name: str) -> Path | None:
    """The data file that a string of a module in ``folder`` names."""
    stem, dot, suffix = name.rpartition(".")
    if not (stem and dot and suffix.isalnum()) or "/" in name or len(name) > 100 or suffix == "py":
        return None
    return next((path for path in (folder / name, folder / "data" / name) if path.is_file()), None)


@cache
def _path(module: str) -> Path | None:
    if not module.startswith(_PACKAGE):
        return None
    base = _ROOT.joinpath(*module.removeprefix(_PACKAGE).split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def _file_digest(path: Path) -> str:
    return _digest(path.read_bytes())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]
