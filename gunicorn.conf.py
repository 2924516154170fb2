"""gunicorn's settings for the portal; README.md has the table of environment variables."""

import contextlib
import gc
import importlib.util
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from ipaddress import ip_network
from pathlib import Path
from typing import Any

_root = Path(__file__).resolve().parent
# Other applications may be served with these settings, too.
_portal = "portal.asgi:application"


def _number(name: str, default: int) -> int:
    """Return a whole number of the environment. What is none is told at the start (on_starting)."""
    text = os.environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else default


def _networks(name: str) -> str:
    """Return the addresses and networks between commas of the environment, or "*" for all."""
    found = []
    for word in os.environ.get(name, "").replace(" ", "").split(","):
        with contextlib.suppress(ValueError):
            if word != "*":
                ip_network(word)
            found.append(word)
    return ",".join(found)


# gunicorn's own asgi worker. Views wait for RUCKUS One without holding a thread.
wsgi_app = _portal
worker_class = "asgi"

# BIND is an address, or unix:PATH where a proxy on the same machine is in front.
_address = os.environ.get("BIND") or "127.0.0.1"
_port = _number("PORT", 8000)
_listens = _address if _address.startswith("unix:") else f"{_address}:{_port}"
bind: str | list[str] = _listens

# Metrics have a port of their own, a token, or both (see portal/scrape.py); without they are off.
_metrics_port = _number("METRICS_PORT", 0)
_metrics = bool(_metrics_port or os.environ.get("METRICS_TOKEN"))
if _metrics_port:
    bind = [_listens, f"{os.environ.get('METRICS_BIND') or '127.0.0.1'}:{_metrics_port}"]

# Workers share caches and the count of calls against the vendor's limit through Redis alone, so
# more than one makes sense with REDIS_URL only. One carries hundreds of residents; while it is
# replaced, new connections wait in the master's queue.
_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
workers = _number("WEB_CONCURRENCY", min(_cores, 4) if os.environ.get("REDIS_URL") else 1)
# Each worker has an event loop and connections of its own, which must not be made before the fork.
preload_app = False

# A worker whose loop stands still this long is replaced; a page takes 8 seconds at most.
timeout = 30
# An idle connection holds up a shutdown until its keep-alive ends. Past graceful_timeout workers
# are killed and never close their upstream connections: keepalive must stay well below it.
keepalive = 5
# Seconds after SIGTERM for which workers serve on, so that load balancers see /readyz say 503.
_drain = _number("DRAIN_SECONDS", 0)
graceful_timeout = 10 + _drain
# Whoever has left waits for no page: the view ends at once (writes run on, see ruckus).
asgi_disconnect_grace_period = 0

# The longest link is 512 characters, each of which may be percent-encoded; browsers send about
# 20 header fields.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Only these may say that a request came over HTTPS. Client addresses are TRUSTED_PROXIES' alone;
# by default whoever is trusted with the one is with the other.
forwarded_allow_ips = (
    _networks("FORWARDED_ALLOW_IPS")
    # gunicorn believes the peer of a Unix socket anyway.
    or _networks("TRUSTED_PROXIES")
    or "127.0.0.1,::1"
)

# The portal writes one line per request itself: gunicorn's would hold the secret of the link, and
# so would those that it writes for debugging.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "info").lower().replace("debug", "info")


def _logs() -> Any:
    """Return common/logs.py, loaded for the master alone: its workers load their own, even after an upgrade."""
    path = _root / "common" / "logs.py"
    spec: Any = importlib.util.spec_from_file_location("logs_of_the_master", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What the master says, and its workers until the portal's own settings hold, is JSON as well.
_formats = _logs()
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"once": {"()": _formats.OncePerMinute}, "redact": {"()": _formats.Redact}},
    "formatters": {"line": {"()": _formats.Line}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["once", "redact"],
            "formatter": "line",
        },
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # gunicorn sets its level.
        "gunicorn.error": {"handlers": ["stderr"], "propagate": False},
    },
}

# Heartbeats on a disk may stall for seconds.
_memory = "/dev/shm"  # noqa: S108, gunicorn makes its files there safely
worker_tmp_dir = _memory if os.access(_memory, os.W_OK) else None
# The socket would lie in the home directory, shared by every gunicorn of the user.
control_socket_disable = True


# Of systemd's 1,024 open files a rush of clients and their calls would use up every one. How many
# there may be bounds the connections (see common/file_limit.py).
_, _most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (_most_files, _most_files))


def on_starting(server: Any) -> None:
    """Refuse to start with settings that are wrong: one process says so, and no worker tries."""
    if server.app.app_uri == _portal:
        # Not here: what the master has loaded its workers would have, even after an upgrade.
        checked = subprocess.run([sys.executable, "-m", "portal.start"], cwd=_root, check=False)
        if checked.returncode:
            sys.exit(checked.returncode)


def _is_on(name: str, default: str = "") -> bool:
    return (os.environ.get(name) or default).strip().lower() in (
        "1",
        "on",
        "true",
        "yes",
        "y",
        "ok",
    )


def when_ready(server: Any) -> None:
    """Prepare what all workers share, and start what staff's background work is done by."""
    if _metrics:
        # In its files they count together: they have it from the environment. It is kept with the
        # master, which outlives a reload of these settings.
        server.metrics = tempfile.mkdtemp(prefix="portal-metrics-", dir=worker_tmp_dir)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics
    # STAFF_WORKER=off has it done elsewhere.
    if server.app.app_uri == _portal and _is_on("STAFF") and _is_on("STAFF_WORKER", "on"):
        # It sees by itself when the master has ended, however that came about. Kept with the master,
        # which outlives a reload of these settings.
        server.background = subprocess.Popen([sys.executable, "-m", "portal.background"], cwd=_root)


def on_exit(server: Any) -> None:
    """End the background work after the home that it is at, and remove what was counted."""
    if background := getattr(server, "background", None):
        background.terminate()
        try:
            background.wait(15)
        except subprocess.TimeoutExpired:
            background.kill()
    if hasattr(server, "metrics"):
        shutil.rmtree(server.metrics, ignore_errors=True)


def _end(worker: Any) -> None:
    """Have the worker say that it ends, and then end."""
    if readiness := getattr(worker.asgi, "readiness", None):
        readiness.drain()
    worker.loop.call_later(_drain, worker.handle_exit_signal)


def post_worker_init(worker: Any) -> None:
    """Let the portal count its clients, and spare the collector what lives as long as the worker."""
    # Other applications may be served with these settings, too.
    if hasattr(worker, "asgi"):
        worker.asgi.clients = lambda: worker.nr_conns
        # In place of the worker's own handler, which ends it at once.
        worker.loop.add_signal_handler(signal.SIGTERM, _end, worker)
    # It took a fifth of a page's time.
    gc.collect()
    gc.freeze()
    # Requests leave few cycles: at the default of 700 objects every page is searched for them. The
    # old ones are searched more often than by default, or 1,000 residents would hold 60 MB more.
    gc.set_threshold(10_000, 5, 2)
