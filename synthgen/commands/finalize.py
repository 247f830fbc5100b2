"""`synthgen finalize`: verify shards, write the manifest."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from synthgen.commands import flags


def finalize(
    folder: Annotated[str, Parameter(help="The folder or s3:// prefix that generate -o wrote.")],
    *,
    json: flags.Json = False,
) -> None:
    """Verify every shard against its receipt and write the manifest; the last step of an array job.

    Example: `synthgen finalize tunnel`

    Exits 3 when shards are missing or damaged, 4 where there is no data set.
    """
    from synthgen.dataset import manifest, stores

    digest = manifest.finalize(stores.at(folder), note=flags.message)
    if json:
        flags.data_object({"out": folder, "manifest_sha256": digest})
    else:
        flags.message(f"{folder} is whole: manifest {digest}")
