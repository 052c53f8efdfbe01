"""The files of a dump, by what its server says of them.

Source: ``dumpstatus.json`` beside the dumps on dumps.wikimedia.org: jobs by name, each with a status and its files with
address, size and checksums.
"""

from __future__ import annotations

import json
import re

from hanmill.pipelines.sources.downloads import DownloadError, Downloads, RemoteFile

SERVER = "https://dumps.wikimedia.org"
#: The job whose files a build reads.
ARTICLES = "articlesmultistreamdump"
_MOST_BYTES = 64 << 20
_WIKI, _DATE = re.compile(r"[a-z][a-z0-9_]{1,60}"), re.compile(r"20\d{6}")


def files_of_dump(server: str, wiki: str, date: str, job: str, downloads: Downloads) -> list[RemoteFile]:
    """The files of a job in the order of their names.

    Raises DownloadError where the dump or the job is not there or not finished, naming the jobs that are.
    """
    if not _WIKI.fullmatch(wiki) or not _DATE.fullmatch(date):
        raise DownloadError(f"found {wiki} {date}, expected a wiki and a date, such as jawiki 20261101")
    address = f"{server}/{wiki}/{date}/dumpstatus.json"
    try:
        jobs = json.loads(downloads.text(address, _MOST_BYTES))["jobs"]
        states = {str(name): str(one["status"]) for name, one in jobs.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DownloadError(f"{address}: expected JSON with jobs: {error!r}") from error
    if states.get(job) != "done":
        finished = ", ".join(sorted(name for name, state in states.items() if state == "done")) or "none"
        raise DownloadError(f"{address}: found job {job} {states.get(job, 'missing')}; done: {finished}")
    try:
        return [_remote(server, name, says) for name, says in sorted(jobs[job]["files"].items())]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, DownloadError):
            raise
        raise DownloadError(f"{address}: expected files with url, size and sha1 or md5: {error!r}") from error


def _remote(server: str, name: str, says: dict[str, object]) -> RemoteFile:
    algorithm = next(known for known in ("sha1", "md5", "") if known in says or not known)
    path = str(says["url"])
    if not path.startswith("/") or ".." in path:
        raise DownloadError(f"{name}: found the address {path!r}, expected a path on the server")
    checksum = str(says[algorithm]) if algorithm else ""
    return RemoteFile(f"{server}{path}", name, int(str(says["size"])), algorithm, checksum)
