"""An emulator of the RUCKUS One Resident Portal API, for demos, development and tests.

It holds made-up homes in memory, answers the sixteen operations the way the vendor's API does,
and can be told to misbehave. The portal never imports it, and it never imports the portal.
"""
