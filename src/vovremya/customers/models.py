"""Clients, their phones and cars. They belong to the network, not to a branch."""

from django.conf import settings
from django.db import models

from vovremya.directory.models import Network, Work


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
    """Access log: who saw or dialled which number. Kept apart from the feed."""

    class Purpose(models.TextChoices):
        DIAL = "dial"
        SHOW = "show"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    phone = models.ForeignKey(Phone, on_delete=models.CASCADE)
    branch_id = models.BigIntegerField()
    visit_id = models.BigIntegerField(null=True)  # about which it was: visits stand above
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("branch_id", "-at", "-id"), name="reveals_of_branch"),
            models.Index(fields=("branch_id", "user", "-at", "-id"), name="reveals_by_person"),
        )
