"""Fixtures of the tests that need servers, engines or other people's loaders."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent / "tests"
sys.path[:0] = [str(HERE), str(TESTS)]  # object_server and fake_renderer
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))  # in workers too

from object_server import ObjectServer, new_bucket, new_server, point_at  # noqa: E402


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    """Run an object server for the whole session."""
    server = new_server(tmp_path_factory.mktemp("weed"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_object_server(tmp_path: Path) -> Iterator[ObjectServer]:
    """Run an object server that the test may kill."""
    server = new_server(tmp_path / "weed")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def s3(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> ObjectServer:
    """Return the session's object server, with the AWS variables of this process pointing at it."""
    return point_at(object_server, monkeypatch)


@pytest.fixture
def bucket(s3: ObjectServer) -> str:
    """Return the name of a new bucket of the session's server."""
    return new_bucket()


@pytest.fixture
def new_bucket_url(s3: ObjectServer) -> Callable[[], str]:
    """Return a function that makes a new bucket and returns a URL in it."""
    return lambda: f"s3://{new_bucket()}/data"
