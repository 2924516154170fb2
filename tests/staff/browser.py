"""A browser of a member of staff."""

from django.conf import settings

from tests.residents.browser import Browser


class StaffBrowser(Browser):
    """Opens staff's pages, follows links, fills in forms."""

    @property
    def cookie(self) -> str:
        """The session cookie, "" without one."""
        morsel = self.client.cookies.get(settings.STAFF_COOKIE_NAME)
        return morsel.value if morsel else ""
