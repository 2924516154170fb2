"""Who belongs to staff: added, set up by a one-time link, given a role and properties, removed.

What is written together is written in one transaction, with what the audit log has of it.
"""

import secrets
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from common.keys import digest
from staff import audit
from staff.audit import What
from staff.door import addresses, passwords, second_factor, session
from staff.door.second_factor import new_recovery_codes
from staff.door.signed_in import OWNER
from staff.models import Invitation, Job, Person, Property
from staff.request import Member

LINK_HOURS = 24


class IsThere(Exception):
    """Somebody with this email address belongs to staff already."""


class LastOwner(Exception):
    """Without this one, nobody could look after accounts and people."""


def link_of(token: str) -> str:
    """Return the one-time link, without a host where nothing says which one it is."""
    path = reverse("staff:welcome", args=[token])
    return addresses.absolute(path) or path


async def add(by: Member | None, email: str, name: str, role: str) -> tuple[User, str]:
    """Add a member of staff and return them with the token of their link. Raise IsThere."""
    return await sync_to_async(_add)(by, email.lower(), name, role)


@transaction.atomic
def _add(by: Member | None, email: str, name: str, role: str) -> tuple[User, str]:
    user, is_new = User.objects.get_or_create(
        username=email, defaults={"email": email, "first_name": name}
    )
    if not is_new:
        raise IsThere
    user.groups.set([Group.objects.get(name=role)])
    audit.entry(by, What.PERSON_ADDED, detail=f"{email}, {role}").save()
    return user, _invite(user)


async def reset(by: Member | None, user: User) -> str:
    """Return the token of a new link. Password, second factor, codes and sessions are gone."""
    token = await sync_to_async(_reset)(by, user)
    await session.end_all(user)
    return token


@transaction.atomic
def _reset(by: Member | None, user: User) -> str:
    Person.objects.filter(user=user).delete()
    audit.entry(by, What.PERSON_CHANGED, detail=f"{user.username}, new link").save()
    return _invite(user)


def _invite(user: User) -> str:
    """Return the token of a link that takes the place of any earlier one, and of the password."""
    user.set_unusable_password()
    user.save()
    token = secrets.token_urlsafe(32)
    Invitation.objects.update_or_create(
        user=user,
        defaults={
            "digest": token_digest(token),
            "ends": timezone.now() + timedelta(hours=LINK_HOURS),
        },
    )
    return token


def token_digest(token: str) -> str:
    return digest("invitation", token)


async def invited(token: str) -> User | None:
    """Return whom a link was made for, or None if it was used, replaced, is over or none of ours."""
    found = Invitation.objects.select_related("user").filter(
        digest=token_digest(token), ends__gt=timezone.now()
    )
    invitation = await found.afirst()
    return invitation.user if invitation else None


async def set_up(token: str, password: str, key: str, step: int) -> tuple[User, list[str]] | None:
    """Set password and second factor and return the user with new recovery codes.

    Return None if the link was used meanwhile.
    """
    return await sync_to_async(_set_up)(token, await passwords.hashed(password), key, step)


@transaction.atomic
def _set_up(token: str, password: str, key: str, step: int) -> tuple[User, list[str]] | None:
    invitation = Invitation.objects.select_for_update().filter(digest=token_digest(token)).first()
    if invitation is None:
        return None
    user = invitation.user
    invitation.delete()
    user.password = password
    user.save()
    keep_key(user, key, step)
    audit.entry(user, What.PERSON_CHANGED, detail=f"{user.username}, set up").save()
    return user, new_recovery_codes(user)


def keep_key(user: User, key: str, step: int) -> None:
    """Store the key of an authenticator app, whose first code was just taken."""
    Person.objects.update_or_create(
        user=user,
        defaults={"encrypted_key": second_factor.encrypted(key), "last_step": step},
    )


async def change_password(user: User, password: str) -> None:
    """Give a member of staff a new password; their sessions are over."""
    await sync_to_async(_change_password)(user, await passwords.hashed(password))
    await session.end_all(user)


@transaction.atomic
def _change_password(user: User, password: str) -> None:
    user.password = password
    user.save(update_fields=["password"])
    audit.entry(user, What.PERSON_CHANGED, detail=f"{user.username}, new password").save()


async def change_key(user: User, key: str, step: int) -> None:
    """Give a member of staff another authenticator; their sessions are over."""
    await sync_to_async(_change_key)(user, key, step)
    await session.end_all(user)


@transaction.atomic
def _change_key(user: User, key: str, step: int) -> None:
    keep_key(user, key, step)
    audit.entry(user, What.PERSON_CHANGED, detail=f"{user.username}, new authenticator").save()


async def change_recovery_codes(user: User) -> list[str]:
    """Return new recovery codes, which take the place of all earlier ones."""
    return await sync_to_async(_change_recovery_codes)(user)


@transaction.atomic
def _change_recovery_codes(user: User) -> list[str]:
    audit.entry(user, What.PERSON_CHANGED, detail=f"{user.username}, new recovery codes").save()
    return new_recovery_codes(user)


async def change_role(by: Member, user: User, role: str) -> None:
    """Make somebody an owner or a manager; their sessions are over. Raise LastOwner."""
    await sync_to_async(_change_role)(by, user, role)
    await session.end_all(user)


@transaction.atomic
def _change_role(by: Member, user: User, role: str) -> None:
    if role != OWNER:
        keep_an_owner(user)
        stop_emails(Job.objects.filter(by=user))
    user.groups.set([Group.objects.get(name=role)])
    audit.entry(by, What.PERSON_CHANGED, detail=f"{user.username}, {role}").save()


async def remove(by: Member, user: User) -> None:
    """Remove somebody, whose sessions are over. Raise LastOwner."""
    await session.end_all(user)
    await sync_to_async(_remove)(by, user)


@transaction.atomic
def _remove(by: Member, user: User) -> None:
    keep_an_owner(user)
    audit.entry(by, What.PERSON_REMOVED, detail=user.username).save()
    stop_emails(Job.objects.filter(by=user))
    user.delete()


def stop_emails(jobs: QuerySet[Job]) -> None:
    """Have no further email sent for somebody who may not send it any more."""
    at_work = jobs.filter(kind=Job.Kind.EMAIL, state__in=(Job.State.WAITING, Job.State.RUNNING))
    at_work.update(state=Job.State.STOPPED, ended=timezone.now())


def keep_an_owner(user: User) -> None:
    """Raise LastOwner if nobody else who has set up everything is an owner."""
    # Two owners may be about to remove each other: the second one waits here for the first.
    group = Group.objects.select_for_update().get(name=OWNER)
    others = group.user_set.filter(is_active=True, person__encrypted_key__gt="")
    if not others.exclude(pk=user.pk).exists():
        raise LastOwner


async def give(by: Member, user: User, property: Property) -> None:
    """Let a manager work with a property."""
    await sync_to_async(_give)(by, user, property)


@transaction.atomic
def _give(by: Member, user: User, property: Property) -> None:
    detail = f"{user.username}, property given"
    audit.entry(by, What.PERSON_CHANGED, property=property, detail=detail).save()
    property.managers.add(user)


async def take(by: Member, user: User, property: Property) -> None:
    """Let a manager work with a property no more."""
    await sync_to_async(_take)(by, user, property)


@transaction.atomic
def _take(by: Member, user: User, property: Property) -> None:
    detail = f"{user.username}, property taken"
    audit.entry(by, What.PERSON_CHANGED, property=property, detail=detail).save()
    property.managers.remove(user)
    stop_emails(property.jobs.filter(by=user))
