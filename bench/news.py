"""Live updates as the feed tells them, drawn by the program; and the plainest page with as many boxes."""

import json
from collections.abc import Iterator, Sequence

from bench.filling import DAY, NOW, Size
from vovremya.board.bars import draw_visit
from vovremya.visits.models import Visit

_VERSION = 10_000  # above every version of the page


def news_of(size: Size, count: int) -> list[str]:
    """The bars of visits to come, one event each. `in_turn` makes them news again and again."""
    visits = Visit.objects.filter(branch__code=size.code, starts_at__gt=NOW).order_by("starts_at", "id")
    return [_told(visit_id) for visit_id in visits.values_list("id", flat=True)[:count]]


def _told(visit_id: int) -> str:
    drawn = draw_visit(visit_id, NOW)
    html = drawn["bars"][DAY.isoformat()]["html"]  # type: ignore[index]
    fresh = html.replace(f'data-version="{drawn["version"]}"', f'data-version="{_VERSION}"')
    bars = {DAY.isoformat(): {**drawn["bars"][DAY.isoformat()], "html": fresh}}  # type: ignore[index]
    return json.dumps({"cursor": "", "visit": visit_id, "version": _VERSION, "bars": bars}, ensure_ascii=False)


def in_turn(news: Sequence[str]) -> Iterator[list[str]]:
    """The same events for ever, each time by a higher version."""
    version = _VERSION
    while True:
        version += 1
        yield [each.replace(str(_VERSION), str(version)) for each in news]


def plain_page(boxes: int) -> bytes:
    """What any page with so many placed boxes costs: no styles, no script, two words in each."""
    rows = 30
    drawn = "".join(
        f'<button style="position:absolute;left:{60 * (number % rows)}px;top:{48 * (number // rows)}px">'
        f"<b>М{number % 1000:03}ВС</b> Смирнова</button>"
        for number in range(boxes)
    )
    return f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>Ящики</title><body>{drawn}'.encode()
