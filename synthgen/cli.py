"""The command line: finds the command, turns errors into messages and exit codes (`EXIT_CODES`).

Slow libraries are imported inside the commands that need them, so that help and usage errors come at once.
"""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from cyclopts import App, CycloptsError, MissingArgumentError

from synthgen import __version__
from synthgen.commands import plain_text, spelling
from synthgen.errors import SynthgenError

COMMANDS = (
    "generate",
    "finalize",
    "check",
    "plan",
    "preview",
    "shot",
    "render",
    "measure",
    "safety",
    "bench",
    "export",
    "evaluate",
    "report",
    "verify",
    "replay",
)
"""Each is a function of its name in a module of its name; modules import what is slow inside the function."""
DEBUG = "SYNTHGEN_DEBUG"
EXIT_CODES = (
    "Exit codes: 0 ok, 1 a fault in synthgen, 2 wrong command line, 3 part of the work is missing, 4 bad input, "
    "5 a check failed, 130 Ctrl-C, 141 the reader of stdout left, 143 SIGTERM"
)
"""Shown at the end of every help page."""

app = App(
    name="synthgen",
    help="Physically lit warehouse scenes in, WebDataset shards of labelled barcode images out.\n\n"
    "Example: `synthgen generate bench_card -n 8 -o first`",
    help_epilogue=EXIT_CODES,
    help_format="markdown",
    version=__version__,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
for _name in COMMANDS:
    app.command(getattr(import_module(f"synthgen.commands.{_name}"), _name))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; return its exit code."""
    warnings.showwarning = _warn
    plain_text.allow_any(sys.stdout, sys.stderr)
    words = sys.argv[1:] if arguments is None else arguments
    try:
        spelling.check(app, words)
        app(arguments, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except MissingArgumentError as error:
        return _failed(f"{spelling.lacking(error, words)}\nTry `synthgen --help`, or `--help` after the command.", 2)
    except CycloptsError as error:
        return _failed(f"{error}\nTry `synthgen --help`, or `--help` after the command.", 2)
    except SynthgenError as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _failed("interrupted; `synthgen generate` resumes when it is run again", 130)
    except BrokenPipeError:  # the reader of stdout has left, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        if isinstance(error, UnicodeEncodeError) and not all(map(plain_text.is_text, words)):
            return _failed("a name given here is no text in this locale; set PYTHONUTF8=1, or write it in ASCII", 2)
        return _failed(f"internal error: {type(error).__name__}: {error} (set {DEBUG}=1 for the traceback)", 1)
    return 0


def _failed(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


def _warn(message: Warning | str, *rest: Any, **named: Any) -> None:
    sys.stderr.write(f"warning: {message}\n")
