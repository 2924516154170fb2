"""All that is stored of staff: who they are, the accounts of RUCKUS One, homes and what was done.

Of a home its ids, name, status and marks of handing out are kept, never a link or an access code,
nor who lives there.
"""

from django.conf import settings
from django.db import models

from common.models import OpenedHome


class Person(models.Model):
    """What Django's account of a member of staff does not hold: the second factor."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="person"
    )
    # The key of the authenticator app, encrypted; empty until it is set up.
    encrypted_key = models.TextField(blank=True)
    # The time step of the last code that was taken: no code is taken twice.
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.user_id)


class RecoveryCode(models.Model):
    """A code for whoever has lost the authenticator app; a keyed hash, which goes when it is used."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return str(self.pk)


class Invitation(models.Model):
    """A link on which password and second factor are set, once; a keyed hash of what is in it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitation"
    )
    digest = models.CharField(max_length=40, unique=True)
    ends = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user_id)


class RuckusAccount(models.Model):
    """A connected account of RUCKUS One.

    `encrypted` holds client id and secret. `shape` is how its links look (ruckus.unit_links),
    `tried` what was tried at connecting, by name of the operation: ok, or why not.
    """

    class Region(models.TextChoices):
        NORTH_AMERICA = "na", "North America"
        EUROPE = "eu", "Europe"
        ASIA = "asia", "Asia"

    name = models.CharField(max_length=80)
    region = models.CharField(max_length=4, choices=Region.choices)
    tenant_id = models.CharField(max_length=64)
    delegated_tenant_id = models.CharField(max_length=64, blank=True)
    encrypted = models.TextField()
    shape = models.JSONField(null=True)
    tried = models.JSONField(default=dict)
    connected = models.DateTimeField(auto_now_add=True)
    checked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Property(models.Model):
    """A property of a connected account; its id is the venue's, without dashes."""

    id = models.CharField(max_length=32, primary_key=True)
    account = models.ForeignKey(RuckusAccount, on_delete=models.CASCADE, related_name="properties")
    # As RUCKUS One writes it.
    venue_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    managers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="properties"
    )
    # When its homes were last read, and whether all of them were given.
    homes_read = models.DateTimeField(null=True)
    homes_complete = models.BooleanField(default=True)
    # The language of letters and messages, unless another is chosen.
    language = models.CharField(max_length=10, blank=True)
    # What the last set-up check found: level, what it is about, what was found, what to do.
    set_up = models.JSONField(null=True)
    set_up_checked = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class HomeQuerySet(models.QuerySet["Home"]):
    """Homes by what staff look for."""

    def with_opened(self) -> "HomeQuerySet":
        """Return each home with `opened`, the moment of a resident's first sign-in, or None."""
        first = OpenedHome.objects.filter(home=models.OuterRef("mark")).values("at")[:1]
        return self.annotate(opened=models.Subquery(first))


class Home(models.Model):
    """A home of a property, as the list of units had it."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    class Link(models.TextChoices):
        """What is known of the home's link, which is never stored itself."""

        UNKNOWN = "unknown"
        READY = "ready"
        MISSING = "missing"
        REFUSED = "refused"
        UNREADABLE = "unreadable"

    class Way(models.TextChoices):
        """How a link was handed out."""

        COPIED = "copied"
        SHOWN = "shown"
        EMAIL = "email"
        TEXT_MESSAGE = "sms"
        LETTER = "letter"
        CARD = "card"
        CSV = "csv"
        RUCKUS = "ruckus"

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="homes")
    unit_id = models.CharField(max_length=64)
    # A keyed hash of property and unit, as residents' sessions have it (common.homes.home_mark).
    mark = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=255, blank=True)
    # The name in a form that sorts 2 before 10.
    sort_key = models.CharField(max_length=400)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    link = models.CharField(max_length=10, choices=Link.choices, default=Link.UNKNOWN)
    link_checked = models.DateTimeField(null=True)
    # Whether a sign-in has shown that the link opens this home.
    link_proved = models.BooleanField(default=False)
    handed_out = models.DateTimeField(null=True)
    handed_out_how = models.CharField(max_length=10, choices=Way.choices, blank=True)
    handed_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = HomeQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "unit_id")
        constraints = (
            models.UniqueConstraint(fields=["property", "unit_id"], name="one_row_of_a_home"),
        )
        indexes = (models.Index(fields=["property", "sort_key"], name="homes_in_order"),)

    def __str__(self) -> str:
        return self.name or self.unit_id


