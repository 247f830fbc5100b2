"""What can go wrong, as one tree; every message names the place, the value and what to write instead.

SynthgenError                 exit 1 when nothing more exact is known
├── UsageError                exit 2: the command line itself
├── PartialError              exit 3: some shots or shards are missing, the rest is good and resumable
├── InputError                exit 4: something given to us is wrong
│   ├── RecipeError           carries every fault found, each with file:line
│   ├── StageError            a USD file that cannot be read or rendered
│   ├── DatasetError          a damaged or foreign data set
│   ├── BarcodeError          a payload that its symbology cannot carry, a label that does not decode flat
│   └── OutputError           no space, no permission, not a folder
├── CheckFailed               exit 5: an eye-safety limit, a verify, a gate
└── Infeasible                internal: this draw cannot be built; plan draws again
"""

from __future__ import annotations

from collections.abc import Sequence


class SynthgenError(Exception):
    """Root of every error that synthgen raises on purpose."""

    exit_code = 1


class UsageError(SynthgenError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class PartialError(SynthgenError):
    """Part of the work is missing; running the same command again resumes it."""

    exit_code = 3


class InputError(SynthgenError):
    """Something given to the program is wrong."""

    exit_code = 4


class RecipeError(InputError):
    """A recipe is wrong; `faults` holds one `file:line: path: found; write instead` line for each fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class StageError(InputError):
    """A USD file cannot be read or rendered."""


class DatasetError(InputError):
    """A data set is damaged, foreign or incomplete."""


class BarcodeError(InputError):
    """A payload does not fit its symbology, or a printed label does not decode flat."""


class OutputError(InputError):
    """The output cannot be written: no space, no permission, or not a folder."""


class CheckFailed(SynthgenError):
    """A declared limit is exceeded or a verification failed."""

    exit_code = 5


class Infeasible(SynthgenError):
    """A drawn world cannot be built; `cause` is the short name under which it is counted."""

    def __init__(self, cause: str, detail: str = "") -> None:
        self.cause = cause
        super().__init__(f"{cause}: {detail}" if detail else cause)
