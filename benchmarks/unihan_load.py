"""Seconds and memory of a fresh process that imports unihan, loads the default graph and clusters it.

Run from the repository root: python -m benchmarks.unihan_load [VOCABULARY]
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

LIMIT_SECONDS, LIMIT_MEGABYTES = 0.5, 100
ROUNDS = 5
PROGRAM = """
import json, pathlib, sys, time
started = time.perf_counter()
from hanmill import unihan
imported = time.perf_counter()
graph = unihan.load_graph()
loaded = time.perf_counter()
vocabulary = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").split() if sys.argv[1:] else None
table = unihan.clusters(graph, vocabulary)
clustered = time.perf_counter()
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"import": imported - started, "load": loaded - imported, "cluster": clustered - loaded,
                  "total": clustered - started, "megabytes": int(peak) / 1000, "clusters": len(table.members)}))
"""


def main() -> None:
    rounds = [
        json.loads(
            subprocess.run([sys.executable, "-c", PROGRAM, *sys.argv[1:2]], capture_output=True, check=True).stdout
        )
        for _ in range(ROUNDS)
    ]
    middle = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    print(
        f"{middle['clusters']:,.0f} clusters: import {middle['import']:.3f} s, load {middle['load']:.3f} s, "
        f"cluster {middle['cluster']:.3f} s; total {middle['total']:.3f} s "
        f"({middle['total'] / LIMIT_SECONDS:.0%} of {LIMIT_SECONDS} s), peak {middle['megabytes']:.0f} MB "
        f"({middle['megabytes'] / LIMIT_MEGABYTES:.0%} of {LIMIT_MEGABYTES} MB); median of {ROUNDS}"
    )


if __name__ == "__main__":
    main()