class AuditEntry(models.Model):
    """Something that a member of staff did: never a secret, nor anything about a resident."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # The name as it was then.
    who = models.CharField(max_length=254)
    what = models.CharField(max_length=40)
    # Bare id and name of the property, id and name of the home, where it is about one.
    property_id = models.CharField(max_length=32, blank=True)
    property_name = models.CharField(max_length=255, blank=True)
    unit_id = models.CharField(max_length=64, blank=True)
    home_name = models.CharField(max_length=255, blank=True)
    # Words of ours: a way, a number, a reason.
    detail = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=["property_id", "-at"], name="audit_of_a_property"),
            models.Index(fields=["property_id", "unit_id", "-at"], name="audit_of_a_home"),
        )

    def __str__(self) -> str:
        return self.what


class Job(models.Model):
    """Work on many homes that goes on in the background, and how far it is.

    `seen` moves while it runs: of one that stands still the worker has ended, and another takes it
    up where it was.
    """

    class Kind(models.TextChoices):
        READ_HOMES = "read"
        CHECK_LINKS = "check"
        EMAIL = "email"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        STOPPED = "stopped"
        DONE = "done"
        FAILED = "failed"

    property = models.ForeignKey(Property, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    language = models.CharField(max_length=10, blank=True)
    started = models.DateTimeField(auto_now_add=True)
    seen = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    # Why it failed, in a word of ours.
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("-started", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["property", "kind"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_job_at_work",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class JobItem(models.Model):
    """One home of a job. `address` is a keyed hash of the email address that was confirmed."""

    class State(models.TextChoices):
        WAITING = "waiting"
        # Being sent: of one that stays so nobody knows whether it went out.
        UNDER_WAY = "under way"
        DONE = "done"
        FAILED = "failed"

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    address = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(null=True)
    # What came of it: a word of ours, or the status and text of a mail server's refusal.
    result = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["job", "home"], name="a_home_once_a_job"),)
        indexes = (models.Index(fields=["home", "state", "at"], name="items_of_a_home"),)

    def __str__(self) -> str:
        return self.state


class LinkReplacement(models.Model):
    """A link that staff had replaced, and what is known of it. Each of the facts is told for itself.

    `number` counts those of a home from 1, and a page asks for the next one: of two that ask for the
    same, one gets it. One that has no end had the process end under it.
    """

    class Answer(models.TextChoices):
        """What RUCKUS One said: whether it took the order, and whether it may have without saying so."""

        UNKNOWN = "unknown"
        TAKEN = "taken"
        REFUSED = "refused"
        NOT_SENT = "not sent"

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="replacements")
    number = models.PositiveIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # A keyed hash of the home and the old access code: it tells whether a pasted link is the old one.
    former = models.CharField(max_length=40)
    started = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, choices=Answer.choices, default=Answer.UNKNOWN)
    new_proved = models.BooleanField(default=False)
    old_refused = models.BooleanField(default=False)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["home", "number"], name="one_replacement_of_a_number"),
        )

    def __str__(self) -> str:
        return str(self.number)


class MoveOut(models.Model):
    """A move-out of a home, kept until every step is proved or staff close it."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="move_outs")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-started", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["home"], condition=models.Q(ended=None), name="one_move_out_at_once"
            ),
        )

    def __str__(self) -> str:
        return str(self.home_id)


class MoveOutStep(models.Model):
    """One step of a move-out, in the order of `number`."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        PROVED = "proved"
        NOT_PROVED = "not proved"

    move_out = models.ForeignKey(MoveOut, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    # What it is, and of which of several passphrases (an id of the Wi-Fi system).
    what = models.CharField(max_length=20)
    user_id = models.CharField(max_length=64, blank=True)
    # A keyed hash of what must have changed: a passphrase, a link.
    before = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Since when it is in this state.
    at = models.DateTimeField(null=True)
    # When something was last sent for it, which may take effect later.
    sent = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["move_out", "number"], name="steps_in_order"),
        )

    def __str__(self) -> str:
        return self.what
