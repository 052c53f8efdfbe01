"""The source files a module is made of: itself and what it imports of this program, directly or not."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_PACKAGES = frozenset({"pipelines", "schemas", "unihan"})
#: What these say reaches an address by its value, so a new recipe key or manifest field leaves old shards alone.
_DESCRIBED_BY_VALUE = frozenset(
    {
        "pipelines.jobs.job",
        "pipelines.sources.plan",
        "schemas.manifest",
        "schemas.recipe",
        "schemas.recipe_file",
        "schemas.typed_mapping",
    }
)
_DIGITS = 16


@cache
def source_closure(module: str) -> dict[str, str]:
    """File name relative to the program (``pipelines/jobs/ingest.py``) to 16 digits of its SHA-256.

    Imports are read from the source text, those inside functions too. Data files in a ``data`` folder beside a
    module count as part of it. Raises ModuleNotFoundError for a module that has no source file here.
    """
    path = _path(module)
    if path is None:
        raise ModuleNotFoundError(f"{module}: no source file under {_ROOT}", name=module)
    files: dict[str, str] = {}
    seen, waiting = {module}, [path]
    while waiting:
        path = waiting.pop()
        for file in (path, *sorted((path.parent / "data").glob("*"))):
            if file.is_file():
                files.setdefault(str(file.relative_to(_ROOT)), _digest(file))
        for name in _imports(path):
            if name not in seen and name not in _DESCRIBED_BY_VALUE and (found := _path(name)) is not None:
                waiting.append(found)
            seen.add(name)
    return dict(sorted(files.items()))


def program_version() -> str:
    """16 digits over all sources a build is made of, data files too: equal programs, equal digits."""
    closure = source_closure("pipelines.build").items()
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in closure).encode()).hexdigest()[:_DIGITS]


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Every dotted name that an import of the file may mean; ``from a import b`` may mean module ``a.b``."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes(), str(path))):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    return tuple(dict.fromkeys(name for name in names if name.partition(".")[0] in _PACKAGES))


def _path(module: str) -> Path | None:
    first, *rest = module.split(".")
    if first not in _PACKAGES:
        return None
    base = _ROOT.joinpath(first, *rest)
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGITS]
