"""The sandbox on a socket."""

import contextlib
import ipaddress
import socket
import sys

import uvicorn

from sandbox.app import create_app
from sandbox.faults import Protocol


def serve(host: str, port: int) -> int:
    """Serve until a signal comes; 1 where the port can't be had."""
    # With the protocol named, asyncio turns Nagle's algorithm off; without it each answer that
    # goes out in two writes costs the client 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        print(
            f"The sandbox can't listen on {host}:{port}: {reason}. Set SANDBOX_PORT to a free port.",
            file=sys.stderr,
        )
        return 1

    if port == 0:
        print(f"http://{host}:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        # Whoever reaches the controls can read all passphrases, so they stay on this machine.
        create_app(controls=is_loopback(host)),
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,  # the app sends its own
        h11_max_incomplete_event_size=64 * 1024,  # a token may have 32,000 characters
        backlog=2048,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
