"""Many connections to a server through nginx, each of which stays open, and a probe that asks meanwhile."""

import asyncio
import random
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from server import free_port

TIMEOUT_S = 30
PROBES_APART_S = 0.1
# What the site of deploy/ has, without TLS.
CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; proxy_max_temp_file_size 0; keepalive_requests 100000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream admin {{ server 127.0.0.1:{server}; keepalive 32; keepalive_timeout 60s; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://admin; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
    }}
  }}
}}
"""


@dataclass
class Seen:
    """The seconds that each response took, and what went wrong how often."""

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def line(self, name: str) -> str:
        slowest = max(self.seconds)
        high = quantiles(self.seconds, n=100)[-1]
        wrong = ", ".join(f"{count} {text}" for text, count in self.errors.items()) or "no error"
        took = (
            f"median {median(self.seconds) * 1000:.1f} ms, 99 % {high * 1000:.0f} ms, at most {slowest * 1000:.0f} ms"
        )
        return f"{name}: {len(self.seconds):,} responses, {wrong}, {took}"


def watch(
    server: int, pages: list[tuple[str, str]], folder: Path, connections: int, seconds: float, pause: float
) -> list[str]:
    """Open the connections through nginx, let each ask for a page and pause in turn, and return what was seen."""
    port = free_port()
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, server=server, port=port))
    with subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")]) as nginx:  # noqa: S603, S607  (Debian's)
        try:
            time.sleep(1)
            crowd, probe, straight = asyncio.run(_all(port, server, pages, connections, seconds, pause))
        finally:
            nginx.terminate()
    return [
        crowd.line(f"{connections:,} connections for {seconds:.0f} s"),
        probe.line("/healthz through nginx"),
        straight.line("/healthz of the process"),
    ]


async def _all(
    port: int, server: int, pages: list[tuple[str, str]], connections: int, seconds: float, pause: float
) -> tuple[Seen, Seen, Seen]:
    crowd, probe, straight = Seen(), Seen(), Seen()
    until = time.monotonic() + seconds
    healthz = [("/healthz", "")]
    tasks = [
        _visitor(port, healthz, probe, until, PROBES_APART_S, 0),
        _visitor(server, healthz, straight, until, PROBES_APART_S, 0),
    ]
    for number in range(connections):
        turned = pages[number % len(pages) :] + pages[: number % len(pages)]
        tasks.append(_visitor(port, turned, crowd, until, pause, random.uniform(0, pause)))  # noqa: S311  (spread)
    await asyncio.gather(*tasks)
    return crowd, probe, straight


async def _visitor(
    port: int, pages: list[tuple[str, str]], seen: Seen, until: float, pause: float, begins_after: float
) -> None:
    """Open one connection, and ask for the pages in turn over it until the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(begins_after)
    number = 0
    try:
        while time.monotonic() < until:
            path, cookie = pages[number % len(pages)]
            number += 1
            started = time.perf_counter()
            status = await asyncio.wait_for(_get(reader, writer, path, cookie), TIMEOUT_S)
            seen.seconds.append(time.perf_counter() - started)
            if status != "200":
                seen.errors[f"{status} of {path}"] += 1
            await asyncio.sleep(pause)
    except (OSError, EOFError, TimeoutError) as error:
        seen.errors[type(error).__name__] += 1
    finally:
        writer.close()


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, cookie: str) -> str:
    """Return the status of a response, once all of it is there."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", "X-Forwarded-Proto: https"]
    lines += ["X-Forwarded-For: 192.0.2.7", *([f"Cookie: {cookie}"] if cookie else [])]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    else:
        await reader.readexactly(int(fields.get("content-length", "0")))
    return head.split(" ", 2)[1]
