"""What documents, docstrings and comments name exists: files, modules, members, sections of the contract, links."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from synthgen import cli
from synthgen.world.maps import MAPS, OUTPUTS

ROOT = Path(__file__).parents[1]
CODE_FOLDERS = ("synthgen", "randomizers", "tests", "tests_data", "examples")
PAGES = {
    path: path.read_text() for folder in (".", "docs", "deploy", "usd_schemas") for path in (ROOT / folder).glob("*.md")
}
CODE = {path: path.read_text() for folder in CODE_FOLDERS for path in (ROOT / folder).rglob("*.py")}
RECIPES = {path: path.read_text() for path in ROOT.glob("recipes/*.yaml")}
SCHEMA = ROOT / "usd_schemas" / "schema.usda"
CONTRACT = PAGES[ROOT / "docs" / "contract.md"]
SECTIONS = {int(number) for number in re.findall(r"^## (\d+)\. ", CONTRACT, re.MULTILINE)}

OUTSIDE = re.compile("research" + "/|design" + r" section|\b[Ii]ssue" + r" \d|(?<!/)\b[Cc]ontract section")
"""References to what is not part of the project."""
SHELVES = re.compile(r"\b(?:synthgen|randomizers|tests|tests_data|recipes|examples|docs|usd_schemas|deploy)/[\w./-]*\w")
FILE = re.compile(r"(?<![\w./-])\w+(?:/\w+)*\.py\b")
FULL = re.compile(r"(?<![\w.])synthgen(?:\.[A-Za-z_]\w*)+(?![\w:/])")
DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
SUFFIXES = {"json", "npy", "npz", "parquet", "yaml", "usda", "usdz", "html", "md", "py", "tar", "csv", "pdf", "png"}
ALSO_KEYS = {
    *("cameras", "lights", "baffles", "items", "scene", "safety", "dataset", "randomize", "sensor", "lens", "recipe"),
    *("exposure", "camera", "hazard", "description"),
}
"""Names of modules that are also keys of a recipe or of JSON, or values: of these only constants are looked up."""
OF_OTHERS = {
    "mine.py",  # a reader's own
    *("flavors/webdataset/metadata.py", "structs.py", "rfdetr.datasets.webdataset.index"),  # other people's
    "synthgen.randomizers",  # a group of entry points, and a folder of the wheel
}


def comments_of(source: str) -> str:
    """Return a module's docstrings and comments."""
    parts = [
        node.value.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return "\n".join([*parts, *(token.string for token in tokens if token.type == tokenize.COMMENT)])


@cache
def members(module: Path) -> dict[str, set[str] | None]:
    """Return the names that a module or package has: of a class the names inside it, of anything else None."""
    found: dict[str, set[str] | None] = {}
    for node in ast.walk(ast.parse(CODE.get(module / "__init__.py" if module.is_dir() else module, ""))):
        for name in bound(node):
            found.setdefault(name, None)
        if isinstance(node, ast.ClassDef):
            own = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
            found[node.name] = own.union(*(set(bound(part)) for part in node.body))
    return found


def bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


@cache
def places() -> dict[str, list[Path]]:
    """Return every module and package of the project by its last name."""
    found = defaultdict(list)
    for path in CODE:
        place = path.parent if path.stem == "__init__" else path
        found[place.stem].append(place)
    return found


def has(place: Path, names: list[str]) -> bool:
    """Return whether a module or package has a member of these names, one inside the other."""
    if not names:
        return True
    for inner in (place / names[0], place / f"{names[0]}.py") if place.is_dir() else ():
        if inner.exists():
            return has(inner, names[1:])
    known = members(place)
    if names[0] not in known:
        return False
    inside = known[names[0]]
    return inside is None or len(names) == 1 or names[1] in inside


def absent(text: str, own: set[str]) -> set[str]:
    """Return the paths and backticked names of a text that the project lacks; `own` are names that the module binds."""
    missing = {path for path in SHELVES.findall(text) if not any(ROOT.glob(path)) and not (ROOT / path).exists()}
    missing |= {name for name in FULL.findall(text) if not has(ROOT, name.split("."))}
    for token in re.findall(r"`([^`\n]+)`", text):
        for file in FILE.findall(token):
            known = any((ROOT / folder / file).exists() for folder in ("", "synthgen"))
            if not known and ("/" in file or Path(file).stem not in places()):
                missing.add(file)
        name = token.split("(")[0]
        root, *rest = name.split(".")
        if DOTTED.fullmatch(name) and root not in own and rest[-1] not in SUFFIXES:
            is_constant = rest[-1].isupper() and len(rest[-1]) > 1
            if is_constant or (root in places() and root not in ALSO_KEYS):
                missing |= set() if any(has(place, rest) for place in places().get(root, ())) else {name}
    return missing - OF_OTHERS


def faults(found: dict[Path, set[str]]) -> dict[str, set[str]]:
    """Return what was found, by path, where anything was."""
    return {path.relative_to(ROOT).as_posix(): names for path, names in found.items() if names}


def test_what_is_named_exists():
    pages = {path: absent(text, set()) for path, text in (PAGES | RECIPES | {SCHEMA: SCHEMA.read_text()}).items()}
    code = {path: absent(comments_of(text), set(members(path))) for path, text in CODE.items()}
    assert faults(pages | code) == {}


def test_references_resolve():
    assert set(range(1, len(SECTIONS) + 1)) == SECTIONS
    texts = PAGES | CODE | RECIPES
    assert faults({path: set(OUTSIDE.findall(text)) for path, text in texts.items()}) == {}
    sections = re.compile(r"contract(?:\.md)?\]?(?:\(contract\.md\))?,? sections? (\d+)((?:, \d+)*(?: and \d+)?)")
    named = {path: set(re.findall(r"\d+", str(sections.findall(text)))) for path, text in texts.items()}
    assert faults({path: {n for n in numbers if int(n) not in SECTIONS} for path, numbers in named.items()}) == {}
    assert named[ROOT / "synthgen" / "dataset" / "sidecars" / "fields.py"] == {"1", "5", "6"}


def test_links_and_imports_of_documents_resolve():
    links = {path: set(re.findall(r"\]\(([^)#\s]+)", text)) for path, text in PAGES.items()}
    lost = {
        p: {link for link in found if "://" not in link and not (p.parent / link).exists()}
        for p, found in links.items()
    }
    assert faults(lost) == {}
    imports = {
        path: re.findall(r"^\s*from (synthgen[\w.]*) import ([\w, ]+)", text, re.M) for path, text in PAGES.items()
    }
    named = {p: {f"{m}.{n.strip()}" for m, names in found for n in names.split(",")} for p, found in imports.items()}
    assert any(named.values())
    assert faults({p: {n for n in names if not has(ROOT, n.split("."))} for p, names in named.items()}) == {}


def test_shown_commands_exist():
    shown = {path: set(re.findall(r"^ {4}synthgen ([a-z-]+)", text, re.M)) for path, text in PAGES.items()}
    reserved = set(re.findall(r"synthgen ([a-z-]+)", CONTRACT))
    assert set(cli.COMMANDS) <= reserved
    del shown[ROOT / "docs" / "contract.md"]
    assert faults({path: names - set(cli.COMMANDS) for path, names in shown.items()}) == {}


def test_the_contract_lists_the_maps_as_they_are():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]+?) \| ([^|]*?) \| ([^|]+?) \|$", CONTRACT, re.M)
    shapes = {m.name: "(h, w)" if m.values == 1 else f"(h, w, {m.values})" for m in MAPS.values()}
    assert rows == [(m.name, m.dtype.name, shapes[m.name], m.unit, m.text) for m in MAPS.values()]


def test_the_recipe_language_lists_what_can_be_asked_for():
    entry = PAGES[ROOT / "docs" / "recipe.md"].split("* `outputs`:")[1].split("\n* ")[0]
    assert re.findall(r"`(\w+)`", entry) == list(OUTPUTS)


def test_the_contract_lists_the_schemas_as_they_are():
    source = SCHEMA.read_text()
    schemas = re.findall(r'^class "(\w+API)".*?^\{\n(.*?)^\}', source, re.M | re.S)
    assert len(schemas) == source.count("\nclass ")
    for schema, body in schemas:
        attributes = re.findall(r"^    (?:uniform )?\w+(?:\[\])? (?:synthgen:\w+:)?(\w+) = ", body, re.M)
        (row,) = re.findall(rf"^\| {schema}\b[^|]*\| (.*) \|$", CONTRACT, re.M)
        assert attributes
        assert set(re.findall(r"`(\w+)`", row)) == set(attributes), schema
