"""What a client agrees to, and when that ends."""

from datetime import datetime

from vovremya.customers.models import Client, Consent, ConsentText
from vovremya.customers.rules.consents import Channel, Purpose, standing
from vovremya.customers.texts import first_wording
from vovremya.directory.models import Network
from vovremya.directory.rules import Actor
from vovremya.kernel.refusal import BadInput, Refusal

LONGEST_TEXT = 5_000


def keep_mark(
    client: Client, purpose: Purpose, channel: Channel, *, is_given: bool, number: int, actor: Actor, now: datetime
) -> Consent:
    """Part of `visits.actions.clients.mark_consent`. `number` is that of the wording that was read to the client, or
    lay before them: where there is another meanwhile, it is refused."""
    last = standing(client.consents.all()).get(purpose)
    if last is not None and last.is_given == is_given:
        raise Refusal("consent_stands_so")
    text = _in_force(client.network, purpose, now) if is_given else None
    if text and text.number != number:
        raise Refusal("consent_text_changed")
    assert actor.user_id is not None, "somebody has heard it"
    return Consent.objects.create(
        client=client, purpose=purpose, is_given=is_given, channel=channel, text=text, at=now, user_id=actor.user_id
    )


def keep_wording(network: Network, purpose: Purpose, text: str, *, actor: Actor, now: datetime) -> ConsentText:
    """A new wording, for those who agree from now on. Part of `visits.actions.keeping.word_consent`."""
    text = text.strip()
    if not text:
        raise BadInput({"text": "consent_text_empty"})
    if len(text) > LONGEST_TEXT:
        raise BadInput({"text": "text_too_long"})
    Network.objects.select_for_update(no_key=True).get(pk=network.pk)
    last = _in_force(network, purpose, now)
    if last.text == text:
        return last
    return ConsentText.objects.create(
        network=network, purpose=purpose, number=last.number + 1, text=text, at=now, user_id=actor.user_id
    )


def _in_force(network: Network, purpose: Purpose, now: datetime) -> ConsentText:
    """The last wording; the first is written down when somebody agrees to it first."""
    last = network.consent_texts.filter(purpose=purpose).order_by("-number").first()
    if last:
        return last
    first, _ = ConsentText.objects.get_or_create(
        network=network, purpose=purpose, number=1, defaults={"text": first_wording(purpose), "at": now}
    )
    return first
