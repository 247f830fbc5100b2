"""What holds for every command and every option: words, limits, places to write to, spelling, exit codes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App
from cyclopts.argument import Argument
from cyclopts.validators import Number

from synthgen import cli
from synthgen.commands import spelling
from synthgen.commands.outputs import Output
from synthgen.errors import UsageError

REQUIRED = {"--shots": 4, "--index": 0, "--format": "coco", "--at": "points.csv", "--recipe": "bench_card"}


def words(path: tuple[str, ...], out: bool = False, without: Argument | None = None) -> list[object]:
    """Return a command and what it requires; where it writes to only if `out`."""
    given: list[object] = list(path)
    for _, argument in (each for each in OPTIONS if each[0] == path):
        name = max(argument.names, key=len)
        if not argument.required or argument is without or (name == "--out" and not out):
            continue
        if name == "--out":
            (check,) = [each for each in argument.parameter.validator if isinstance(each, Output)]
            given += [name, "x" + (check.endings[0] if check.endings else "")]
        else:
            given += [name, REQUIRED.get(name, 600 if "float" in str(argument.hint) else "something")]
    return given


def walked(app: App = cli.app, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    """Yield every command that does something, and its words."""
    if app.default_command is not None and path:
        yield path, app
    for name in app:
        if not name.startswith("-"):
            yield from walked(app[name], (*path, name))


COMMANDS = list(walked())
OPTIONS = [
    (path, argument)
    for path, command in COMMANDS
    for argument in command.assemble_argument_collection()
    if not argument.children
]


def ids(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return value.name if isinstance(value, Argument) else ""


@pytest.fixture
def ran(capfd, monkeypatch, tmp_path):
    """Return a function that runs one command line in an empty folder; gives (exit code, stdout, stderr)."""
    monkeypatch.setattr("warnings.showwarning", print)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.run([str(a) for a in arguments])
        return code, *capfd.readouterr()

    return run


def test_the_walk_finds_what_there_is():
    assert {path[0] for path, _ in COMMANDS} == set(cli.COMMANDS)
    assert {("safety",), ("safety", "limit"), ("safety", "lamp"), ("safety", "laser")} <= {path for path, _ in COMMANDS}
    assert len(OPTIONS) > 100


@pytest.mark.parametrize(("path", "argument"), OPTIONS, ids=ids)
def test_an_option_has_its_words(path, argument):
    words = (argument.parameter.help or "").strip()
    assert len(words) > 8, f"{' '.join(path)} {argument.name}: {words!r}"


@pytest.mark.parametrize(
    ("path", "argument"), [each for each in OPTIONS if re.search(r"\b(int|float)\b", str(each[1].hint))], ids=ids
)
def test_a_number_has_limits_that_are_named(path, argument, ran):
    (limit,) = [each for each in argument.parameter.validator if isinstance(each, Number)]
    assert limit.gte is not None and limit.lte is not None
    count = 2 if argument.names[0] == "--size-m" else 1
    for text in ("1e300", "nan") if "float" in str(argument.hint) else ("1" + "0" * 30, "99999999999999999999"):
        code, _, said = ran(*words(path, out=True, without=argument), argument.names[0], *[text] * count)
        assert code == 2, said
        assert re.search(r'Invalid value ".+" for -.+\. Must be [<>]= -?\d', said), said


def test_no_number_of_shots_keeps_a_dry_run_long(ran):
    for shots in ("100000000000", "99999999999999999999"):
        code, _, said = ran("generate", "bench_card", "-o", "out", "-n", shots, "--dry-run")
        assert (code, "Must be <= 100000000" in said) == (2, True)
    share = ["--job-index", 7, "--num-jobs", 16]
    since_s = time.monotonic()
    code, out, _ = ran("generate", "bench_card", "-o", "out", "-n", 10**8, "--dry-run", *share)
    assert time.monotonic() - since_s < 10  # checks and imports are in it; a walk over the shards takes a minute
    assert (code, "this job 781250" in out) == (0, True)


OUTPUTS = [
    (path, argument, each)
    for path, argument in OPTIONS
    for each in argument.parameter.validator
    if "--out" in argument.names and isinstance(each, Output)
]


def test_every_command_that_writes_checks_where_it_writes_to():
    assert [path for path, argument, _ in OUTPUTS] == [path for path, a in OPTIONS if "--out" in a.names]
    assert {"generate", "preview", "shot", "render", "measure", "safety", "export", "evaluate", "report", "replay"} <= {
        path[0] for path, *_ in OUTPUTS
    }


@pytest.mark.parametrize(("path", "argument", "check"), OUTPUTS, ids=ids)
def test_a_folder_that_is_not_there_is_told_before_any_work_and_never_made(path, argument, check, ran, tmp_path):
    ending = check.endings[0] if check.endings else ""
    target = tmp_path / "nowhere" / "deep" / f"x{ending}"
    code, _, said = ran(*words(path), "-o", target)
    assert code == 4, said
    assert f"there is no folder {target.parent}; the nearest that exists is {tmp_path};" in said
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("path", "argument", "check"), [each for each in OUTPUTS if each[2].endings], ids=ids)
def test_an_ending_that_cannot_be_written_is_refused_with_those_that_can(path, argument, check, ran):
    code, _, said = ran(*words(path), "-o", "x.docx")
    assert code == 2
    assert all(ending in said for ending in check.endings)
    assert all(ending in (argument.parameter.help or "") for ending in check.endings if ending != ".htm")


def test_what_writes_a_file_is_asked_for_before_any_work(ran, monkeypatch):
    monkeypatch.setattr("synthgen.commands.outputs.find_spec", lambda name: None)
    for command in (["safety", "bench_card", "-o", "r.pdf"], ["generate", "bench_card", "-n", 8, "-o", "s3://b/x"]):
        code, _, said = ran(*command)
        assert code == 4
        assert re.search(r"needs (typst|s3fs), which is not installed: pip install 'synthgen\[(report|s3)\]'", said)


def test_a_place_that_is_no_place_is_refused(ran, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "x.png").mkdir()
    assert "is not a folder" in ran("preview", "bench_card", "-o", "file/x.png")[2]
    assert "give the name of a file in it" in ran("preview", "bench_card", "-o", "x.png")[2]


def misspelled(option: str) -> Iterator[str]:
    """Yield misspellings of a long option: a letter more, one less, two exchanged, one too many at the end."""
    name, middle = option[2:], len(option[2:]) // 2
    yield f"--{name[:middle]}{name[middle + 1 :]}"
    yield f"--{name[:middle]}{name[middle]}{name[middle:]}"
    yield f"--{name[: middle - 1]}{name[middle]}{name[middle - 1]}{name[middle + 1 :]}"
    yield f"{option}x"
    yield option[1:]


@pytest.mark.parametrize(("path", "argument"), OPTIONS, ids=ids)
def test_a_misspelled_option_is_named_with_the_nearest_that_there_is(path, argument):
    option = max(argument.names, key=len)
    all_names = {name for p, other in OPTIONS if p == path for name in (*other.names, *other.negatives)}
    for wrong in misspelled(option):
        if wrong in all_names or len(wrong) < 5:
            continue
        with pytest.raises(UsageError) as refusal:
            spelling.check(cli.app, [*path, wrong, "value"])
        said = str(refusal.value)
        assert f"there is no option {wrong}; did you mean " in said
        assert option in said, said


@pytest.mark.parametrize("path", [path for path, _ in COMMANDS], ids=" ".join)
def test_an_option_like_no_other_points_to_the_help(path, ran):
    code, out, said = ran(*path, "--qqqqzzzz", "3")
    assert (code, out) == (2, "")
    assert f"synthgen {' '.join(path)}: there is no option --qqqqzzzz; `synthgen {' '.join(path)} --help`" in said


def test_the_option_that_others_call_output_leads_to_o(ran):
    for command in (["generate", "bench_card", "-n", 4], ["generate"], ["preview", "bench_card"], ["safety", "x"]):
        code, _, said = ran(*command, "--output", "data")
        assert (code, "there is no option --output; did you mean -o (--out)?" in said) == (2, True)


@pytest.mark.parametrize("path", [(), *(path for path, _ in COMMANDS)], ids=" ".join)
def test_the_help_lists_every_exit_code(path, ran):
    code, out, _ = ran(*path, "--help")
    listed = " ".join(out.split()).rpartition("Exit codes: ")[2]
    assert code == 0
    assert [int(number) for number in re.findall(r"(?:^|, )(\d+) ", listed)] == [0, 1, 2, 3, 4, 5, 130, 141, 143]


def test_values_that_begin_with_a_dash_are_no_options():
    for rest in (["-n", "-4"], ["--set", "-x=1"], ["--set=a=-1"], ["-n=4"], ["--", "--qqq"]):
        spelling.check(cli.app, ["generate", "bench_card", *rest])


def test_a_subcommand_that_is_misspelled_is_told(ran, tmp_path):
    assert "did you mean `synthgen safety lamp`?" in ran("safety", "lampp")[2]
    Path("lampp").write_text("")
    spelling.check(cli.app, ["safety", "lampp"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["generate", "bench_card", "-n", 2], "synthgen generate: -o is missing: A folder, or s3://"),
        (["generate", "bench_card", "-o", "x", "-n"], "synthgen generate: -n has no value: Number of shots"),
        (["check"], "synthgen check: PATH is missing: A recipe, a USD file"),
        (["safety", "limit"], "synthgen safety limit: --hazard is missing: "),
    ],
)
def test_what_a_command_line_lacks_is_named_with_its_words(ran, arguments, told):
    code, out, said = ran(*arguments)
    assert (code, out) == (2, "")
    assert told in said
