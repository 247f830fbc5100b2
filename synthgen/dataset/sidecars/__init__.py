"""Files beside the shards that let other loaders open the directory, written just before the manifest.

One walk over the rows of all shards fills the Parquet tables and counts what the card needs; the lists of shards that
some loaders want are then written as they are read. Nothing of it decides a byte of the data, and the manifest does
not list it: the bytes of the tables change with pyarrow's version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from synthgen.dataset.identity import Identity
from synthgen.dataset.receipts import Entry
from synthgen.dataset.sidecars import card, croissant, energon, licence, parquet, rfdetr, row_scan, wids
from synthgen.dataset.sidecars.facts import Facts
from synthgen.dataset.stores import Store

__all__ = ["write"]


def write(
    store: Store,
    identity: Identity,
    entries: Callable[[], Iterator[Entry]],
    recipe_text: str,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Write everything that other loaders look for, from the manifest's entries and the rows of their shards.

    Args:
        store: where the data set lives; its shards and their rows are in place.
        identity: what it follows from.
        entries: yields the shards in order; called several times.
        recipe_text: the resolved recipe.
        note: takes what the user should know.

    Raises:
        DatasetError: a file of rows is missing or damaged.
        OutputError: something cannot be written.
    """

    def filled() -> Iterator[Entry]:
        return (entry for entry in entries() if entry.samples)

    facts, hashes = _tabulate(store, entries)
    if not hashes:
        note(parquet.NEEDED)
    store.write(licence.FILE, licence.text(recipe_text))
    store.write(card.FILE, card.text(identity, facts, recipe_text, tabled=bool(hashes)))
    _write_indexes(store, facts, filled)
    with store.publish(croissant.FILE) as file:
        croissant.write(
            file,
            title=card.title(identity, facts, recipe_text),
            text=card.SUMMARY,
            version=identity.code_version,
            entries=filled,
            tables={name: (columns, hashes[name]) for name, columns in parquet.COLUMNS.items() if name in hashes},
        )


def _write_indexes(store: Store, facts: Facts, filled: Callable[[], Iterator[Entry]]) -> None:
    """Write the lists of shards of wids, RF-DETR and energon."""
    for split, sums in facts.splits.items():

        def of_split(split: str = split) -> Iterator[Entry]:
            return (entry for entry in filled() if entry.split == split)

        with store.publish(wids.name_of(split)) as file:
            wids.write(file, split, of_split())
        with store.publish(rfdetr.name_of(split)) as file:
            rfdetr.write(file, split, sums.samples, sums.category_ids, of_split)
    store.write(energon.DATASET, energon.dataset())
    store.write(energon.SPLIT, energon.splits({split: facts.shards[split] for split in facts.splits}, facts.empty))
    with store.publish(energon.INFO) as file:
        energon.write_info(file, filled())


def _tabulate(store: Store, entries: Callable[[], Iterator[Entry]]) -> tuple[Facts, dict[str, str]]:
    """Count the facts and write the tables where that is possible; return both, tables as {name: sha256}."""
    facts = Facts()
    if not parquet.installed():
        for entry, rows in row_scan.shards(store, entries()):
            facts.add(entry, rows)
        for name in parquet.COLUMNS:
            store.delete(name)  # of an earlier run with pyarrow, perhaps over other rows
        return facts, {}
    with (
        store.publish(parquet.SAMPLES) as samples,
        store.publish(parquet.CODES) as codes,
        parquet.Tables(samples, codes) as written,
    ):
        for entry, rows in row_scan.shards(store, entries()):
            facts.add(entry, rows)
            for row in rows:
                written.add(entry, row)
    return facts, written.hashes
