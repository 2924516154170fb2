"""What an installation keeps, laid out as files, and a search in them for what it must not keep."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from tests.servers import SandboxProcess

# Run by `manage.py shell`: prints whatever the database and Redis hold under one of our keys.
OPEN = r"""
import re
import redis
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection
from common import keys

purposes = (
    keys.SESSIONS, keys.KEYS, keys.NAMES, keys.DIARY, keys.CHECKLISTS, keys.STAFF_SESSIONS, keys.STAFF
)
rings = [keys.ring(purpose) for purpose in purposes]

def show(place, value):
    for token in re.findall(r"gAAAA[\w-]+=*", value):
        for ring in rings:
            try:
                print(place, ring.decrypt(token).decode())
            except InvalidToken:
                pass

with connection.cursor() as cursor:
    for table in connection.introspection.table_names():
        cursor.execute(f'SELECT * FROM "{table}"')
        columns = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            for column, value in zip(columns, row):
                show(f"{table}.{column}", str(value))

client = redis.from_url(settings.REDIS_URL)
for key in client.scan_iter():
    show("redis", (client.dump(key) or b"").decode("latin-1"))
"""


class Secrets:
    """All that nobody may find, each with what it is. It grows while the vendor makes new ones."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}

    def add(self, kind: str, *values: str | None) -> None:
        for value in filter(None, values):
            once = quote(value, safe="")
            # Once is how a link holds it, twice is how the vendor's does.
            for form in (value, once, quote(once, safe="")):
                self.kinds[form] = kind

    def note(self, sandbox: SandboxProcess) -> None:
        """Remember what the vendor knows at the moment."""
        stored = sandbox.stored()
        for unit in stored["units"]:
            contact = unit.get("contact") or {}
            self.add("access code", unit["hashedSecret"])
            self.add("address of a resident", contact.get("email"))
        for user in stored["users"]:
            self.add("passphrase", user["passphrase"])
        self.add("token of a unit", *sandbox.tokens())
        self.add("access token", *sandbox.management("GET", "tokens"))
        for account in sandbox.management("GET", "accounts"):
            self.add("client secret", account["client_secret"])
            self.add("client ID", account["client_id"])

    def found_in(self, places: Sequence[Path], patterns: Path) -> set[tuple[str, str]]:
        """Which kinds are in which files, searched by grep; `patterns` is where it reads for what."""
        patterns.write_text("\n".join(self.kinds) + "\n")
        command = ["grep", "-raoZF", "-f", str(patterns), *map(str, places)]
        done = subprocess.run(
            command, capture_output=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, check=False
        )
        # 1 is "nothing found".
        assert done.returncode in (0, 1), done.stderr
        lines = (line.split(b"\0") for line in done.stdout.splitlines())
        return {(Path(path.decode()).name, self.kinds[what.decode()]) for path, what in lines}


def metrics_folders() -> list[Path]:
    """Where portals that run here keep their counts: in memory, if the system has such a folder."""
    return list(Path("/dev/shm").glob("portal-metrics-*"))
