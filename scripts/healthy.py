"""Exit with 0 if the portal in this container lives: the image's health check."""

import http.client
import os

port = int(os.environ.get("PORT") or 8000)
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
try:
    connection.request("GET", "/livez")
    status = connection.getresponse().status
except (OSError, http.client.HTTPException) as error:
    raise SystemExit(f"The portal does not answer: {error}") from None
if status != 200:
    raise SystemExit(f"The portal answers /livez with {status}")
