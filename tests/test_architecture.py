"""The rules of the house that a machine can check: who may import whom, how big files grow, how kernels are written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("synthgen", "randomizers") for path in (ROOT / folder).rglob("*.py"))
KERNELS = [path for path in SOURCES if "kernels" in path.parts and path.name != "__init__.py"]
IDS = {"ids": lambda path: path.relative_to(ROOT).as_posix()}

MAX_LINES = 400
MAX_FUNCTION_LINES = 60
BANNED_NAMES = {"utils", "common", "helpers", "misc", "manager", "context"}

VALUES = """
    errors units distributions shot spectra share streams description faces materials textures emission framing placing
    site drawings label_font symbologies images png
"""
CHOICE = """
    plan declared writes randomizer constraints clutter sensors camera barcode gs1 payloads rectify reading decodability
    label_art label_blocks label_codes label_design label_grid label_icons label_layout label_negatives label_placing
    label_print label_templates label_wear label_words points
"""
MEASURE = """
    devices tables tracers frame light_pass image_pass render sensor seen reasons labels measure safety
"""
DELIVER = """
    samples shards layout index receipts identity claim stores sidecars manifest dataset outputs engines jobs generate
    progress run_record record overlays preview pipeline stages bench forecast summary tally causes proof survey
    loader exports evaluate quality verify replay
"""
HEAVY = {
    "pxr", "warp", "yaml", "pydantic", "zxingcpp", "joblib", "cyclopts", "rich", "webdataset", "embreex", "isal",
    "torch", "pyarrow", "s3fs", "distributed", "dask", "ray", "matplotlib",
}  # fmt: skip
MAY_USE = {
    "values": {"zxingcpp", "isal"},  # symbologies names the writer's formats, png has a fast deflate
    "choice": {"zxingcpp"},
    "recipe": {"yaml", "pydantic"},
    "usd": {"pxr"},
    "kernels": {"warp"},
    "bridge": {"pxr", "warp"},
    "measure": {"warp", "embreex"},
    "deliver": {"joblib", "rich", "warp", "torch", "webdataset", "pyarrow", "s3fs", "distributed", "dask", "ray"},
    "doors": {"cyclopts", "warp", "rich"},
}
BELOW = {
    "values": {"values"},
    "choice": {"values", "choice", "recipe"},
    "recipe": {"values", "choice", "recipe"},
    "usd": {"values", "choice", "usd"},
    "kernels": {"kernels"},
    "measure": {"values", "choice", "kernels", "measure"},
    "bridge": {"values", "choice", "usd", "kernels", "measure", "bridge"},
    "deliver": {"values", "choice", "recipe", "usd", "kernels", "measure", "bridge", "deliver"},
    "doors": {"values", "choice", "recipe", "usd", "kernels", "measure", "bridge", "deliver", "doors"},
    "shelf": {"values", "choice", "shelf"},
}


def layer(path: Path) -> str:
    """Return the layer that a source file belongs to."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "randomizers":
        return "shelf"
    name = parts[1]
    if name in ("usd", "kernels", "recipe"):
        return name
    if parts[1:3] == ("safety", "report"):
        return "deliver"
    if name == "scene":
        return "bridge"
    if name in ("cli", "commands", "workbench", "__main__"):
        return "doors"
    for words, found in ((VALUES, "values"), (CHOICE, "choice"), (MEASURE, "measure"), (DELIVER, "deliver")):
        if name in words.split():
            return found
    return "values" if name in ("__init__", "__version__") else f"unknown: name {name!r} in tests/test_architecture.py"


def imported(path: Path):
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


@pytest.mark.parametrize("path", SOURCES, **IDS)
def test_module_stays_in_its_layer(path: Path) -> None:
    own = layer(path)
    assert own in BELOW, own
    for name in imported(path):
        parts = name.split(".")
        if parts[0] in HEAVY:
            assert parts[0] in MAY_USE.get(own, set()), f"{own} must not import {parts[0]}"
        if parts[0] == "synthgen" and len(parts) > 1:
            other = layer((ROOT / "/".join(parts)).with_suffix(".py"))
            assert other in BELOW[own], f"{own} must not import {name}, which is of {other}"


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
        if isinstance(node, ast.FunctionDef) and "kernels" not in path.parts:
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
