"""Where a file or folder is: a local path, or an object in S3 (``s3://``) or Google Cloud Storage (``gs://``).

Datasets of the Hugging Face Hub (``hf://datasets/OWNER/NAME/…``) are objects that are only read.
A local place is a ``pathlib.Path`` and nothing else. An object has the methods of a path that this program needs, so
that the same code reads and writes both. Endpoints and credentials come from the usual environment (``AWS_*``,
``AWS_ENDPOINT_URL``, ``GOOGLE_APPLICATION_CREDENTIALS``, ``STORAGE_EMULATOR_HOST``), never from an address.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from hanmill.schemas.errors import HanmillError
from hanmill.schemas.ranged_file import RangedFile

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_SCHEMES = ("s3", "gs", "hf")
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://(.*)", re.DOTALL)
#: ``?`` is a wildcard, ``?name=`` the beginning of a query.
_QUERY = re.compile(r"\?[A-Za-z][\w.-]*=")
_WILDCARD = re.compile(r"[*?\[]")
#: Google's client tries for 15 minutes by itself; a build says sooner that it cannot reach the store.
_GS_SECONDS = 60


class LocationError(HanmillError, ValueError):
    """An address that names no place, or holds what must not stand in one."""


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """Size in bytes and time of the last change, under the names of ``os.stat_result``.

    The Hub tells no time but what the content is known by; a number made of it stands for the time.
    """

    st_size: int
    st_mtime_ns: int


@dataclass(frozen=True, slots=True, order=True)
class ObjectPath:
    """A place in an object store: ``key`` is ``bucket/path/of/object``, without a slash at its end.

    Folders are only prefixes of keys: they need no making, and are there as long as an object is in them. Errors of
    the store are raised as OSError with the address in ``filename`` and the reason in ``strerror``.
    """

    scheme: str
    key: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.key}"

    def __truediv__(self, name: str) -> ObjectPath:
        return ObjectPath(self.scheme, f"{self.key}/{name.strip('/')}")

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The ending of the name with its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> ObjectPath:
        """The folder around it; a bucket is its own."""
        return ObjectPath(self.scheme, self.key.rpartition("/")[0] or self.key)

    def with_name(self, name: str) -> ObjectPath:
        """Another object of the same folder."""
        return self.parent / name

    def absolute(self) -> ObjectPath:
        """An address always is."""
        return self

    def relative_to(self, folder: ObjectPath) -> PurePosixPath:
        """The path from ``folder``. Raises ValueError where it lies elsewhere."""
        if self.scheme != folder.scheme:
            raise ValueError(f"{self} is not in {folder}")
        return PurePosixPath(self.key).relative_to(folder.key)

    def exists(self) -> bool:
        """Whether an object or a folder stands here."""
        return bool(self._info().type.name != "NotFound")

    def is_file(self) -> bool:
        """Whether an object stands here. One request where it does."""
        return bool(self._info().is_file)

    def is_dir(self) -> bool:
        """Whether an object stands below."""
        return bool(self._info().type.name == "Directory")

    def stat(self) -> ObjectStat:
        """Size and time of an object. Raises FileNotFoundError."""
        info = self._info()
        if not info.is_file:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self))
        if self.scheme == "hf":
            return ObjectStat(info.size, _content_of_hub(self.key))
        return ObjectStat(info.size, info.mtime_ns or 0)

    def open(self, mode: str = "rb", *, stop: int | None = None) -> RangedFile:
        """The object, read by ranges as they are asked for; ``stop`` is where the caller's own part ends."""
        if mode != "rb":
            raise ValueError(f"{self}: mode {mode!r}: expected 'rb'; an object is written whole, by upload")
        with _told_of(self):
            file = self.arrow_file()
            size = file.size()

        def fetch(start: int, end: int) -> bytes:
            with _told_of(self):
                data: bytes = file.read_at(end - start, start)
                return data

        return RangedFile(fetch, size, stop)

    def read_range(self, start: int, end: int) -> bytes:
        """Bytes [start, end) of the object and no other; fewer only where it ends before."""
        with _told_of(self):
            file = self.arrow_file()
            end = min(end, file.size())
            data: bytes = file.read_at(end - start, start) if start < end else b""
            return data

    def arrow_file(self) -> pa.NativeFile:
        """The object as Arrow reads it: a request for every range."""
        return self._filesystem().open_input_file(self.key)

    def read_bytes(self) -> bytes:
        """The whole object."""
        with self.open() as file:
            return file.read()

    def read_text(self, encoding: str) -> str:
        """The whole object as text."""
        return self.read_bytes().decode(encoding)

    def upload(self, source: Path) -> None:
        """Writes a local file as this object: readers see the old object or none, and then all of the new one."""
        self._refuse_to_write()
        # Arrow takes a fifth of a second to import; commands that read no corpus do without.
        import pyarrow as pa

        with _told_of(self), pa.OSFile(str(source), "rb") as file:
            content = file.read_buffer()
            # Without the argument Arrow compresses what is called .gz or .bz2.
            stream = self._filesystem().open_output_stream(self.key, compression=None)
            stream.write(content)
            stream.close()

    def unlink(self, missing_ok: bool = False) -> None:
        """Removes an object. Raises FileNotFoundError unless ``missing_ok``."""
        self._refuse_to_write()
        with _told_of(self):
            try:
                self._filesystem().delete_file(self.key)
            except FileNotFoundError:
                if not missing_ok:
                    raise

    def remove_folder(self) -> None:
        """Removes everything below; nothing where there is nothing."""
        self._refuse_to_write()
        with _told_of(self):
            self._filesystem().delete_dir_contents(self.key, missing_dir_ok=True)

    def is_empty(self) -> bool:
        """Whether no object stands below. The markers that S3 clients leave for emptied folders are none."""
        if any(info.is_file for _, info in self._listing(recursive=False)):
            return False
        # Arrow lists the folders of S3, but of Google's only objects.
        return not any(info.is_file for _, info in self._listing(recursive=True))

    def files(self) -> dict[str, int]:
        """Name to size of the objects one level below, sorted: one request for a thousand of them."""
        return {path.name: info.size for path, info in self._listing(recursive=False) if info.is_file}

    def glob(self, pattern: str) -> list[ObjectPath]:
        """The objects below whose path matches ``*``, ``?``, ``[…]`` and, as a whole part, ``**``; by name.

        As ``glob.glob``, wildcards match no name that begins with a dot. Where a wildcard stands before a slash,
        everything below the plain beginning of the pattern is listed.
        """
        parts = pattern.strip("/").split("/")
        plain = next((n for n, part in enumerate(parts) if _WILDCARD.search(part)), len(parts) - 1)
        folder = ObjectPath(self.scheme, "/".join((self.key, *parts[:plain])))
        wanted = parts[plain:]
        found = (path for path, info in folder._listing(recursive=len(wanted) > 1 or wanted == ["**"]) if info.is_file)
        return [path for path in found if _matches(path.relative_to(folder).parts, wanted)]

    def _listing(self, *, recursive: bool) -> list[tuple[ObjectPath, Any]]:
        from pyarrow.fs import FileSelector

        with _told_of(self):
            selector = FileSelector(self.key, recursive=recursive, allow_not_found=True)
            found = self._filesystem().get_file_info(selector)
        listed = [(ObjectPath(self.scheme, info.path.rstrip("/")), info) for info in found]
        return sorted(listed, key=lambda pair: pair[0])

    def _info(self) -> Any:
        with _told_of(self):
            return self._filesystem().get_file_info(self.key)

    def _refuse_to_write(self) -> None:
        if self.scheme == "hf":
            raise OSError(errno.EROFS, "the Hub is only read here; a corpus is pushed by its own tools", str(self))

    def _filesystem(self) -> Any:
        if self.scheme == "hf":
            return _hub()[0]
        if self.scheme == "gs":
            return _google(os.environ.get("STORAGE_EMULATOR_HOST", ""))
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "")
        return _amazon(endpoint, region, "" if endpoint or region else self.key.partition("/")[0])


