import re
from urllib.parse import unquote

from sandbox import seeds
from sandbox.links import links, vendor_link, vendor_links


def test_the_first_links_are_full_branding_no_profile_and_45_users():
    names = [name for name, _ in links("http://127.0.0.1:8000/")]
    assert names[:3] == [
        "Casey Example (full branding)",
        "Robin Sample (no portal profile)",
        "Jordan Placeholder (45 users)",
    ]
    assert not [name for name in names if ":" in name or "\n" in name]
    assert len(set(names)) == len(seeds.homes()) == 11


def test_a_link_opens_its_home_and_is_the_same_in_each_run():
    found = links("http://127.0.0.1:8000/")
    assert found == links("http://127.0.0.1:8000")
    for (_, link), home in zip(found, seeds.homes(), strict=True):
        match = re.fullmatch(r"http://127\.0\.0\.1:8000/p/([0-9a-f-]{36})/([^/]+)/", link)
        assert match
        assert (match[1], unquote(match[2])) == (home.property_id, home.secret)
    assert found[0][1].endswith("/7uQKvc9h3m2suaVhA2WvoX9Uie3z6N_1mSvY722keZA/")


def test_a_vendor_link_holds_the_access_code_encoded_twice():
    found = vendor_links()
    assert [name for name, _ in found] == [name for name, _ in links("http://127.0.0.1:8000")]
    for (_, link), home in zip(found, seeds.homes(), strict=True):
        address, value = link.split("?auth=")
        assert address == "https://residents.example.com/portal/"
        assert re.fullmatch(r"(%25[0-9A-F]{2}|[A-Za-z0-9_.~-])+", value)
        assert unquote(unquote(value)) == home.secret
        page = f"http://127.0.0.1:8000/p/{home.property_id}/"
        assert vendor_link(home, page) == f"{page}?auth={value}"


def test_two_access_codes_are_awkward_in_a_link():
    awkward = [home.secret for home in seeds.homes() if set("/+=%") <= set(home.secret)]
    assert len(awkward) == 2
    assert all(unquote(code) != code for code in awkward)


def test_ids_codes_and_macs_belong_to_one_thing_each():
    units = [home.unit for home in seeds.homes()]
    users = [user for unit in units for user in unit.users]
    devices = [device for user in users for device in user.devices]
    ids = [p.id for p in seeds.PROPERTIES] + [unit.guid for unit in units]
    ids += [user.id for user in users] + [device.guid for device in devices]
    assert len(ids) == len(set(ids))
    assert len({unit.access_code for unit in units}) == len(units)
    assert len({device.mac for device in devices}) == len(devices)


def test_the_first_passphrases_hold_all_special_characters():
    assert {len(value) for value in seeds.SPECIAL.values()} == {18}
    assert set("\\;,\":<&'") <= set("".join(seeds.SPECIAL.values()))


def test_seeded_passphrases_are_printable_and_differ():
    users = [user for home in seeds.homes() for user in home.unit.users]
    passphrases = [user.passphrase for user in users if user.passphrase is not None]
    assert len(set(passphrases)) == len(passphrases)
    assert all(16 <= len(p) <= 18 and set(p) <= set(seeds.PRINTABLE) for p in passphrases)


def test_nobody_in_the_seeds_can_be_reached():
    """Mail to reserved domains only, telephone numbers from the range kept free for fiction."""
    units = [home.unit for home in seeds.homes()]
    people = [unit.contact for unit in units if unit.contact]
    people += [user for unit in units for user in unit.users]
    mails = [person.email for person in people if person.email]
    mails += [p.management_email for p in seeds.PROPERTIES if p.management_email]
    assert all(re.search(r"[@.]example\.(com|org)$", mail) for mail in mails)
    phones = [person.phone for person in people if person.phone]
    phones += [p.management_phone for p in seeds.PROPERTIES if p.management_phone]
    assert all(re.search(r"202\D*555\D*01\d\d$", phone) for phone in phones)
