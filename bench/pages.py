"""How long each page and API route of a big course takes: 1,000 learners, 50,000 submissions.

Every route is asked many times, each time for another learner, exercise or submission. Asked for: 95 % of the answers
of each page within 200 ms. Besides the time that passed stands what this process computed meanwhile, which others on
the machine disturb less (without PostgreSQL's own part).

    PYTHONPATH=tests python bench/pages.py [--learners 1000] [--submissions 50000] [--times 40] [--postgresql]
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.busy_site import BusySite
from support.postgres import Postgres

ASKED_FOR = 0.2  # seconds
ANSWERED = (200, 404, 503)  # 404: nobody's result has a graph here; 503: no worker runs


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@contextmanager
def database(postgresql: bool) -> Iterator[str]:
    if not postgresql:
        yield ""
        return
    server = Postgres()
    try:
        server.start()
        yield server.new_database()
    finally:
        server.remove()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--submissions", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    options = parser.parse_args()
    slow = []
    with database(options.postgresql) as url, tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        size = {"learners": options.learners, "submissions": options.submissions}
        with BusySite(Path(folder), url, **size) as site:
            gc.collect()
            gc.freeze()  # as `glasstorch serve` does
            print(f"seeded in {time.perf_counter() - begun:.0f} s; {len(site.exercises)} exercises")
            print(f"{'milliseconds':50}   p50    p95  computed p50    p95     kB")
            for route in site.routes():
                walls, computed, length = [], [], 0
                site.ask(*site.address(route))  # whatever is made once
                for _ in range(options.times):
                    user, path = site.address(route)
                    wall, cpu = time.perf_counter(), time.process_time()
                    answer = site.ask(user, path)
                    walls.append(1000 * (time.perf_counter() - wall))
                    computed.append(1000 * (time.process_time() - cpu))
                    assert answer.status_code in ANSWERED, f"{route}: {answer.status_code}"
                    length = max(length, len(answer.content))
                figures = [percentile(some, share) for some in (walls, computed) for share in (0.5, 0.95)]
                shown = "{:6.1f} {:6.1f} {:13.1f} {:6.1f}".format(*figures)
                print(f"{route:50}{shown} {length / 1024:6.0f}", flush=True)
                if figures[1] > 1000 * ASKED_FOR:
                    slow.append(route)
    print(f"\nover {1000 * ASKED_FOR:.0f} ms at p95: {', '.join(slow) or 'none'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