#: Where a file or folder is.
Location: TypeAlias = Path | ObjectPath


def relative(place: Location, folder: Location) -> str:
    """The name of a place below a folder, parts joined by slashes."""
    return place.relative_to(folder).as_posix()  # type: ignore[arg-type]


def location(text: str | Path) -> Location:
    """The place a user or a task names.

    Raises LocationError for another scheme, for an address without a bucket, and for one that holds a user, a password
    or a query: none of these is ever repeated in a message.
    """
    match = _ADDRESS.fullmatch(str(text)) if isinstance(text, str) else None
    if match is None:
        return Path(text)
    scheme, rest = match.group(1).lower(), match.group(2)
    refuse_credentials(str(text))
    if scheme not in _SCHEMES:
        raise LocationError(f"{text}: found {scheme}://, expected a local path, s3://, gs:// or hf://datasets/")
    key = rest.strip("/")
    if not key or not rest.partition("/")[0]:
        raise LocationError(f"{text}: found no bucket, expected {scheme}://BUCKET/…")
    if "//" in key or any(part in (".", "..") for part in key.split("/")):
        raise LocationError(f"{text}: found an empty, '.' or '..' part, expected plain names between slashes")
    if scheme == "hf" and (not key.startswith("datasets/") or key.count("/") < 2):
        raise LocationError(f"{text}: expected hf://datasets/OWNER/NAME/…")
    return ObjectPath(scheme, key)


