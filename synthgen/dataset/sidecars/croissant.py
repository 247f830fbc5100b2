"""`croissant.json`: the data set for search engines and for mlcroissant, with the hash of every shard.

References:
    MLCommons Croissant 1.0 and its RAI vocabulary; the terms of the context are those that mlcroissant 1.1.1 expects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, BinaryIO

from synthgen.dataset.receipts import Entry
from synthgen.dataset.sidecars import licence, long_json
from synthgen.dataset.sidecars.fields import Field

FILE = "croissant.json"
_PARQUET = "application/x-parquet"  # what mlcroissant knows it by
_TYPES = {"bool": "sc:Boolean", "int64": "sc:Integer", "float64": "sc:Float", "string": "sc:Text"}
_TERMS = """
    citeAs column conformsTo data dataType equivalentProperty examples extract field fileObject fileProperty fileSet
    format includes isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace
    samplingRate separator source subField transform
"""
_SPECIAL: Mapping[str, Any] = {
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    **{name: _SPECIAL.get(name, f"cr:{name}") for name in _TERMS.split()},
}


def write(
    file: BinaryIO,
    *,
    title: str,
    text: str,
    stated: licence.Licence,
    version: str,
    entries: Callable[[], Iterator[Entry]],
    tables: Mapping[str, tuple[Sequence[Field], str]],
) -> None:
    """Write the description.

    Args:
        file: where to.
        title: name for people.
        text: a sentence or two.
        stated: the licence of the data set.
        version: of the code.
        entries: yields the shards with samples; called twice.
        tables: {file name: (columns, sha256)} of the Parquet files.
    """
    shards = (_shard(entry) for entry in entries())
    parquet = [_object(name, _PARQUET, sha256) for name, (_, sha256) in tables.items()]
    images = _images({"@id": entry.name} for entry in entries())
    long_json.write(
        file,
        {
            "@context": _CONTEXT,
            "@type": "sc:Dataset",
            "name": title,
            "description": text,
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "license": stated.url or stated.name,
            "version": "1.0.0",
            "citeAs": f"{title}. Rendered by synthgen {version}.",
            "keywords": ["synthetic", "barcode", "machine vision", "WebDataset"],
            "isLiveDataset": False,
            "rai:dataCollection": f"Rendered by synthgen {version}; nothing was recorded.",
            "rai:dataCollectionType": "Synthetic data",
            "rai:personalSensitiveInformation": "None: no person is shown.",
            "recordSet": [_image_records(), *(_records(name, columns) for name, (columns, _) in tables.items())],
            "distribution": long_json.Array(chain(shards, parquet, [images])),
        },
    )


def _object(name: str, kind: str, sha256: str) -> dict[str, Any]:
    plain = {"@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name}
    return {**plain, "encodingFormat": kind, "sha256": sha256}


def _shard(entry: Entry) -> dict[str, Any]:
    return {**_object(entry.name, "application/x-tar", entry.sha256), "contentSize": f"{entry.bytes} B"}


def _images(shards: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    plain = {"@type": "cr:FileSet", "@id": "images", "name": "images", "description": "The image of every sample."}
    return {**plain, "containedIn": long_json.Array(shards), "encodingFormat": "image/png", "includes": "*.png"}


def _image_records() -> dict[str, Any]:
    def field(name: str, kind: str, taken: str, text: str) -> dict[str, Any]:
        source = {"fileSet": {"@id": "images"}, "extract": {"fileProperty": taken}}
        plain = {"@type": "cr:Field", "@id": f"images/{name}", "name": name, "description": text}
        return {**plain, "dataType": kind, "source": source}

    fields = [
        field("filename", "sc:Text", "filename", "`<key>.png`"),
        field("png", "sc:ImageObject", "content", "what the camera saw"),
    ]
    return {"@type": "cr:RecordSet", "@id": "image-records", "name": "image-records", "field": fields}


def _records(table: str, columns: Sequence[Field]) -> dict[str, Any]:
    stem = table.partition(".")[0]
    return {
        "@type": "cr:RecordSet",
        "@id": stem,
        "name": stem,
        "field": [_column(table, stem, column) for column in columns if not column.shape],
    }


def _column(table: str, stem: str, column: Field) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{stem}/{column.name}",
        "name": column.name,
        "description": f"{column.text} [{column.unit}]" if column.unit else column.text,
        "dataType": _TYPES[column.type],
        "source": {"fileObject": {"@id": table}, "extract": {"column": column.name}},
    }
