"""The rules of the house that a machine can check: who may import whom, how big files grow, how kernels are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("synthgen", "randomizers") for path in (ROOT / folder).rglob("*.py"))
KERNELS = [path for path in SOURCES if "kernels" in path.parts and path.name != "__init__.py"]
IDS = {"ids": lambda path: path.relative_to(ROOT).as_posix()}

MAX_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_KERNEL_ARGUMENTS = 12
MAX_ROOM_FILES = 24
BANNED_NAMES = {"utils", "common", "helpers", "misc", "manager", "context"}

ROOMS = (
    *("__init__", "errors", "units", "random_streams", "shelves", "atomic_files", "progress", "devices"),
    *("world", "barcodes", "printing", "textures", "photobiology"),
    "kernels",
    *("recipe", "planning"),
    "reporting",
    *("rendering", "annotation"),
    *("usd", "cad", "session"),
    "safety",
    "dataset",
    *("scene", "pipeline"),
    *("generation", "quality", "evaluation", "exports", "loader", "verify", "experiments", "inspection"),
    "search",
    *("commands", "workbench", "cli", "__main__"),
)
"""Folders and files of `synthgen/`, lowest first: each imports itself and what stands before it."""

CLOSED = {"rendering", "annotation", "kernels"}
"""Rooms that need a device: nothing that decides or authors a world may import them."""
MAY_NOT = {"recipe": CLOSED, "planning": CLOSED, "usd": CLOSED, "cad": CLOSED, "session": CLOSED}
SHELF = {"errors", "random_streams", "units", "world", "barcodes", "printing", "textures"}
"""What a randomizer may import."""
OUTSIDE_DOORS = {"cli", "__main__", "commands", "workbench"}
"""Doors import everything; nothing imports them, not even each other's neighbours."""

HEAVY = {
    "pxr", "warp", "yaml", "pydantic", "zxingcpp", "joblib", "cyclopts", "rich", "webdataset", "embreex", "isal",
    "torch", "pyarrow", "s3fs", "distributed", "dask", "ray", "matplotlib", "typst", "jinja2",
}  # fmt: skip
"""Libraries that are slow to import or optional: each room names those that it is there to use."""
MAY_USE = {
    "progress": {"rich"},
    "devices": {"warp"},
    "barcodes": {"zxingcpp"},
    "textures": {"isal"},
    "kernels": {"warp"},
    "recipe": {"yaml", "pydantic"},
    "planning": {"pydantic"},
    "rendering": {"warp", "embreex"},
    "annotation": {"warp"},
    "usd": {"pxr"},
    "reporting": {"typst", "jinja2"},
    "safety": {"warp"},
    "dataset": {"joblib", "webdataset", "pyarrow", "s3fs"},
    "scene": {"pxr", "warp"},
    "generation": {"joblib", "warp", "distributed", "dask", "ray"},
    "loader": {"joblib", "torch", "webdataset", "pyarrow", "warp"},
    "commands": {"cyclopts", "rich"},
    "cli": {"cyclopts"},
    "experiments": {"warp"},
    "inspection": {"warp"},
}


def room(path: Path) -> str:
    """Return the room of a source file: the folder, or the file itself, that stands in `ROOMS`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "randomizers" if parts[0] == "randomizers" else parts[1]


def is_module(dotted: str) -> bool:
    path = ROOT / dotted.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imported(path: Path) -> Iterator[str]:
    """Yield the absolute names of what a file imports, wherever in it; imports for type checkers do not count."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(own: str) -> set[str]:
    """Return the rooms that `own` may import."""
    if own == "randomizers":
        return SHELF
    if own == "kernels":
        return {"kernels"}
    lower = {*ROOMS[: ROOMS.index(own)], own}
    return lower - MAY_NOT.get(own, set()) - (OUTSIDE_DOORS - {own} if own not in OUTSIDE_DOORS else set())


@pytest.mark.parametrize("path", SOURCES, **IDS)
def test_module_imports_only_lower_rooms(path: Path) -> None:
    own = room(path)
    assert own == "randomizers" or own in ROOMS, f"add {own!r} to ROOMS, above everything that it imports"
    for name in imported(path):
        parts = name.split(".")
        if parts[0] in HEAVY:
            assert parts[0] in MAY_USE.get(own, set()), f"{own} must not import {parts[0]}"
        if parts[0] == "synthgen" and len(parts) > 1:
            other = parts[1] if parts[1] in ROOMS else "__init__"  # `from synthgen import __version__`
            assert other in below(own), f"{own} must not import {name}, which stands above it in ROOMS"


def test_rooms_exist_or_have_their_place() -> None:
    there = {room(path) for path in SOURCES} - {"randomizers"}
    assert there <= set(ROOMS)
    assert set(ROOMS) - there == {"cad", "session", "search", "workbench"}, "planned rooms"
    files = {name: sum(path.parent == ROOT / "synthgen" / name for path in SOURCES) for name in there}
    assert max(files.values()) <= MAX_ROOM_FILES, files


def test_no_module_imports_itself_through_others() -> None:
    graph = {}
    for path in SOURCES:
        own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        names = {name if is_module(name) else name.rpartition(".")[0] for name in imported(path)}
        graph[own] = {name for name in names if name.startswith("synthgen.") and name != own}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("path", sorted(ROOT.glob("randomizers/*.py")), **IDS)
def test_the_shelf_does_not_name_itself(path: Path) -> None:
    # In a wheel the shelf is `synthgen.randomizers`: only relative imports reach a neighbour there.
    assert not [name for name in imported(path) if name.split(".")[0] == "randomizers"]


def test_only_the_scene_knows_both_usd_and_warp() -> None:
    both = [path.name for path in SOURCES if {"pxr", "warp"} <= {name.split(".")[0] for name in imported(path)}]
    assert set(both) <= {"scene.py"}


@pytest.mark.parametrize("path", SOURCES, **IDS)
def test_module_fits_on_a_desk(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES
    assert path.stem not in BANNED_NAMES
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno <= MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", KERNELS, **IDS)
def test_kernels_keep_their_grammar(path: Path) -> None:
    text = path.read_text()
    assert '"enable_backward": False' in text
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef) or "wp.kernel" not in {ast.unparse(d) for d in node.decorator_list}:
            continue
        head = lines[node.lineno - 1 : node.body[0].lineno]
        marks = [i for i, line in enumerate(head) if line.strip() in ("# In:", "# Out:")]
        assert [head[i].strip() for i in marks] == ["# In:", "# Out:"], node.name
        assert ast.get_docstring(node), node.name
        assert len(node.args.args) <= MAX_KERNEL_ARGUMENTS, f"{node.name}: group its arguments in structs"
        assert not node.args.defaults and all(argument.annotation for argument in node.args.args), node.name
        out_line = node.lineno + marks[1]
        outs = {argument.arg for argument in node.args.args if argument.lineno > out_line}
        arguments = {argument.arg for argument in node.args.args}
        written = {
            target.value.id
            for inner in ast.walk(node)
            if isinstance(inner, (ast.Assign, ast.AugAssign))
            for target in (inner.targets if isinstance(inner, ast.Assign) else [inner.target])
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)
        }
        assert written & arguments == outs, f"{node.name} writes {written & arguments}, its outs are {outs}"
