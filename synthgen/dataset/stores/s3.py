"""A prefix of a bucket as a store: Amazon S3 and servers with its API.

Endpoint, region and credentials come from the AWS variables and files; the one setting of our own is how long a server
may keep silent (`silence.py`), which is waited for up to three times before a request is given up. A shard is built
in a scratch folder of this machine and uploaded when it is whole: streaming into the final name would publish what was
written so far when the writer fails. An object appears with its last byte, under S3's rules; a rename would be a copy.

References:
    Amazon S3 User Guide, "Conditional writes" (If-None-Match, 412, 409), "Uploading with multipart upload" (parts are
    stored until the upload is completed or aborted), "Checking object integrity" (SHA-256 of a single PUT).
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from synthgen import atomic_files
from synthgen.dataset.stores import read_ahead, s3_faults, silence
from synthgen.errors import DatasetError, InputError, OutputError

PUT_MAX_BYTES = 64 * 2**20
"""Up to here one PUT: one request that leaves nothing behind and carries a checksum of the whole. It is held in memory,
as four parts are, and sent again whole when it fails; S3 itself allows 5 GB."""
PART_BYTES = 16 * 2**20
"""Size of a part above that; S3 wants 5 MiB or more, and at most MAX_PARTS of them."""
MAX_PARTS = 10_000
UPLOADS_AT_ONCE = 4
STALE_UPLOAD_S = 86_400.0
"""An unfinished upload that is older was left by a dead writer: no shard takes a day to send."""

_CONNECT_TIMEOUT_S, _ATTEMPTS = 3.0, 3  # an endpoint that is not there is known after 9 s and pauses
_PREPARE_TIMEOUT_S = 12.0
_JOIN_S = 300.0
"""How long S3 may take to join the parts of an upload; it keeps the connection alive meanwhile."""
_CONFLICT_PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.6)
_STARTS = 4


class S3:
    """Objects are those of a bucket below a prefix."""

    def __init__(self, url: str) -> None:
        self.url = url
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not bucket:
            raise InputError(f"{url}: names no bucket; write s3://BUCKET/PREFIX")
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        # of this user alone; the same in each process of the machine, so that `sweep` finds what dead ones left
        place = hashlib.sha256(self.place().encode()).hexdigest()[:16]
        self._scratch = Path(tempfile.gettempdir()) / f"synthgen-{os.getuid()}" / place

    def place(self, name: str = "") -> str:
        """Return the object's URL."""
        return f"s3://{self._bucket}/{self._key(name)}"

    def prepare(self) -> None:
        """Check that bucket and credentials are good and that the scratch folder can be made."""
        self._list(OutputError, timeout=_soon_s())
        try:
            self._make_scratch()
        except OSError as error:
            raise self._no_room(error) from error

    def read(self, name: str) -> bytes:
        """Get an object."""
        with self._explained(name, DatasetError):
            return self._files.cat_file(self._path(name), max_concurrency=1)

    def read_range(self, name: str, start: int, size: int) -> bytes:
        """Get `size` bytes from `start` on, in one request."""
        if size <= 0:
            return b""
        with self._explained(name, DatasetError):
            try:
                return self._files.cat_file(self._path(name), start=start, end=start + size)
            except OSError as error:
                found = s3_faults.code(error)
                if found in ("InvalidRange", "416"):  # it starts behind the end
                    return b""
                if found == "NoSuchKey" and self.size(name) == 0:  # SeaweedFS 4.48 says so of a range of nothing
                    return b""
                raise

    def open(self, name: str) -> BinaryIO:
        """Open an object for reading."""
        size = int(self._head(name)["ContentLength"])
        return read_ahead.stream(self.place(name), size, lambda start, count: self.read_range(name, start, count))

    def size(self, name: str) -> int | None:
        """Return an object's size [B], None where there is none."""
        try:
            return int(self._head(name)["ContentLength"])
        except s3_faults.Absent:
            return None

    def sha256(self, name: str) -> str:
        """Return the hash that was stored with an object, which is read only where none was."""
        head = self._head(name)
        if stored := head.get("Metadata", {}).get("sha256"):
            return stored
        with self.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def names(self, folder: str = "") -> Iterator[str]:
        """Yield the names of all objects below a folder, a page at a time."""
        prefix = self._key(f"{folder.strip('/')}/" if folder.strip("/") else "")
        page: Mapping[str, Any] = {"NextContinuationToken": None}
        while "NextContinuationToken" in page:
            page = self._list(DatasetError, prefix, page["NextContinuationToken"])
            keys = (entry["Key"] for entry in page.get("Contents", ()))
            yield from (key.removeprefix(self._prefix) for key in keys if not key.endswith("/"))

    def write(self, name: str, data: bytes) -> None:
        """Put an object."""
        self._put(name, data)

    def create(self, name: str, data: bytes) -> bool:
        """Put an object where there is none.

        A PUT that is sent again because its answer was lost finds its own object; a random mark in the metadata
        tells it from another writer's.
        """
        mark = secrets.token_hex(8)
        for pause_s in _CONFLICT_PAUSES_S:
            try:
                return self._created(name, data, mark)
            except OutputError as error:
                if s3_faults.code(error) not in ("ConditionalRequestConflict", "OperationAborted", "409"):
                    raise
            time.sleep(pause_s)
        return self._created(name, data, mark)

    @contextmanager
    def publish(self, name: str) -> Iterator[BinaryIO]:
        """Open a file of this machine that is uploaded when the block ends well."""
        whole = False
        try:
            self._make_scratch()
            with atomic_files.published(self._scratch / name) as file:
                yield file
                file.flush()
                whole = True
                self._upload(file, name)
                raise _Uploaded  # so that the file vanishes
        except _Uploaded:
            pass
        except (OSError, OutputError) as error:
            trouble = error if isinstance(error, OSError) else error.__cause__
            if whole or not isinstance(trouble, OSError):
                raise
            raise self._no_room(trouble) from error

    def delete(self, name: str) -> None:
        """Remove an object; none is fine."""
        with suppress(s3_faults.Absent):
            self._call(OutputError, "delete_object", name, Key=self._key(name))

    def sweep(self) -> list[str]:
        """Remove scratch files of dead writers of this machine, and uploads that were begun a day ago and more."""
        swept = atomic_files.sweep(self._scratch)
        with suppress(InputError):  # a server that does not answer, or refuses the list, keeps them for the next sweep
            swept += [Path(name).name for name in self._abort("", STALE_UPLOAD_S)]
        return swept

    def abort_uploads(self, name: str = "") -> int:
        """Abort the unfinished uploads of an object, or all below the prefix; return how many there were.

        An upload that is alive starts anew by itself.
        """
        return len(self._abort(name))

    def withdraw(self) -> None:
        """Remove the scratch folder; a bucket has no folders."""
        shutil.rmtree(self._scratch, ignore_errors=True)

    def free_bytes(self) -> int | None:
        """Return None: a bucket has no limit."""
        return None

    def _upload(self, file: BinaryIO, name: str) -> None:
        """Send a whole file under its final name."""
        size = os.fstat(file.fileno()).st_size
        if size <= PUT_MAX_BYTES:
            self._put(name, os.pread(file.fileno(), size, 0))
            return
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.abort_uploads(name)  # a dead writer's
        for start in range(_STARTS):
            try:
                return self._send_parts(file.fileno(), size, name, digest)
            except OutputError as error:  # another writer of this shard, or finalize, took ours for a dead writer's
                if s3_faults.code(error) != "NoSuchUpload" or start == _STARTS - 1:
                    raise

    def _send_parts(self, handle: int, size: int, name: str, digest: str) -> None:
        """Send a file in parts, some at a time; whatever goes wrong, no part is left behind."""
        step = max(PART_BYTES, -(-size // MAX_PARTS))
        key = {"Key": self._key(name)}
        made = self._call(
            OutputError, "create_multipart_upload", name, **key, Metadata={"sha256": digest}, ChecksumAlgorithm="SHA256"
        )
        upload = {**key, "UploadId": made["UploadId"]}

        def send(start: int) -> dict[str, Any]:
            body, number = os.pread(handle, min(step, size - start), start), start // step + 1
            checksum = {"ChecksumSHA256": _checksum(hashlib.sha256(body).digest())}
            sent = self._call(OutputError, "upload_part", name, **upload, PartNumber=number, Body=body, **checksum)
            return {"PartNumber": number, "ETag": sent["ETag"], **checksum}

        threads = ThreadPoolExecutor(UPLOADS_AT_ONCE, "upload")
        try:
            parts = list(threads.map(send, range(0, size, step)))
            self._call(OutputError, "complete_multipart_upload", name, **upload, MultipartUpload={"Parts": parts})
        except BaseException:
            threads.shutdown(cancel_futures=True)  # a part that arrives after the end of its upload would stay
            with suppress(InputError):
                self._end_upload(upload)
            raise
        finally:
            threads.shutdown()

    def _created(self, name: str, data: bytes, mark: str) -> bool:
        try:
            self._put(name, data, {"created-by": mark}, IfNoneMatch="*")
        except OutputError as error:
            if s3_faults.code(error) not in ("PreconditionFailed", "412"):
                raise
            return self._head(name).get("Metadata", {}).get("created-by") == mark
        return True

    def _put(self, name: str, data: bytes, marks: Mapping[str, str] | None = None, **condition: str) -> None:
        digest = hashlib.sha256(data)
        stored = {
            "Metadata": {"sha256": digest.hexdigest(), **(marks or {})},
            "ChecksumSHA256": _checksum(digest.digest()),
        }
        self._call(OutputError, "put_object", name, Key=self._key(name), Body=data, **stored, **condition)

    def _head(self, name: str) -> Mapping[str, Any]:
        try:
            return self._call(DatasetError, "head_object", name, Key=self._key(name))
        except DatasetError as error:
            if s3_faults.code(error) in ("403", "400"):
                self._list(DatasetError)  # the answer to a HEAD has no text: a LIST says what is wrong
            raise

    def _list(
        self,
        kind: type[DatasetError] | type[OutputError],
        prefix: str | None = None,
        token: str | None = None,
        timeout: float | None = None,
    ) -> Mapping[str, Any]:
        """Return a page of the names below a prefix, or, without one, just whether they can be listed."""
        few = {"Prefix": self._prefix, "MaxKeys": 1} if prefix is None else {"Prefix": prefix}
        onwards = {"ContinuationToken": token} if token else {}
        return self._call(kind, "list_objects_v2", "", **few, **onwards, timeout=timeout)

    def _abort(self, name: str, age_s: float | None = None) -> list[str]:
        """Abort unfinished uploads, just old ones where an age is given; return the names that they were to have."""
        wanted, now = self._key(name), datetime.now(UTC)
        aborted = []
        for upload in list(self._uploads(wanted)):
            old = age_s is None or (now - upload["Initiated"]).total_seconds() >= age_s
            if old and (not name or upload["Key"] == wanted):
                self._end_upload({"Key": upload["Key"], "UploadId": upload["UploadId"]})
                aborted.append(upload["Key"].removeprefix(self._prefix))
        return aborted

    def _end_upload(self, upload: Mapping[str, str]) -> None:
        try:
            self._call(OutputError, "abort_multipart_upload", "", **upload)
        except InputError as error:
            if s3_faults.code(error) not in ("NoSuchUpload", "404"):  # somebody else ended it
                raise

    def _uploads(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        """Yield the unfinished uploads of keys with a prefix."""
        onwards: dict[str, Any] = {}
        while True:
            page = self._call(OutputError, "list_multipart_uploads", "", Prefix=prefix, **onwards, timeout=_soon_s())
            yield from page.get("Uploads", ())
            if not page.get("IsTruncated"):
                return
            onwards = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    def _call(self, kind: type[DatasetError] | type[OutputError], method: str, name: str, **given: Any) -> Any:
        with self._explained(name, kind):
            joining_s = _JOIN_S if method == "complete_multipart_upload" else 0.0
            deadline_s = silence.deadline_s(_ATTEMPTS, _CONNECT_TIMEOUT_S, len(given.get("Body", b""))) + joining_s
            limit_s = given.pop("timeout", None) or deadline_s
            return self._files.call_s3(method, Bucket=self._bucket, **given, timeout=limit_s)

    @contextmanager
    def _explained(self, name: str, kind: type[DatasetError] | type[OutputError]) -> Iterator[None]:
        with s3_faults.explained(self.place(name), self._endpoint, kind):
            yield

    def _make_scratch(self) -> None:
        """Make the scratch folder, below one that belongs to this user.

        Raises:
            OSError: it cannot be made.
        """
        top = self._scratch.parent
        top.mkdir(mode=0o700, exist_ok=True)
        if top.lstat().st_uid != os.getuid():
            raise PermissionError(errno.EACCES, f"{top} belongs to somebody else")
        self._scratch.mkdir(exist_ok=True)

    def _no_room(self, error: OSError) -> OutputError:
        place, reason = self._scratch, error.strerror or error
        return OutputError(f"{place}: {reason}; shards are built there before they are sent: make room or set TMPDIR")

    def _endpoint(self) -> str:
        with suppress(Exception):  # where none could be made
            return str(self._files.s3.meta.endpoint_url)
        return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "of AWS"

    @property
    def _files(self) -> Any:
        """Return the file system of this process: its thread does not survive a fork."""
        return _connected(
            os.getpid(),
            silence.limit_s(),
            tuple(sorted(item for item in os.environ.items() if item[0].startswith("AWS_"))),
        )

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _path(self, name: str) -> str:
        return f"{self._bucket}/{self._key(name)}"


class _Uploaded(Exception):
    """The scratch file is uploaded and may go."""


def _soon_s() -> float:
    """Return the time limit of questions that a run can do without the answer to, or that come before all work [s]."""
    return min(_PREPARE_TIMEOUT_S, silence.limit_s())


def _checksum(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


@lru_cache(maxsize=4)
def _connected(pid: int, silence_s: float, environment: tuple[tuple[str, str], ...]) -> Any:
    """Return a file system made in process `pid` under these AWS variables, its requests `silence_s` patient.

    Raises:
        InputError: s3fs is not installed.
    """
    try:
        import s3fs
    except ImportError as error:
        raise InputError("s3:// needs s3fs, which is not installed: pip install 'synthgen[s3]'") from error
    tries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    config = {
        "connect_timeout": min(_CONNECT_TIMEOUT_S, silence_s),
        "read_timeout": silence_s,
        "retries": tries,
        "max_pool_connections": 32,
        "request_checksum_calculation": "when_required",  # ours are SHA-256; others are not known to every server
        "response_checksum_validation": "when_required",
    }
    files = s3fs.S3FileSystem(config_kwargs=config, skip_instance_cache=True, use_listings_cache=False)
    files.retries = 1  # botocore tries again itself; both together would wait for a silent server twice as long
    return files
