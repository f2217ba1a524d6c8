"""A bucket, as far as the functions use one."""

from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import md5
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_NOW = "2026-03-05T09:00:00.000Z"
_XML = '<?xml version="1.0" encoding="UTF-8"?>'


@dataclass(frozen=True)
class Answer:
    """An answer of the bucket."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Objects:
    """Keeps objects by key, with the headers that they keep."""

    objects: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Do one operation of S3; the bucket's name stands first in the path."""
        parts = urlsplit(target)
        key = unquote(parts.path).removeprefix("/").partition("/")[2]
        match method:
            case "GET" if not key:
                return self._list(parse_qs(parts.query).get("prefix", [""])[0])
            case "GET" | "HEAD":
                return self._read(key)
            case "PUT" if "x-amz-copy-source" in headers:
                return self._copy(headers["x-amz-copy-source"], key, in_parts="partNumber=" in parts.query)
            case "PUT":
                return self._put(key, headers, body)
            case "POST":
                # A large file is copied in parts: this begins and ends that.
                return _xml("<Upload><UploadId>upload</UploadId></Upload>")
            case "DELETE":
                self.objects.pop(key, None)
                return Answer(204)
        raise ValueError(method)

    def _read(self, key: str) -> Answer:
        if key not in self.objects:
            return _error(404, "NoSuchKey")
        content, kept = self.objects[key]
        return Answer(200, {"Last-Modified": formatdate(1772700000, usegmt=True), "ETag": '"0"', **kept}, content)

    def _put(self, key: str, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("if-none-match") == "*" and key in self.objects:
            return _error(412, "PreconditionFailed")
        self.objects[key] = body, {name: value for name, value in headers.items() if name.startswith("x-amz-meta-")}
        return Answer(200, {"ETag": f'"{md5(body, usedforsecurity=False).hexdigest()}"'})

    def _copy(self, source: str, key: str, *, in_parts: bool) -> Answer:
        self.objects[key] = self.objects[unquote(source).partition("?")[0].removeprefix("/").partition("/")[2]]
        kind = "CopyPartResult" if in_parts else "CopyObjectResult"
        return _xml(f"<{kind}><ETag>0</ETag></{kind}>")

    def _list(self, prefix: str) -> Answer:
        found = sorted(key for key in self.objects if key.startswith(prefix))
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{_NOW}</LastModified><Size>1</Size></Contents>"
            for key in found
        )
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>")


def _xml(body: str, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/xml"}, f"{_XML}{body}".encode())


def _error(status: int, code: str) -> Answer:
    return _xml(f"<Error><Code>{code}</Code></Error>", status)
