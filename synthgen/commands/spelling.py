"""Unknown options and subcommands, told with the nearest one that exists; and what a command line lacks.

cyclopts itself names what it misses first: `generate --output data` complained of `-o`, which was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from cyclopts import App, MissingArgumentError

from synthgen.errors import UsageError

_NUMBER = re.compile(r"-[\d.].*")
_ALWAYS = {"--help", "-h", "--version"}


def check(app: App, tokens: Sequence[str]) -> None:
    """Check that every option of a command line exists.

    Raises:
        UsageError: one does not; the message names it, and the options that are spelled most like it.
    """
    chain, apps, rest = app.parse_commands(list(tokens))
    if not chain or chain[-1].startswith("-"):  # --help and --version count as commands
        return
    command = apps[-1]
    _refuse_subcommand(command, chain, rest)
    options = _options(command)
    known = {name for names in options for name in names} | _ALWAYS
    flags = {name for names, is_flag in options.items() if is_flag for name in names} | _ALWAYS
    index = 0
    while index < len(rest) and rest[index] != "--":
        token = rest[index]
        name, equals, _ = token.partition("=")
        index += 1
        if not token.startswith("-") or token == "-" or _NUMBER.fullmatch(token):
            continue
        if name in known:
            index += not equals and name not in flags  # its value may begin with a dash
        elif token.startswith("--") or token[:2] not in known or f"-{name}" in known:
            raise UsageError(_message(" ".join(chain), name, options))


def lacking(error: MissingArgumentError, tokens: Sequence[str]) -> str:
    """Return what a command line lacks, a whole option or the value of one, and what belongs there."""
    argument, command = error.argument, " ".join(error.command_chain or ())
    if argument is None:
        return str(error)
    name = argument.names[0]
    given = any(token in argument.names for token in tokens)
    shown = name.strip("-").upper() if argument.index is not None and not given else name
    what = "has no value" if given else "is missing"
    return f"synthgen {command}: {shown} {what}: {(argument.parameter.help or '').strip()}"


def nearest(name: str, options: Iterable[tuple[str, ...]]) -> list[str]:
    """Return up to three options that are spelled most like `name`, as `-o (--out)`, best first."""
    options = list(options)
    plain = name.strip("-").lower()
    words = {option[2:]: _from(names, option) for names in options for option in names if option.startswith("--")}
    words |= {names[0].strip("-"): names for names in options if len(names) == 1 and len(names[0]) == 2}
    begins = [word for word in words if len(word) > 2 and len(plain) > 2 and _one_begins(word, plain)]
    begins.sort(key=lambda word: abs(len(word) - len(plain)))
    found = dict.fromkeys(words[word] for word in (*begins, *get_close_matches(plain, words, n=3, cutoff=0.6)))
    return [_shown(names) for names in found][:3]


def _from(names: tuple[str, ...], option: str) -> tuple[str, ...]:
    """Return the short name of an option, where it has one, and the long one that is meant."""
    return (*(name for name in names if len(name) == 2), option)


def _shown(names: Sequence[str]) -> str:
    short, *others = names
    return f"{short} ({others[0]})" if len(short) == 2 and others else short


def _one_begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _message(command: str, name: str, options: Iterable[tuple[str, ...]]) -> str:
    found = nearest(name, options)
    hint = f"did you mean {' or '.join(found)}?" if found else f"`synthgen {command} --help` lists its options"
    return f"synthgen {command}: there is no option {name}; {hint}"


def _options(command: App) -> dict[tuple[str, ...], bool]:
    """Return each option's names, short ones first, and whether it takes no value."""
    found: dict[tuple[str, ...], bool] = {}
    for argument in command.assemble_argument_collection():
        short_first = sorted(argument.names, key=lambda name: len(name) != 2)
        options = tuple(name for name in (*short_first, *argument.negatives) if name.startswith("-"))
        if options:
            found[options] = argument.hint is bool
    return found


def _refuse_subcommand(command: App, chain: Sequence[str], rest: Sequence[str]) -> None:
    """Refuse a first word that is almost a subcommand and no file: `safety lampp`."""
    if not rest or rest[0].startswith("-") or Path(rest[0]).exists():
        return
    names = [name for name in command if not name.startswith("-")]
    if near := get_close_matches(rest[0], names, n=1, cutoff=0.75):
        parent = " ".join(chain)
        raise UsageError(f"synthgen {parent}: there is no {rest[0]}; did you mean `synthgen {parent} {near[0]}`?")
