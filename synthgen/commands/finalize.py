"""`synthgen finalize`: verify shards, write the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags


def finalize(
    folder: Annotated[Path, Parameter(help="The folder that generate -o wrote.")], *, json: flags.Json = False
) -> None:
    """Verify every shard against its receipt and write the manifest; the last step of an array job.

    Example: `synthgen finalize outputs/tunnel`

    Exit codes: 0 complete, 3 shards are missing or damaged, 4 no data set.
    """
    from synthgen import manifest

    digest = manifest.finalize(folder)
    if json:
        flags.data_object({"out": str(folder), "manifest_sha256": digest})
    else:
        flags.message(f"{folder} is whole: manifest {digest}")
