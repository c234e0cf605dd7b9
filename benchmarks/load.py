"""Rounds of requests, one target after the other, so that noise hits all of them alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from statistics import median

TIMEOUT_S = 60
Act = Callable[[], object]


@dataclass(frozen=True)
class Target:
    """Something to time.

    `connect` opens a connection and returns what makes one request over it. `cpu_s` returns the seconds of processor
    time that the other end has used so far.
    """

    name: str
    connect: Callable[[], Act]
    connections: int
    cpu_s: Callable[[], float]


@dataclass(frozen=True)
class Round:
    """What one target did in one round: requests per second, their median time, the processor time of each."""

    per_second: float
    median_ms: float
    cpu_ms: float


def connect(port: int, path: str, headers: Mapping[str, str], shows: str) -> Act:
    """Connect to a page, and return what requests it. A response without `shows` ends the benchmark."""
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)

    def request() -> None:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        body = response.read()
        if response.status != HTTPStatus.OK or shows.encode() not in body:
            message = f"{path} answered {response.status}, without {shows!r}"
            raise SystemExit(message)

    return request


def measure(targets: Sequence[Target], rounds: int, seconds: float) -> dict[str, list[Round]]:
    """Return the rounds of each target by its name: one of every target, then the next of every target, and so on."""
    for target in targets:
        # It fills caches and opens database connections, so it does not count.
        one_round(target, seconds)
    taken: dict[str, list[Round]] = {target.name: [] for target in targets}
    for _number in range(rounds):
        for target in targets:
            taken[target.name].append(one_round(target, seconds))
    return taken


def one_round(target: Target, seconds: float) -> Round:
    """Make requests for `seconds` over all connections at once; each makes at least one."""
    requests = [target.connect() for _number in range(target.connections)]
    cpu_s, start = target.cpu_s(), time.perf_counter()
    with ThreadPoolExecutor(target.connections) as pool:
        times = [spent for each in pool.map(partial(repeat, until=start + seconds), requests) for spent in each]
    elapsed = time.perf_counter() - start
    return Round(len(times) / elapsed, median(times) * 1000, (target.cpu_s() - cpu_s) / len(times) * 1000)


def repeat(request: Act, until: float) -> list[float]:
    """Make one request after the other until the moment `until`, and return how many seconds each took."""
    times: list[float] = []
    start = time.perf_counter()
    while not times or start < until:
        request()
        end = time.perf_counter()
        times.append(end - start)
        start = end
    return times
