"""An emulator of the RUCKUS One Property Management API, over the same homes as that of the residents.

Where nothing is known of the vendor's own behaviour, the sandbox decides as follows:

- A venue's id is the property's without dashes; paths take it with dashes, too.
- A tenant that is none, and a grant type that is none, get a page and no refusal (`wrong_parameters`);
  a wrong client id or secret is 401.
- A venue of another tenant is 404, like one that does not exist.
- A tenant that did not delegate is 403, and so are writes of a Read-Only account.
- Calls count towards the tenant of the account, whoever they are made for.
- Pages before the first are 400, pages past the last are empty.
- A status that is set already is set again, and is a success.
"""
