"""Sessions of staff: a cookie and keys of their own, in the table that residents' sessions are in."""

from common.keys import STAFF_SESSIONS
from common.sessions import SessionStore


class StaffSessionStore(SessionStore):
    purpose = STAFF_SESSIONS
