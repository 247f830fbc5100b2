"""Files beside the shards that let other loaders open the directory, written just before the manifest.

One walk over the rows of all shards fills the Parquet tables and counts what the card needs; the lists of shards that
some loaders want are then written as they are read. Nothing of it decides a byte of the data, and the manifest does
not list it: the bytes of the tables change with pyarrow's version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from synthgen.dataset.identity import Identity
from synthgen.dataset.receipts import Entry
from synthgen.dataset.row_index import Row
from synthgen.dataset.sidecars import card, croissant, energon, licence, parquet, rfdetr, row_scan, wids
from synthgen.dataset.sidecars.facts import Facts
from synthgen.dataset.stores import Store

__all__ = ["Gathered", "finish", "gathering", "write"]


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
    with gathering(store) as gathered:
        for entry, rows in row_scan.shards(store, entries()):
            gathered.add(entry, rows)
    finish(store, identity, entries, recipe_text, gathered, note)


def finish(
    store: Store,
    identity: Identity,
    entries: Callable[[], Iterator[Entry]],
    recipe_text: str,
    gathered: Gathered,
    note: Callable[[str], None] = lambda text: None,
) -> None:
    """Write all but the tables, which `gathering` has written; arguments and errors as for `write`."""

    def filled() -> Iterator[Entry]:
        return (entry for entry in entries() if entry.samples)

    facts, hashes = gathered.facts, gathered.hashes
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
            stated=licence.of(recipe_text),
            version=identity.code_version,
            entries=filled,
            tables={name: (columns, hashes[name]) for name, columns in parquet.COLUMNS.items() if name in hashes},
        )


class Gathered:
    """What the rows of the shards added up to, and the tables that they were written into."""

    def __init__(self, tables: parquet.Tables | None) -> None:
        self.facts = Facts()
        self._tables = tables

    def add(self, entry: Entry, rows: Sequence[Row]) -> None:
        """Count a shard and append its rows to the tables."""
        self.facts.add(entry, rows)
        for row in rows if self._tables else ():
            self._tables.add(entry, row)  # type: ignore[union-attr]

    @property
    def hashes(self) -> dict[str, str]:
        """Return {name: sha256} of the tables once they are finished; {} where none was written."""
        return self._tables.hashes if self._tables else {}


@contextmanager
def gathering(store: Store) -> Iterator[Gathered]:
    """Open the tables, where pyarrow is installed, for shards that are added in order; they are whole at the end."""
    if not parquet.installed():
        yield Gathered(None)
        for name in parquet.COLUMNS:
            store.delete(name)  # of an earlier run with pyarrow, perhaps over other rows
        return
    with (
        store.publish(parquet.SAMPLES) as samples,
        store.publish(parquet.CODES) as codes,
        parquet.Tables(samples, codes) as tables,
    ):
        yield Gathered(tables)


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
