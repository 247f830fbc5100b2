"""`samples.parquet`, one row a sample, and `codes.parquet`, one row a code in a view: to filter without opening a tar.

    parquet.read_table("codes.parquet", filters=(pc.field("module_px_min") > 1.5) & (pc.field("incidence_deg") < 45))

Rows are in the order of the shards. The bytes follow from the data set and pyarrow's version alone.

References:
    Apache Parquet, pyarrow 26: row groups of ROWS rows, zstd, numbers as in the JSON (float64, int64).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from math import prod
from typing import TYPE_CHECKING, Any, BinaryIO

from synthgen.dataset.receipts import Entry
from synthgen.dataset.row_index import Row
from synthgen.dataset.sidecars import fields
from synthgen.dataset.sidecars.fields import Field

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLES, CODES = "samples.parquet", "codes.parquet"
ROWS = 1 << 14
"""Rows of a row group: what is in memory at a time, most of it packed."""
_LOOSE = 1 << 10
"""Rows that wait as Python values."""
NEEDED = "samples.parquet and codes.parquet are not written without pyarrow: pip install 'synthgen[data]'"

_PLACE = (
    Field(name="key", type="string", text="the sample"),
    Field(name="split", type="string", text="its split"),
    Field(name="shard", type="string", text="its shard's path"),
    Field(name="shot_index", type="int64", text="the shot that it shows"),
    Field(name="camera", type="string", text="the camera"),
)
_TAR = (
    Field(name="offset", type="int64", unit="B", text="of the sample's first header in its shard"),
    Field(name="bytes", type="int64", unit="B", text="from there to the sample's end"),
    Field(name="sha256", type="string", text="hash of these bytes"),
)
_CODES = (
    Field(name="codes", type="int64", text="annotations of the sample"),
    Field(name="codes_decoded", type="int64", text="of these: zxing-cpp reads the plain crop"),
    Field(name="module_px_least", type="float64", unit="px", text="least module_px_min of its codes, null without"),
    Field(name="module_px_most", type="float64", unit="px", text="largest module_px_min of its codes, null without"),
)
_LEFT_OUT = {"file_name", *(field.name for field in _PLACE)}  # the key with an ending, and what _PLACE has
_RECORD = tuple((path, field) for path, field in fields.flat(fields.RECORD) if field.name not in _LEFT_OUT)
_CODE = tuple(fields.flat(fields.CODE))
_POLYGON = Field(
    name="quad_visible_px", type="float64", unit="px", text="x, y, ... of the quad cut to the image", shape=(None,)
)

COLUMNS = {
    SAMPLES: (*_PLACE, *_TAR, *(field for _, field in _RECORD), *_CODES),
    CODES: (*_PLACE, *(field for _, field in _CODE), _POLYGON),
}
"""Columns of both files. A code has all fields of an annotation; its `segmentation` is `quad_visible_px`."""


def installed() -> bool:
    """Return whether there is a pyarrow."""
    from importlib.util import find_spec

    return find_spec("pyarrow") is not None


class Tables:
    """Both files, being written; whole when the `with` block ends well."""

    def __init__(self, samples: BinaryIO, codes: BinaryIO) -> None:
        self._tables = {SAMPLES: _Table(samples, COLUMNS[SAMPLES]), CODES: _Table(codes, COLUMNS[CODES])}

    def add(self, entry: Entry, row: Row) -> None:
        """Append a sample and its codes."""
        place = [row.key, entry.split, entry.name, row.shot_index, row.key.split("-", 2)[2]]
        found = row.record.get("annotations", ())
        sizes = [code["module_px_min"] for code in found]
        self._tables[SAMPLES].add(
            [
                *place,
                *(row.offset, row.bytes, row.sha256),
                *(_at(row.record, path, field) for path, field in _RECORD),
                *(len(found), sum(code["decoded"] for code in found)),
                *((min(sizes), max(sizes)) if sizes else (None, None)),
            ]
        )
        for code in found:
            polygon = [value for point in code["quad_visible_px"] for value in point]
            self._tables[CODES].add([*place, *(_at(code, path, field) for path, field in _CODE), polygon])

    def __enter__(self) -> Tables:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        for table in self._tables.values():
            with suppress(*(() if kind is None else (Exception,))):  # unfinished anyway, and about to be thrown away
                table.close()

    @property
    def hashes(self) -> dict[str, str]:
        """Return {name: sha256} of the finished files."""
        return {name: table.sink.sha256.hexdigest() for name, table in self._tables.items()}


class _Table:
    """A Parquet file that grows a row at a time."""

    def __init__(self, file: BinaryIO, columns: tuple[Field, ...]) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self.sink = _Sink(file)
        self._schema = pa.schema([(column.name, _type(column)) for column in columns])
        self._writer = parquet.ParquetWriter(self.sink, self._schema, compression="zstd", write_page_checksum=True)
        self._values: list[list[Any]] = [[] for _ in columns]
        self._packed: list[pa.RecordBatch] = []

    def add(self, values: list[Any]) -> None:
        for column, value in zip(self._values, values, strict=True):
            column.append(value)
        if len(self._values[0]) == _LOOSE:
            self._pack()
        if len(self._packed) == ROWS // _LOOSE:
            self._flush()

    def close(self) -> None:
        try:
            self._pack()
            self._flush()
        finally:  # else it closes itself when it is collected, and complains of a file that is gone
            self._writer.close()

    def _pack(self) -> None:
        import pyarrow as pa

        if self._values[0]:
            arrays = [pa.array(values, kind) for values, kind in zip(self._values, self._schema.types, strict=True)]
            self._packed.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
            self._values = [[] for _ in self._values]

    def _flush(self) -> None:
        import pyarrow as pa

        if self._packed:
            self._writer.write_table(pa.Table.from_batches(self._packed).combine_chunks(), ROWS)
            self._packed = []


class _Sink:
    """What a Parquet writer needs of a file; hashes what passes."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return self._file.write(data)


def _type(column: Field) -> pa.DataType:
    import pyarrow as pa

    value = {"bool": pa.bool_(), "int64": pa.int64(), "float64": pa.float64(), "string": pa.string()}[column.type]
    if not column.shape:
        return value
    return pa.list_(value) if None in column.shape else pa.list_(value, prod(column.shape))


def _at(values: Mapping[str, Any], path: tuple[str, ...], field: Field) -> Any:
    """Return the value at a path, its lists flattened; None where there is none."""
    found: Any = values
    for name in path:
        if type(found) is not dict:  # an isinstance of Mapping takes as long as the rest of the row
            return None
        found = found.get(name)
    for _ in field.shape[1:] if found else ():
        found = [value for row in found for value in row]
    return found