def refuse_credentials(address: str) -> None:
    """Raises LocationError for an address that holds a user, a password or a query, without repeating them."""
    scheme, _, rest = address.partition("://")
    if "@" in rest.partition("/")[0]:
        host = rest.partition("/")[0].rpartition("@")[2]
        raise LocationError(
            f"{scheme}://…@{host}: found a user or password in the address, expected credentials in the environment"
        )
    if query := _QUERY.search(rest):
        raise LocationError(
            f"{scheme}://{rest[: query.start()].partition('/')[0]}/…: found a query in the address, expected a plain "
            "one (credentials and endpoints come from the environment)"
        )


def parquet_source(place: Location) -> Path | pa.NativeFile:
    """What Arrow's Parquet functions take: a local path as it is, an object as a file read by ranges."""
    if isinstance(place, ObjectPath):
        with _told_of(place):
            return place.arrow_file()
    return place


def open_parquet(place: Location) -> pq.ParquetFile:
    """A Parquet file of which footer and the row groups and columns asked for are read."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(parquet_source(place))


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        shown = next((n for n, part in enumerate(parts) if part.startswith(".")), len(parts))
        if len(pattern) == 1:
            return shown == len(parts)
        return any(_matches(parts[n:], pattern[1:]) for n in range(shown + 1))
    if not parts or not fnmatchcase(parts[0], pattern[0]) or (parts[0][0] == "." != pattern[0][0]):
        return False
    return _matches(parts[1:], pattern[1:])


class _told_of:
    """Errors of the store raised with the address, in the form of the operating system's own."""

    def __init__(self, place: ObjectPath) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if (
            self._place.scheme == "hf"
            and isinstance(error, Exception)
            and not isinstance(error, OSError | HanmillError)
        ):
            # What the Hub's client raises comes from the HTTP library it uses.
            error = OSError(errno.EIO, f"{type(error).__name__}: {error}")
        if isinstance(error, OSError) and error.filename is None:
            if isinstance(error, FileNotFoundError):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._place)) from error
            raise OSError(errno.EIO, str(error).strip(), str(self._place)) from error


@lru_cache(maxsize=1)
def _hub() -> tuple[Any, Any]:
    """Arrow's and fsspec's view of the Hub; its token comes from the environment or ``hf auth login``.

    Raises LocationError where the package that reads it is not installed.
    """
    from pyarrow.fs import FSSpecHandler, PyFileSystem

    try:
        from huggingface_hub import HfFileSystem
    except ImportError as error:
        raise LocationError(
            "hf://: expected the package huggingface-hub, which is not installed: pip install 'hanmill[hub]'"
        ) from error
    opened = HfFileSystem()
    return PyFileSystem(FSSpecHandler(opened)), opened


def _content_of_hub(key: str) -> int:
    """A number by which the content of a file on the Hub is known, 0 where the Hub does not say."""
    info = _hub()[1].info(key)
    name = str(info.get("blob_id") or info.get("mtime") or "")
    return int.from_bytes(blake2b(name.encode(), digest_size=7).digest()) if name else 0


@lru_cache(maxsize=16)
def _amazon(endpoint: str, region: str, bucket: str) -> Any:
    """``bucket`` is asked for its region where neither endpoint nor region is given."""
    from pyarrow.fs import S3FileSystem, resolve_s3_region

    options: dict[str, Any] = {"background_writes": False, "allow_delayed_open": True}
    if endpoint:
        scheme, host = _endpoint(endpoint, "AWS_ENDPOINT_URL")
        options |= {"scheme": scheme, "endpoint_override": host}
    return S3FileSystem(region=region or (resolve_s3_region(bucket) if bucket else "us-east-1"), **options)


@lru_cache(maxsize=16)
def _google(emulator: str) -> Any:
    from datetime import timedelta

    from pyarrow.fs import GcsFileSystem

    options: dict[str, Any] = {"retry_time_limit": timedelta(seconds=_GS_SECONDS)}
    if emulator:
        scheme, host = _endpoint(emulator, "STORAGE_EMULATOR_HOST")
        options |= {"scheme": scheme, "endpoint_override": host, "anonymous": True}
    return GcsFileSystem(**options)


def _endpoint(address: str, variable: str) -> tuple[str, str]:
    """Scheme and host with port."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise LocationError(f"{variable}: expected http(s)://HOST[:PORT], found something else")
    return parts.scheme, parts.netloc
