"""Exit with 0 if the portal in this container lives: the image's health check."""

import http.client
import os
import socket

address = os.environ.get("BIND") or "127.0.0.1"
port = int(os.environ.get("PORT") or 8000)
# Who listens at every address does at this one.
host = "127.0.0.1" if address in ("0.0.0.0", "[::]") else address.strip("[]")  # noqa: S104
connection = http.client.HTTPConnection(host, port, timeout=3)
try:
    if address.startswith("unix:"):
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(3)
        connection.sock.connect(address.removeprefix("unix:"))
    connection.request("GET", "/livez")
    status = connection.getresponse().status
except (OSError, http.client.HTTPException) as error:
    raise SystemExit(f"The portal does not answer: {error}") from None
if status != 200:
    raise SystemExit(f"The portal answers /livez with {status}")
