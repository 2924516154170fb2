"""A configuration profile: what an iPhone, iPad or Mac installs to join a network by itself."""

import plistlib
import uuid

from django.utils.translation import gettext as _

TYPE = "application/x-apple-aspen-config"
# Ours alone: the ids of profiles are made from it.
NAMESPACE = uuid.UUID("6d0f3f1a-8f43-4d0e-9f1c-6f7b1f0f6a52")


def profile(home_mark: str, ssid: str, passphrase: str) -> bytes:
    """Return the profile that joins a network, as XML.

    Its ids are the same each time for a home and a network, so that a new profile takes the place
    of the one before.
    """

    def made_id(part: str) -> str:
        return str(uuid.uuid5(NAMESPACE, f"{home_mark}/{ssid}/{part}")).upper()

    wifi, whole = made_id("network"), made_id("profile")
    network = {
        "PayloadType": "com.apple.wifi.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"portal.wifi.{wifi}",
        "PayloadUUID": wifi,
        "PayloadDisplayName": ssid,
        "SSID_STR": ssid,
        "HIDDEN_NETWORK": False,
        "AutoJoin": True,
        # Every kind of WPA, which is all that joins with a passphrase.
        "EncryptionType": "WPA",
        "Password": passphrase,
    }
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": f"portal.profile.{whole}",
            "PayloadUUID": whole,
            "PayloadDisplayName": ssid,
            "PayloadDescription": _("Connects to your home’s Wi‑Fi."),
            "PayloadRemovalDisallowed": False,
            "PayloadContent": [network],
        }
    )
