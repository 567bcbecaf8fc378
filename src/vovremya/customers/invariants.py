"""What must be true of clients at any time; asked by `vovremya check`."""

from django.db.models import Exists, OuterRef, Q

from vovremya.customers.models import Car, Client, ClientChange, Consent, Keeping, Merge, Phone


def clients_with_words_after_erasure() -> list[int]:
    """Who is erased, or was merged into one who is, and still has a number, a plate, a comment. One query."""
    phones = Phone.objects.filter(client=OuterRef("pk"))
    cars = Car.objects.filter(client=OuterRef("pk")).exclude(plate="", plate_key="", vin="")
    changes = ClientChange.objects.filter(client=OuterRef("pk")).filter(
        Q(before__isnull=False) | Q(after__isnull=False)
    )
    consents = Consent.objects.filter(client=OuterRef("pk"))
    merges = Merge.objects.filter(kept=OuterRef("pk"), moved__has_key="numbers")
    keepings = Keeping.objects.filter(client=OuterRef("pk"))
    named = ~Q(name_key="") | ~Q(representative="") | ~Q(email="") | ~Q(comment="")
    whole = (
        named | Exists(phones) | Exists(cars) | Exists(changes) | Exists(consents) | Exists(keepings) | Exists(merges)
    )
    erased = Q(erased_at__isnull=False) | Q(merged_into__erased_at__isnull=False)
    return list(Client.objects.filter(whole, erased).order_by("pk").values_list("pk", flat=True))
