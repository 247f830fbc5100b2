"""Where a data set is stored: in a folder, below a prefix of an S3 bucket, or, read only, on a web server.

    store = stores.at("s3://bucket/prefix")
    store.write("run.json", data)              # whole or not at all

A name is a path below the store, with forward slashes.
"""

from __future__ import annotations

from synthgen.dataset.stores import concurrent
from synthgen.dataset.stores.store import Absent, Store
from synthgen.errors import InputError

__all__ = ["Absent", "Store", "at", "concurrent"]


def at(url: str) -> Store:
    """Return the store at a URL or path; nothing is opened or made yet.

    Raises:
        InputError: no store is reached by such a URL, or what it needs is not installed.
    """
    scheme, mark, _ = url.partition("://")
    if not mark:
        from synthgen.dataset.stores.local import Local

        return Local(url)
    if scheme == "s3":
        from synthgen.dataset.stores.s3 import S3

        return S3(url)
    if scheme in ("http", "https"):
        from synthgen.dataset.stores.web import Web

        return Web(url)
    raise InputError(f"{url}: give a folder, s3://bucket/prefix or, to read, https://...")
