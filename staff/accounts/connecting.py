"""Keeping an account that was tried, and what belongs to it."""

from collections.abc import Iterable

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from common.property import known
from common.property.ids import bare_id
from ruckus.account import Credentials
from ruckus.management_types import ManagedProperty
from staff.accounts import api
from staff.accounts.trial import Trial
from staff.models import Property, RuckusAccount

_LONGEST_NAME = 255


async def is_connected(account: RuckusAccount) -> bool:
    """Return whether the same tenant is connected already."""
    same = RuckusAccount.objects.filter(
        region=account.region,
        tenant_id=account.tenant_id,
        delegated_tenant_id=account.delegated_tenant_id,
    )
    return await same.aexists()


async def keep(account: RuckusAccount, credentials: Credentials, trial: Trial) -> list[Property]:
    """Store an account with what the trial found; return its properties that are new here."""
    account.encrypted = api.seal(credentials.client_id, credentials.client_secret)
    await keep_trial(account, trial)
    return await keep_properties(account, trial.properties)


async def keep_trial(account: RuckusAccount, trial: Trial) -> None:
    """Store an account with what was tried."""
    account.tried, account.checked = trial.tried, timezone.now()
    api.remember_shape(account, trial.shape)
    await account.asave()


async def keep_properties(
    account: RuckusAccount, listed: Iterable[ManagedProperty]
) -> list[Property]:
    """Store those properties of an account that residents' links can name; return what is new here.

    One that another account has stays there: two may well see the same. None is removed, for what
    staff have noted of its homes would go with it.
    """
    new = await sync_to_async(_keep_properties)(account, listed)
    for each in new:
        await known.remember_region(each.id, account.region)
    return new


@transaction.atomic
def _keep_properties(account: RuckusAccount, listed: Iterable[ManagedProperty]) -> list[Property]:
    new = []
    for each in filter(api.is_fit, listed):
        name = (each.name or each.venue_id)[:_LONGEST_NAME]
        stored, created = Property.objects.get_or_create(
            id=bare_id(each.venue_id),
            defaults={"account": account, "venue_id": each.venue_id, "name": name},
        )
        if created:
            new.append(stored)
        elif stored.account_id == account.pk and stored.name != name:
            stored.name = name
            stored.save(update_fields=["name"])
    return new


async def disconnect(account: RuckusAccount) -> None:
    """Forget an account and all that is stored of its properties."""
    api.forget(account)
    await account.adelete()
