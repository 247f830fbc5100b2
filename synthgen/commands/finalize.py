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

    It ends as a `generate` that made all shards in one run. Exits 3 when shards are missing or damaged or shots could
    not be built, 4 where there is no data set, 5 above `safety.max_ratio` where the recipe says `on_exceed: fail`.
    """
    import time

    from synthgen.dataset import identity_file, manifest, stores
    from synthgen.generation import summary

    store, totals, started_s = stores.at(folder), summary.Totals(), time.monotonic()
    digest = manifest.finalize(store, totals.add, flags.message)
    made = summary.of(folder, totals.shards, totals, digest, time.monotonic() - started_s)
    if json:
        worst = made.worst_ratio if made.worst_key else None  # no hazard map was made
        flags.data_object(
            {
                "out": folder,
                "manifest_sha256": digest,
                "shards": made.shards,
                "shots": made.shots,
                "samples": made.samples,
                "failed_shots": made.failed_shots,
                "worst_ratio": worst,
                "worst_key": made.worst_key,
            }
        )
    else:
        flags.message(f"{folder} is whole: manifest {digest}")
    summary.require_good(made, summary.asked_safety(identity_file.recipe(store)))
