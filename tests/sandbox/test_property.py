import io

import pytest
from PIL import Image

from sandbox import seeds

PROFILE_PATHS = [
    "/uiConfigurations",
    "/access",
    "/styles",
    "/files/favicons",
    "/files/logo",
]
PUBLIC_PATHS = ["/access", "/styles", "/files/favicons"]


def test_the_branded_property_is_complete(resident):
    property_ = resident.get("").json()
    assert property_["name"] == "Larkspur House"
    assert property_["allowSeparateGuestSecret"] is True
    assert property_["sendEmail"] is True
    assert property_["ssids"] == ["Larkspur Home", "Larkspur Guest"]
    profile = resident.get("/uiConfigurations").json()
    assert (profile["apiAllowed"], profile["portalAllowed"]) == (True, False)
    assert profile["tenantSetDpsk"] is True
    assert None not in profile.values()
    assert profile["_links"]["self"]["href"].endswith("/uiConfigurations")


@pytest.mark.parametrize("path", ["/files/logo", "/files/favIcon", "/files/favicons"])
def test_logo_and_icons_are_pngs(resident, path):
    answer = resident.get(path)
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.format == "PNG"
        assert image.width >= 64


@pytest.mark.parametrize("path", PUBLIC_PATHS)
def test_strangers_see_what_dresses_the_welcome_page(stranger, path):
    assert stranger.get(path).status_code == 200


def test_the_styles_hold_the_colours(stranger):
    answer = stranger.get("/styles")
    assert answer.headers["content-type"].startswith("text/css")
    assert "#234f68" in answer.text


@pytest.mark.parametrize("path", PROFILE_PATHS)
def test_without_a_profile_all_that_comes_from_it_is_404(stranger, home, path):
    resident = stranger.sign_in(home("no portal profile"))
    answer = resident.get(path)
    assert answer.status_code == 404
    assert answer.json()["status"] == "404 NOT_FOUND"
    assert resident.get("").status_code == 200


@pytest.mark.parametrize("path", PUBLIC_PATHS)
@pytest.mark.parametrize("property_id", [seeds.guid("nothing"), "abc"])
def test_an_unknown_property_answers_like_one_without_profile(stranger, path, property_id):
    answer = stranger.get(f"/residents/properties/{property_id}{path}", whole=True)
    assert answer.status_code == 404


def test_a_property_with_an_empty_profile_has_nulls_and_no_files(stranger, home):
    resident = stranger.sign_in(home("a profile without content"))
    profile = resident.get("/uiConfigurations").json()
    profile.pop("_links")
    assert set(profile.values()) == {None}
    assert resident.get("/files/logo").status_code == 404
    assert resident.get("/files/favicons").status_code == 404


def test_an_unknown_kind_of_file_is_400(resident):
    assert resident.get("/files/wallpaper").status_code == 400


def test_a_closed_property_says_so_and_can_refuse_the_rest(stranger, home):
    resident = stranger.sign_in(home("portal API not allowed"))
    assert resident.get("/uiConfigurations").json()["apiAllowed"] is False
    assert resident.get("/units").status_code == 200
    stranger.state.switches.enforce_api_allowed = True
    assert resident.get("/units").status_code == 403
    assert resident.get("/uiConfigurations").status_code == 200


def test_awkward_texts_arrive_as_they_are(stranger, home):
    resident = stranger.sign_in(home("markup and emoji and right-to-left text"))
    assert resident.get("").json()["name"] == seeds.UNUSUAL.name
    assert "<script>" in resident.get("/uiConfigurations").json()["announcements"]
    assert resident.get("/files/logo").status_code == 200


def test_a_property_can_be_changed_from_outside(resident):
    path = f"/_sandbox/properties/{resident.home.property_id}"
    sent = {"announcements": "New", "profile": {"api_allowed": False}}
    assert resident.post(path, whole=True, json=sent).status_code == 204
    profile = resident.get("/uiConfigurations").json()
    assert (profile["apiAllowed"], profile["tenantTitle"]) == (
        False,
        "Larkspur House Wi-Fi",
    )
    assert resident.get("").json()["tenantPortalAnnouncements"] == "New"
    assert resident.post(path, whole=True, json={"profile": None}).status_code == 204
    assert resident.get("/uiConfigurations").status_code == 404
    assert resident.post(path, whole=True, json={"nmae": "x"}).status_code == 422
    assert resident.post(path, whole=True, json={"name": 5}).status_code == 422
