"""HTTP at the edge: one request, its retries, and transport errors as our own."""

from collections.abc import Mapping
from typing import Literal
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as HttpTimeoutError
from urllib3.util import Retry, Timeout, parse_url

from jbplus_recipient.errors import ExchangeError

# The exchange answers 503 with Retry-After when its store is busy, API Gateway 429 when callers are. A request
# that may have been carried out is not repeated by itself: each lookup is one record in the privacy log.
RETRIES = Retry(
    total=5, connect=1, read=0, other=0, status=4, status_forcelist=(429, 503), allowed_methods=None,
    backoff_factor=0.5, retry_after_max=30, raise_on_status=False,
)  # fmt: skip
# API Gateway itself gives up after 30 seconds.
TIMEOUT = Timeout(connect=5, read=35)

Method = Literal["GET", "POST"]


def pool_for(url: str, proxies: Mapping[str, str] | None = None) -> urllib3.PoolManager:
    """Make a connection pool for a URL: through a proxy, when there is one for it.

    Args:
        url: where requests will go to.
        proxies: URLs of proxies by scheme; None for those of the environment.
    """
    parsed = parse_url(url)
    proxy = (getproxies() if proxies is None else proxies).get(parsed.scheme or "")
    if proxy and not _is_loopback(parsed.host) and not proxy_bypass(parsed.netloc or ""):
        return urllib3.ProxyManager(proxy, retries=RETRIES, timeout=TIMEOUT)
    return urllib3.PoolManager(retries=RETRIES, timeout=TIMEOUT)


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
    try:
        if fields is not None:
            return http.request(method, url, fields=dict(fields), encode_multipart=False, redirect=False)
        return http.request(method, url, body=body, headers=dict(headers or {}), redirect=False)
    except HTTPError as error:
        raise ExchangeError(f"{_site(url)} gives no answer ({_reason(error)}). {advice}") from error


def _site(url: str) -> str:
    parsed = parse_url(url)
    return f"{parsed.scheme}://{parsed.netloc}"


def _reason(error: HTTPError) -> str:
    cause = getattr(error, "reason", None) or error
    if isinstance(cause, NewConnectionError):
        return "connection refused or name unknown"
    if isinstance(cause, HttpTimeoutError):
        return "it took too long"
    if isinstance(cause, SSLError):
        return "its certificate is not trusted"
    return "the connection broke"
