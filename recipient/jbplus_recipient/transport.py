"""HTTP at the edge: one request, its retries, and transport errors as our own."""

import math
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import urllib3
from typing_extensions import override
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError, ProtocolError, ProxyError, SSLError
from urllib3.exceptions import TimeoutError as HttpTimeoutError
from urllib3.util import Retry, Timeout, Url, make_headers, parse_url

from jbplus_recipient.errors import ExchangeError

_PROXY_REFUSES: Final = "The proxy {} refuses user and password, or wants some (407). Check the proxy settings."


class PatientRetry(Retry):
    """Waits as long as it is told, and as it would otherwise when that is not said in seconds or as a date."""

    @override
    def parse_retry_after(self, retry_after: str) -> float:
        try:
            seconds = float(retry_after)
            return min(max(seconds, 0), self.retry_after_max) if math.isfinite(seconds) else self.get_backoff_time()
        except ValueError:
            pass
        try:
            return super().parse_retry_after(retry_after)
        except (HTTPError, ValueError, OverflowError):
            return self.get_backoff_time()


# The exchange answers 503 with Retry-After when its store is busy, API Gateway 429 when callers are. A request
# that may have been carried out is not repeated by itself: each lookup is one record in the privacy log.
RETRIES = PatientRetry(
    total=5, connect=1, read=0, other=0, status=4, status_forcelist=(429, 503), allowed_methods=None,
    backoff_factor=0.5, retry_after_max=30, raise_on_status=False,
)  # fmt: skip
# API Gateway itself gives up after 30 seconds.
TIMEOUT = Timeout(connect=5, read=35)

Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Identity:
    """A client certificate, for a server that lets nobody in without (mutual TLS).

    Attributes:
        certificate: the file with it, in PEM; those of who vouches for it may follow.
        key: the file with its key, in PEM, without a password.
    """

    certificate: Path
    key: Path

    def check(self) -> None:
        """See that it can be used.

        Raises:
            ExchangeError: it cannot.
        """
        try:
            ssl.create_default_context().load_cert_chain(self.certificate, self.key, password="")
        except (OSError, ValueError):
            raise ExchangeError(
                f"The client certificate {self.certificate} with the key {self.key} cannot be used: both must be files "
                "in PEM that belong together, the key without a password."
            ) from None


def pool_for(
    url: str, proxies: Mapping[str, str] | None = None, identity: Identity | None = None
) -> urllib3.PoolManager:
    """Make a connection pool for a URL: through a proxy, when there is one for it.

    Args:
        url: where requests will go to.
        proxies: URLs of proxies by scheme, or `host:port`, with user and password where they want them; None for
            those of the environment.
        identity: what servers are shown that ask for a client certificate; None for nothing.

    Raises:
        ExchangeError: the URL, the proxy's or the identity cannot be used.
    """
    shown: dict[str, Any] = {}
    if identity is not None:
        identity.check()
        shown = {"cert_file": str(identity.certificate), "key_file": str(identity.key)}
    parsed = _parsed(url, f"The URL of the exchange must begin with https://, and have no blanks: {_shown(url)}.")
    proxy = (getproxies() if proxies is None else proxies).get(parsed.scheme or "")
    if not proxy or _is_loopback(parsed.host) or proxy_bypass(parsed.netloc or ""):
        return urllib3.PoolManager(retries=RETRIES, timeout=TIMEOUT, **shown)
    through = _parsed(
        proxy if "://" in proxy else f"http://{proxy}",
        f"The proxy for {parsed.scheme} must be written as http://host:port, or http://user:password@host:port. "
        "Check the proxy settings.",
    )
    # urllib3 would drop what stands before the @.
    headers = make_headers(proxy_basic_auth=unquote(through.auth)) if through.auth else None
    place = through._replace(auth=None).url
    return urllib3.ProxyManager(place, proxy_headers=headers, retries=RETRIES, timeout=TIMEOUT, **shown)


def _parsed(url: str, words: str) -> Url:
    try:
        parsed = parse_url(url)
    except LocationParseError:
        raise ExchangeError(words) from None
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ExchangeError(words)
    return parsed


def _shown(url: str) -> str:
    return "it holds a user" if "@" in url else repr(url)


def _is_loopback(host: str | None) -> bool:
    return host in {"127.0.0.1", "localhost", "[::1]"}


def ask(
    http: urllib3.PoolManager,
    url: str,
    *,
    method: Method = "POST",
    advice: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> urllib3.BaseHTTPResponse:
    """Send one request and read its whole answer, whatever its status.

    Args:
        http: the connection pool; its retries and time-outs apply.
        url: where to; never with a person number in it.
        method: the HTTP method.
        advice: what to do when nothing answers.
        body: the body, or None for a form.
        headers: further headers.
        fields: a form, instead of a body.

    Raises:
        ExchangeError: no answer came.
    """

    def send() -> urllib3.BaseHTTPResponse:
        if fields is not None:
            return http.request(
                method, url, fields=dict(fields), encode_multipart=False, redirect=False, preload_content=False
            )
        return http.request(method, url, body=body, headers=dict(headers or {}), redirect=False, preload_content=False)

    try:
        response = _sent(http, url, send)
        _ = response.data  # all of it, and kept
    except HTTPError as error:
        raise ExchangeError(_words(http, url, error, advice)) from error
    except (HTTPException, ValueError):
        # Python's own words show what cannot be sent: it may be a secret.
        raise ExchangeError(
            f"The request to {_site(url)} cannot be sent: a header holds a character that HTTP has not."
        ) from None
    if response.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        raise ExchangeError(_PROXY_REFUSES.format(_proxy(http)))
    return response


def _sent(
    http: urllib3.PoolManager, url: str, send: Callable[[], urllib3.BaseHTTPResponse]
) -> urllib3.BaseHTTPResponse:
    """Send, and once more when a kept connection turns out to be dead before an answer began to come over it."""
    pool = http.connection_from_url(url)
    made = pool.num_connections
    try:
        return send()
    except HTTPError as error:
        if pool.num_connections != made or not _was_dead(error):
            raise
    return send()


def _was_dead(error: HTTPError) -> bool:
    cause = getattr(error, "reason", None) or error
    return isinstance(cause, ProtocolError) and isinstance(cause.args[-1], ConnectionError)


def _site(url: str) -> str:
    parsed = parse_url(url)
    return f"{parsed.scheme}://{parsed.netloc}"


def _proxy(http: urllib3.PoolManager) -> str:
    return "" if http.proxy is None else f"{http.proxy.host}:{http.proxy.port}"


def _words(http: urllib3.PoolManager, url: str, error: HTTPError, advice: str) -> str:
    cause = getattr(error, "reason", None) or error
    if isinstance(cause, ProxyError):
        # http.client tells a refused tunnel in words alone.
        if f" {HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value} " in str(cause.original_error):
            return _PROXY_REFUSES.format(_proxy(http))
        return f"The proxy {_proxy(http)} lets nothing through to {_site(url)}. Check the proxy settings."
    return f"{_site(url)} gives no answer ({_reason(cause)}). {advice}"


def _reason(cause: Exception) -> str:
    if isinstance(cause, NewConnectionError):
        return "connection refused or name unknown"
    if isinstance(cause, HttpTimeoutError):
        return "it took too long"
    if isinstance(cause, SSLError):
        return "its certificate is not trusted"
    return "the connection broke"
