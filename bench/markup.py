"""The portal's page as a Jinja2 template, so that the bare peer sends the same markup."""

import html
import re

from bench import data

# What the portal writes anew for each page.
ANEW = re.compile(r'(name="csrfmiddlewaretoken" value=|nonce=)"[^"]*"')


def settled(page: str) -> str:
    """Return a page without what differs each time it is made."""
    # Each property's logo has an address of its own.
    return re.sub(r"/logo/[0-9a-f]+\.png", "/logo/logo.png", ANEW.sub(r'\1""', page))


def template_of(page: str, home: int) -> str:
    """Return the template that makes this page of a home, and that of any other home."""
    unit = {"number": data.unit_number(home), "description": f"Two rooms, entrance {home:08d}"}
    names = {f"unit.{name}": value for name, value in unit.items()}
    names |= {f"unit.contact.{name}": value for name, value in data.contact(home).items()}
    for which in (0, 1):
        names[f"users[{which}].userId"] = data.user_id(home, which)
        names[f"users[{which}].passphrase"] = data.passphrase(home, which)
    template = settled(page)
    if "{{" in template or "{%" in template:
        raise ValueError("the page looks like a template itself")
    for name, value in names.items():
        written = html.escape(value)
        if written not in template:
            raise ValueError(f"the page does not show {name}")
        template = template.replace(written, f"{{{{ {name} }}}}")
    return template
