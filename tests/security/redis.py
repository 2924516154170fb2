"""A redis-server of Debian's for tests, on a free port, for as long as the context lasts."""

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import redis


class RedisProcess:
    """`url` is its address, `client` a client of it, `dump()` all that it would leave on a disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client: Any = redis.Redis(port=self.port)

    def __enter__(self) -> Self:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: sh scripts/need.sh redis-server"
        options = f"--port {self.port} --bind 127.0.0.1 --dir {self.folder} --rdbcompression no"
        self.process = subprocess.Popen(
            [program, *options.split(), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(redis.ConnectionError):
                if self.client.ping():
                    return self
            assert self.process.poll() is None, "redis-server ended"
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(20)

    def dump(self) -> bytes:
        """The file that Redis writes its data to, uncompressed."""
        self.client.save()
        return (self.folder / "dump.rdb").read_bytes()
