"""The meaning of an object store's refusals, with a remedy for each; no message repeats a secret.

References:
    Amazon S3 API Reference, Error responses: the codes. botocore.exceptions: what never reached a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from synthgen.dataset.stores import silence
from synthgen.dataset.stores.store import Absent
from synthgen.errors import DatasetError, InputError, OutputError

_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE and ~/.aws/credentials"
_SESSION = "sign in again (for example `aws sso login`), or renew AWS_SESSION_TOKEN"
_ENDPOINT = "check AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_S3) and the network"
_SILENT = f"{_ENDPOINT}; {silence.VARIABLE} (seconds) waits longer"
_REGION = "set AWS_DEFAULT_REGION to the bucket's region"
_RIGHTS = (
    "ask for ListBucket, GetObject, PutObject and DeleteObject there, "
    "and for multipart uploads ListBucketMultipartUploads and AbortMultipartUpload"
)
_AGAIN = "run the same command again a little later, with fewer workers if it stays so"

_REFUSED = {
    "NoSuchBucket": ("there is no such bucket", "create it (`aws s3 mb s3://NAME`) or check its name"),
    "InvalidBucketName": ("that is no bucket's name", "write s3://BUCKET/PREFIX"),
    "InvalidAccessKeyId": ("this access key is not known there", _KEYS),
    "SignatureDoesNotMatch": ("the secret key does not belong to the access key", _KEYS),
    "AccessDenied": ("these credentials may not do that", _RIGHTS),
    "AllAccessDisabled": ("access is disabled", _RIGHTS),
    "403": ("access is refused", _RIGHTS),
    "ExpiredToken": ("the session has expired", _SESSION),
    "InvalidToken": ("the session is not valid", _SESSION),
    "TokenRefreshRequired": ("the session has expired", _SESSION),
    "RequestTimeTooSkewed": ("this machine's clock differs too much from the server's", "set the clock (NTP)"),
    "PermanentRedirect": ("the bucket is in another region", _REGION),
    "301": ("the bucket is in another region", _REGION),
    "AuthorizationHeaderMalformed": ("the request was signed for another region", _REGION),
    "IllegalLocationConstraintException": ("the bucket is in another region", _REGION),
    "SlowDown": ("the server is overloaded", _AGAIN),
    "ServiceUnavailable": ("the server is overloaded", _AGAIN),
    "503": ("the server is overloaded", _AGAIN),
    "BadDigest": ("the bytes were damaged on their way", _AGAIN),
    "XAmzContentChecksumMismatch": ("the bytes were damaged on their way", _AGAIN),
    "InternalError": ("the server failed", f"see its log (is its disk full?); {_AGAIN}"),
    "NotImplemented": ("the server cannot do that", "use a server with conditional writes and multipart uploads"),
}
_UNREACHED = {
    "NoCredentialsError": ("no credentials were found", _KEYS),
    "PartialCredentialsError": ("the credentials are incomplete", _KEYS),
    "CredentialRetrievalError": ("the credentials could not be fetched", _KEYS),
    "ProfileNotFound": ("AWS_PROFILE names a profile that does not exist", _KEYS),
    "ConfigParseError": ("the AWS configuration file is damaged", "mend ~/.aws/config or what AWS_CONFIG_FILE names"),
    "TokenRetrievalError": ("the sign-in has expired", _SESSION),
    "UnauthorizedSSOTokenError": ("the sign-in has expired", _SESSION),
    "SSOTokenLoadError": ("the sign-in has expired", _SESSION),
    "EndpointConnectionError": ("no server answers there", _ENDPOINT),
    "ConnectTimeoutError": ("no server answers there", _ENDPOINT),
    "ConnectionClosedError": ("the server closed the connection", _ENDPOINT),
    "ReadTimeoutError": ("the server stopped answering", _SILENT),
    "FSTimeoutError": ("the server does not answer", _SILENT),
    "TimeoutError": ("the server does not answer", _SILENT),
    "SSLError": ("the server's certificate is not trusted", "check https:// in AWS_ENDPOINT_URL, or set AWS_CA_BUNDLE"),
    "ParamValidationError": ("that is no bucket's name", "write s3://BUCKET/PREFIX"),
    "InvalidRegionError": ("that is no region's name", "correct AWS_DEFAULT_REGION"),
}


def code(error: BaseException) -> str:
    """Return the server's code of an error that may wrap its answer, "" where no server said anything."""
    found: BaseException | None = error
    while found is not None:
        response = getattr(found, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code", ""))
        found = found.__cause__
    return ""


@contextmanager
def explained(place: str, endpoint: Callable[[], str], kind: type[DatasetError] | type[OutputError]) -> Iterator[None]:
    """Turn whatever s3fs, botocore or aiohttp raise in the block into an error that says where, what and what to do.

    Raises:
        Absent: there is no such object.
        DatasetError: reading failed, where that is the `kind`.
        OutputError: writing failed, where that is the `kind`.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        found = code(error)
        if found in ("NoSuchKey", "404"):
            raise Absent(f"{place}: there is no such object; check the name and that the data set is whole") from error
        what, remedy = _REFUSED.get(found) or _unreached(error, found)
        raise kind(f"{place}: {what} (endpoint {shown(endpoint())}); {remedy}") from error


def shown(endpoint: str) -> str:
    """Return an endpoint without any user or password in it."""
    parts = urlsplit(endpoint)
    return endpoint.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1)


def _unreached(error: Exception, found: str) -> tuple[str, str]:
    for each in type(error).__mro__:
        if each.__name__ in _UNREACHED:
            return _UNREACHED[each.__name__]
    if found:
        return f"the server answered {found}", "look that code up in the server's documentation"
    if isinstance(error, ValueError) and "endpoint" in str(error).lower():
        return "that is no endpoint", "write AWS_ENDPOINT_URL as https://HOST or http://HOST:PORT"
    return type(error).__name__, _ENDPOINT
