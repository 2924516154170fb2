"""An emulator of the RUCKUS One Resident Portal API, for demos, development and tests.

It holds made-up homes in memory (`seeds`), answers the sixteen operations the way the vendor's
API does (`app`), bends and breaks on demand (`state.Switches`, `faults`, `control`), and prints
the links that open its homes (`links`). The API for staff has a room of its own (`management`).
The portal never imports it, and it never imports the portal.

Where nothing is known of the vendor's own behaviour, the sandbox decides as follows:

- Sign-in with a wrong access code and sign-in at an unknown property are both 401.
- A token used for another property is 403, whether that property exists or not.
- A suspended (DISABLED) unit signs in and shows its status; the switch `lockout` refuses it.
- `apiAllowed: false` is only told, unless the switch `enforce_api_allowed` makes it refuse.
- Identities that are hidden can't be read or changed by id either; their devices are listed.
- A change of a user takes name, email and phone as sent (absent ones become null). A type or
  status that is sent is ignored; the id of somebody else is 400.
- A change of a unit leaves what is absent or null; a secret in it follows the rules of passphrases.
- A change of a unit whose status is TOKEN_RESET gives it a new access code and changes nothing else.
  The old one opens it no longer (`link_lag` lets it for a while), and its tokens end
  (`tokens_outlive_link` lets them live). Its contact is told by email and by text message where
  the property sends them, and there is an address or a number.
- getUnitUser and getUnitUserDevices answer 404 without a body, as the contract declares them.
- Removing a device is 200 also where PUT answers 202.
- Ids without dashes are malformed (400), unless the switch `dashless` is on; ids in upper case
  are as well, unless `strict_ids` is off.
- A 401 carries no WWW-Authenticate, so that nothing tells in which style a token is wanted.
"""
