"""A real Spark cluster on this machine's loopback: one master, two workers, processes of their own.

    python docker/spark/cluster.py up [--owner PID] [--memory 1500m] | down | status

``up`` prints the master's address. A supervisor process holds the cluster and takes it down when it is told to
(``down``, SIGTERM) or when its owner has gone, so that a test run that is killed leaves nothing behind. Every process
of the cluster, executors and Python workers too, carries the cluster's name in its environment; that is how they are
found and ended, and no other process is ever touched. ``status`` prints process ids as JSON. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"
MASTER_PORT, WEB_PORT = 17077, 18080
WORKERS = 2
#: Of each worker, which has one core; the executor's heap (1 GB unless Spark is told another) must fit in.
WORKER_MEMORY = "1500m"
START_SECONDS = 240.0
STOP_SECONDS = 20.0
MARK = "HANMILL_CLUSTER"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hanmill" / "engines"
STATE = CACHE / "cluster.json"


class ClusterError(RuntimeError):
    """The cluster did not come up."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: its address, its name and the ids of its lasting processes."""

    url: str
    name: str
    supervisor: int
    master: int
    workers: tuple[int, ...]
    folder: str


def up(owner: int | None, memory: str = WORKER_MEMORY) -> Cluster:
    """Starts a supervisor and waits until both workers have registered; a cluster that runs already is kept."""
    if (running := read_state()) is not None and is_alive(running.supervisor):
        return running
    if running is not None:
        sweep(running.name)
    STATE.unlink(missing_ok=True)
    for stale in CACHE.glob("cluster-*"):
        shutil.rmtree(stale, ignore_errors=True)
    installation = subprocess.run(
        [sys.executable, str(Path(__file__).resolve().parent.parent / "engines.py"), "spark"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.strip()
    name = secrets.token_hex(8)
    command = [
        sys.executable,
        __file__,
        "supervise",
        "--name",
        name,
        "--installation",
        installation,
        "--memory",
        memory,
    ]
    if owner is not None:
        command += ["--owner", str(owner)]
    folder = CACHE / f"cluster-{name}"
    folder.mkdir(parents=True)
    with (folder / "supervisor.log").open("wb") as log:
        supervisor = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=folder
        )
    while supervisor.poll() is None:
        state = read_state()
        if state is not None and state.name == name:
            return state
        time.sleep(0.2)
    logs = "".join(path.read_text(errors="replace")[-2000:] for path in sorted(folder.glob("*.log")))
    shutil.rmtree(folder, ignore_errors=True)
    raise ClusterError(f"the cluster did not come up:\n{logs}")


def down() -> None:
    """Ends the cluster and everything it started; nothing happens where none runs."""
    state = read_state()
    if state is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(state.supervisor, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(state.supervisor) and time.monotonic() < deadline:
        time.sleep(0.1)
    sweep(state.name)
    STATE.unlink(missing_ok=True)
    shutil.rmtree(state.folder, ignore_errors=True)


def supervise(name: str, installation: Path, owner: int | None, memory: str) -> None:
    """Runs master and workers until told to stop, until the owner has gone, or until the master dies."""
    stopping = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    url, folder = f"spark://{HOST}:{MASTER_PORT}", CACHE / f"cluster-{name}"
    try:
        master = _start(
            name, installation, folder, "master", f"--host {HOST} --port {MASTER_PORT} --webui-port {WEB_PORT}"
        )
        workers = [
            _start(
                name,
                installation,
                folder,
                f"worker{number}",
                f"{url} --host {HOST} -c 1 -m {memory} -d {folder}/node{number}",
            )
            for number in range(WORKERS)
        ]
        deadline = time.monotonic() + START_SECONDS
        while not stopping and _registered() < WORKERS:
            if time.monotonic() > deadline or master.poll() is not None:
                raise ClusterError(f"{_registered()} of {WORKERS} workers registered in {START_SECONDS:.0f} s")
            time.sleep(0.3)
        cluster = Cluster(url, name, os.getpid(), master.pid, tuple(w.pid for w in workers), str(folder))
        temporary = STATE.with_suffix(".tmp")
        temporary.write_text(json.dumps(asdict(cluster)), encoding="utf-8")
        temporary.replace(STATE)
        while not stopping and master.poll() is None and (owner is None or is_alive(owner)):
            for worker in workers:
                worker.poll()
            time.sleep(0.3)
    finally:
        sweep(name)
        state = read_state()
        if state is not None and state.name == name:
            STATE.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)


def sweep(name: str) -> None:
    """Ends every process that carries the cluster's name in its environment, politely first."""
    for number, seconds in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + seconds
        for pid in processes(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        while processes(name) and time.monotonic() < deadline:
            time.sleep(0.1)


def processes(name: str) -> list[int]:
    """Ids of the live processes that carry the cluster's name."""
    mark, found = f"{MARK}={name}".encode(), []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0") and is_alive(int(entry.name)):
                    found.append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process exists and is more than a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def read_state() -> Cluster | None:
    """The cluster that was started last, whether or not it still runs."""
    try:
        value = json.loads(STATE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Cluster(**value | {"workers": tuple(value["workers"])})


def _start(name: str, installation: Path, folder: Path, role: str, arguments: str) -> subprocess.Popen[bytes]:
    kind = "master.Master" if role == "master" else "worker.Worker"
    command = [f"{installation}/bin/spark-class", f"org.apache.spark.deploy.{kind}", *arguments.split()]
    environment = os.environ | {
        MARK: name,
        "SPARK_HOME": str(installation),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
    }
    with (folder / f"{role}.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=folder)


def _registered() -> int:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{WEB_PORT}/json/", timeout=2) as answer:
            return sum(worker["state"] == "ALIVE" for worker in json.load(answer)["workers"])
    except OSError:
        return 0


def main() -> None:
    """Parses and calls."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("up", "down", "status", "supervise"))
    parser.add_argument("--owner", type=int, help="a process; when it has gone, the cluster goes too")
    parser.add_argument("--memory", default=WORKER_MEMORY, help="of each worker, as Spark writes it")
    parser.add_argument("--name", default="", help=argparse.SUPPRESS)
    parser.add_argument("--installation", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.action == "up":
        try:
            print(up(arguments.owner, arguments.memory).url)
        except (ClusterError, subprocess.CalledProcessError) as error:
            sys.exit(str(error))
    elif arguments.action == "down":
        down()
    elif arguments.action == "supervise":
        supervise(arguments.name, arguments.installation, arguments.owner, arguments.memory)
    else:
        state = read_state()
        print(json.dumps(None if state is None else asdict(state) | {"processes": processes(state.name)}))


if __name__ == "__main__":
    main()
