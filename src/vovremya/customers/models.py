"""Clients, their phones and cars. They belong to the network, not to a branch."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from vovremya.customers.rules.card import Facet
from vovremya.customers.rules.consents import Channel, Purpose
from vovremya.customers.rules.erasure import Ground
from vovremya.directory.models import Network, Work


def _choices(words: type[Facet] | type[Purpose] | type[Channel] | type[Ground]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Client(models.Model):
    class Kind(models.TextChoices):
        PERSON = "person"
        ORGANISATION = "organisation"

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="clients")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(max_length=200)
    representative = models.CharField(max_length=200, blank=True)
    name_key = models.CharField(max_length=200, db_index=True)  # folded for search
    email = models.EmailField(blank=True)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField()
    # One of two that were the same person: all that was theirs is the other's.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    erased_at = models.DateTimeField(null=True)  # the row stays for the figures of its visits, without a word

    def __str__(self) -> str:
        return self.name


class Phone(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(max_length=20)  # E.164
    number_key = models.CharField(max_length=20, db_index=True)  # last ten digits
    is_wrong = models.BooleanField(default=False)  # struck out after «Неверный номер»
    position = models.PositiveIntegerField(default=0)
    best_time = models.CharField(max_length=100, blank=True)
    added_at = models.DateTimeField(null=True)  # empty: known since the client was registered

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("client", "number"), name="phone_once_per_client"),)


class Car(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="cars")
    make = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=100, blank=True)
    year = models.PositiveIntegerField(null=True)
    vin = models.CharField(max_length=32, blank=True, db_index=True)
    plate = models.CharField(max_length=20, blank=True)
    plate_key = models.CharField(max_length=20, blank=True, db_index=True)  # alphabet folded for search
    mileage = models.PositiveIntegerField(null=True)
    warranty_until = models.DateField(null=True)
    coefficient = models.DecimalField(max_digits=3, decimal_places=2, null=True)  # of its labour; empty: the norm
    is_active = models.BooleanField(default=True)  # sold or scrapped: not offered any more

    def __str__(self) -> str:
        return f"{self.plate} {self.title}".strip()

    @property
    def title(self) -> str:
        return f"{self.make} {self.model}".strip()


class Campaign(models.Model):
    """What a maker asks the owners of certain cars to come for: a recall, a service action. The work has its name."""

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="campaigns", db_index=False)
    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True)  # that day included; empty: until all have come

    class Meta:
        constraints = (models.UniqueConstraint(fields=("network", "work"), name="campaign_once"),)


class CampaignCar(models.Model):
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="cars", db_index=False)
    vin = models.CharField(max_length=32, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("campaign", "vin"), name="car_once_in_campaign"),)


class PhoneReveal(models.Model):
    """Access log: who saw or dialled which number of whom, or took all that is kept. Kept apart from the feed; the
    number goes where it is removed or erased, and the line stays."""

    class Purpose(models.TextChoices):
        DIAL = "dial"
        SHOW = "show"
        FILE = "file"  # all that is kept about the person

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="reveals")
    phone = models.ForeignKey(Phone, on_delete=models.SET_NULL, null=True)
    branch_id = models.BigIntegerField()
    visit_id = models.BigIntegerField(null=True)  # about which it was: visits stand above
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = (
            models.Index(fields=("branch_id", "-at", "-id"), name="reveals_of_branch"),
            models.Index(fields=("branch_id", "user", "-at", "-id"), name="reveals_by_person"),
        )


class ClientChange(models.Model):
    """A change of one facet of a client, whole: what it was and what it became. Erasure leaves when, who and what."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="changes")
    facet = models.CharField(max_length=16, choices=_choices(Facet))
    subject_id = models.BigIntegerField(null=True)  # of a car
    before = models.JSONField(null=True)  # None: there was none
    after = models.JSONField(null=True)
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    takes_back = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="taken_back_by")

    class Meta:
        ordering = ("-id",)


class ConsentText(models.Model):
    """What a client agrees to, word for word; a new wording is a new version."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="consent_texts")
    purpose = models.CharField(max_length=16, choices=_choices(Purpose))
    number = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("network", "purpose", "number"), name="consent_text_once"),)


class Consent(models.Model):
    """A consent that was given or withdrawn; the last of a purpose holds. Never changed itself."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=16, choices=_choices(Purpose))
    is_given = models.BooleanField()
    channel = models.CharField(max_length=16, choices=_choices(Channel))
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, null=True, related_name="+")  # of one given
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-id",)


class Merge(models.Model):
    """Two clients that were one person. What went over is named, so that it can all go back; not after an erasure."""

    kept = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)  # ids by kind, and numbers
    person_change = models.ForeignKey(ClientChange, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)


class ToldApart(models.Model):
    """Two clients who share something and are different people, as somebody has said: not proposed as one any more."""

    one = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")  # known longer: the lower id
    other = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("one", "other"), name="told_apart_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="told_apart_in_order"),
        )


class Retention(models.Model):
    """How long a network keeps what; None: as long as nobody asks for its erasure."""

    network = models.OneToOneField(Network, on_delete=models.CASCADE, primary_key=True, related_name="retention")
    client_months = models.PositiveSmallIntegerField(null=True)  # after the last visit
    words_months = models.PositiveSmallIntegerField(null=True)  # comments and the journal's words, after the visit
    reveals_months = models.PositiveSmallIntegerField(null=True)  # the access log
    words_until = models.DateTimeField(null=True)  # the words of visits before are gone already
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")


class Keeping(models.Model):
    """A client who is kept beyond the time, for a reason that somebody named."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="keepings")
    until = models.DateField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")


class Erasure(models.Model):
    """The act of an erasure: whom by internal ids alone, on what grounds, what went, and when the bytes were gone."""

    number = models.CharField(max_length=40, unique=True)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="erasures")
    # [id, milliseconds of its registration]: an id may be given again after an older copy was put back.
    clients = models.JSONField(default=list)
    ground = models.CharField(max_length=24, choices=_choices(Ground))
    requested_on = models.DateField(null=True)
    branch_id = models.BigIntegerField(null=True)  # where it was asked for
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    erased = models.JSONField(default=dict)  # how many of what
    again_at = models.DateTimeField(null=True)  # an older copy had been put back
    scrubbed_at = models.DateTimeField(null=True)  # the bytes are gone from the files of the database

    class Meta:
        ordering = ("-at", "-id")
