"""Which cars a maker asks to come: told to the whole network, all of the file or nothing."""

from datetime import date, timedelta

import pytest

from tests.cast import MORNING, TODAY, Cast
from vovremya.customers.models import Campaign, CampaignCar, Car
from vovremya.customers.queries import campaigns_open_for
from vovremya.directory.models import Network, Work
from vovremya.journal.models import Entry
from vovremya.kernel.refusal import NotFound, Refusal
from vovremya.visits.actions.campaigns import announce_campaign

VIN, OTHER = "XTAGA1234R1234567", "XTAGA1234R1234568"


@pytest.fixture
def work(cast: Cast) -> Work:
    return Work.objects.create(network=cast.network, code="R-14", name="Замена подушки", norm_minutes=60)


@pytest.fixture
def car(cast: Cast) -> Car:
    cast.late_car.vin = VIN
    cast.late_car.save()
    return cast.late_car


def announce(cast: Cast, work: Work, vins: list[str], until: date | None = None) -> Campaign:
    return announce_campaign(cast.branch, work, vins, until=until, actor=cast.administrator, now=MORNING)


def test_a_campaign_is_open_until_its_last_day_and_ends_when_told_so(cast: Cast, work: Work, car: Car) -> None:
    campaign = announce(cast, work, ["xtaga 1234 r123 4567", VIN])
    announce(cast, work, [OTHER], until=TODAY)
    assert sorted(campaign.cars.values_list("vin", flat=True)) == [VIN, OTHER]
    assert campaigns_open_for(cast.network, [car], TODAY) == {car.pk: [campaign]}
    assert campaigns_open_for(cast.network, [car], TODAY + timedelta(days=1)) == {}
    assert campaigns_open_for(Network.objects.create(name="Чужая"), [car], TODAY) == {}
    told = Entry.objects.filter(kind="campaign_announced").order_by("id")
    assert [entry.data.get("until") for entry in told] == [None, TODAY.isoformat()]
    announce(cast, work, [VIN])
    assert Campaign.objects.get().until == TODAY, "more cars do not open it for ever"


def test_of_a_file_with_a_line_that_is_no_vin_nothing_is_kept(cast: Cast, work: Work) -> None:
    with pytest.raises(Refusal) as refused:
        announce(cast, work, [VIN, "итого: 2"])
    assert refused.value.facts == {"vin": "итого: 2", "count": 1}
    assert not Campaign.objects.exists()
    assert not CampaignCar.objects.exists()


def test_a_work_of_another_network_is_no_campaign_here(cast: Cast, work: Work) -> None:
    work.network = Network.objects.create(name="Чужая")
    work.save()
    with pytest.raises(NotFound):
        announce(cast, work, [VIN])
