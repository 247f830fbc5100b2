"""A data set on a web server: read only, each document by its name.

References:
    RFC 9110, clause 14 (Range: 206 with the part; a server may ignore it and answer 200 with the whole), 8.6
    (Content-Length), 9.3.2 (HEAD).
"""

from __future__ import annotations

import hashlib
import http.client
import io
import ssl
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import BinaryIO, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from synthgen.dataset.stores import silence
from synthgen.dataset.stores.store import Absent
from synthgen.errors import DatasetError, InputError, OutputError

_PAUSES_S = (0.2, 1.0, None)
"""After each try that fails; the last one is the last."""
_DROP_BYTES = 2**20
_BREAKS = 5
"""How often a document's connection may break while it is read."""
_BROKEN = (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected)
_PASSING = (429, 500, 502, 503, 504)
_NO_HEAD = (HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)
_REMEDIES = {
    HTTPStatus.UNAUTHORIZED: "the server wants credentials: use a signed URL, or copy the data set",
    HTTPStatus.FORBIDDEN: "access is refused or a signature has expired: renew the URL",
}


class Web:
    """Objects are documents below a URL; a query of that URL (a signature) goes with each request."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._parts = urlsplit(url)
            good = bool(self._parts.hostname) and self._parts.username is None and self._parts.port != 0
        except ValueError:
            good = False
        if not good:  # what was written may hold a password: it is not repeated
            raise InputError("that is no data set's URL: write https://HOST[:PORT]/FOLDER, without user or password")

    def place(self, name: str = "") -> str:
        """Return the document's URL without its query, which may hold a signature."""
        return urlunsplit(urlsplit(self._url(name))._replace(query=""))

    def prepare(self) -> None:
        """Refuse: a web server takes nothing."""
        self._refuse()

    def read(self, name: str) -> bytes:
        """Get a document."""
        with self.open(name) as body:
            return body.read()

    def read_range(self, name: str, start: int, size: int) -> bytes:
        """Get `size` bytes from `start` on.

        From a server that does not know ranges everything before them is fetched too, and dropped.
        """
        if size <= 0:
            return b""
        with io.BufferedReader(_Body(self, name, start, start + size)) as body:
            return body.read()

    def open(self, name: str) -> BinaryIO:
        """Open a document for reading; where the connection breaks, a new one goes on."""
        return io.BufferedReader(_Body(self, name), 128 * 1024)

    def size(self, name: str) -> int | None:
        """Return a document's size [B], None where there is none."""
        try:
            try:
                answer = self.ask(name, "HEAD")
            except _Refused as error:
                if error.status not in _NO_HEAD:  # a URL may be signed for GET alone
                    raise
                answer = self.ask(name, "GET")
        except Absent:
            return None
        with answer:
            length = answer.headers.get("Content-Length", "")
        if not length.isdigit():
            raise DatasetError(f"{self.place(name)}: the server does not say how long it is; copy the data set")
        return int(length)

    def sha256(self, name: str) -> str:
        """Read the document and return its hash."""
        with self.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def names(self, folder: str = "") -> Iterator[str]:
        """Refuse: a web server lists nothing.

        Raises:
            DatasetError: always.
        """
        raise DatasetError(f"{self.place(folder)}: a web server does not list files; use a copy in a folder or s3://")

    def write(self, name: str, data: bytes) -> None:
        """Refuse."""
        self._refuse(name)

    def create(self, name: str, data: bytes) -> bool:
        """Refuse."""
        self._refuse(name)

    def publish(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Refuse."""
        self._refuse(name)

    def delete(self, name: str) -> None:
        """Refuse."""
        self._refuse(name)

    def sweep(self) -> list[str]:
        """Return nothing: there are no writers."""
        return []

    def abort_uploads(self, name: str = "") -> int:
        """Return 0: there are no uploads."""
        return 0

    def withdraw(self) -> None:
        """Do nothing: nothing was written."""

    def free_bytes(self) -> int | None:
        """Return None: it is not known."""
        return None

    def ask(self, name: str, method: str = "GET", span: str = "") -> http.client.HTTPResponse:
        """Return the server's answer; try again where its trouble may pass.

        Raises:
            Absent: there is no such document.
            DatasetError: anything else that is not an answer.
        """
        request = Request(self._url(name), method=method, headers={"Range": span} if span else {})
        for pause_s in _PAUSES_S:
            try:
                return urlopen(request, timeout=silence.limit_s())
            except HTTPError as error:
                error.close()
                trouble, cause, passes = self._refused(name, error), error, error.code in _PASSING
            except (OSError, http.client.HTTPException, ValueError) as error:
                reason = error.reason if isinstance(error, URLError) else error
                trouble, cause, passes = self._unreached(name, reason), error, isinstance(reason, _BROKEN)
            if not passes or pause_s is None:
                raise trouble from cause
            time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _refused(self, name: str, error: HTTPError) -> DatasetError:
        place = self.place(name)
        if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            return Absent(f"{place}: there is no such file; check the URL and that the data set is whole")
        remedy = _REMEDIES.get(error.code, "check the URL, or try again later")
        return _Refused(f"{place}: the server answered {error.code} {error.reason}; {remedy}", error.code)

    def _unreached(self, name: str, reason: object) -> DatasetError:
        remedy = "check the URL and the network"
        if isinstance(reason, ssl.SSLError):
            remedy = "check the URL; SSL_CERT_FILE may name more certificates to trust"
        elif isinstance(reason, TimeoutError):
            remedy = f"{remedy}; {silence.VARIABLE} (seconds) waits longer"
        return DatasetError(f"{self.place(name)}: {reason or type(reason).__name__}; {remedy}")

    def _url(self, name: str) -> str:
        path = self._parts.path.rstrip("/") + (f"/{quote(name)}" if name else "")
        return urlunsplit(self._parts._replace(path=path, fragment=""))

    def _refuse(self, name: str = "") -> NoReturn:
        raise OutputError(f"{self.place(name)}: cannot be written over the web; choose a folder or s3:// with -o")


class _Refused(DatasetError):
    """The server's answer is no."""

    def __init__(self, message: str, status: int) -> None:
        self.status = status
        super().__init__(message)


class _Body(io.RawIOBase):
    """The bytes [start, stop) of a document, over as many connections as it takes."""

    def __init__(
        self,
        web: Web,
        name: str,
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        self._web, self._name, self._at, self._stop, self._breaks = web, name, start, stop, 0
        self._answer: http.client.HTTPResponse | None = None
        self._connect()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self._stop is None or self._at < self._stop:
            wanted = len(buffer) if self._stop is None else min(len(buffer), self._stop - self._at)
            broken: Exception | None = None
            count = 0
            try:
                count = self._answer.readinto(memoryview(buffer)[:wanted]) if self._answer else 0
            except (OSError, http.client.HTTPException) as error:
                broken = error
            if count or (self._stop is None and not broken):  # without a length, the end is the end
                self._at += count
                return count
            self._go_on(broken)
        return 0

    def close(self) -> None:
        if self._answer:
            self._answer.close()
        super().close()

    def _go_on(self, broken: Exception | None) -> None:
        """Open another connection where the last one ended."""
        self._breaks += 1
        if self._breaks > _BREAKS:
            what = f"the connection broke {_BREAKS} times ({broken or 'cut off'})"
            raise DatasetError(f"{self._web.place(self._name)}: {what} at byte {self._at}; try again later") from broken
        if self._answer:
            self._answer.close()
        self._connect()

    def _connect(self) -> None:
        """Ask for what is not read yet, and learn where it ends."""
        last = "" if self._stop is None else self._stop - 1
        whole = self._at == 0 and self._stop is None
        try:
            self._answer = self._web.ask(self._name, "GET", "" if whole else f"bytes={self._at}-{last}")
        except _Refused as error:
            if error.status != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise
            self._stop = self._at  # it starts behind the end
            return
        partial = self._answer.status == HTTPStatus.PARTIAL_CONTENT
        length = self._answer.headers.get("Content-Length", "")
        if length.isdigit():
            end = int(length) + (self._at if partial else 0)
            self._stop = end if self._stop is None else min(end, self._stop)
        if not partial:
            self._drop(self._at)

    def _drop(self, count: int) -> None:
        """Read over what a server without ranges sends before the part that was asked for."""
        while count > 0 and self._answer and (data := self._answer.read(min(count, _DROP_BYTES))):
            count -= len(data)
