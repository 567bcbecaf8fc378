"""A calendar behind its secret address: without a login, so without anything that a login would guard."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from vovremya.exchange.actions.calendars import note_used
from vovremya.exchange.calendar import calendar, version_of
from vovremya.exchange.queries import link_by_token, visits_of_calendar
from vovremya.kernel import clock
from vovremya.kernel.refusal import NotFound


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Cheap for who asks again: unless something changed it is not drawn."""
    try:
        link = link_by_token(token)
    except NotFound as refusal:
        raise Http404 from refusal
    now = clock.now()
    visits = visits_of_calendar(link, now)
    version = version_of(link, visits)
    note_used(link, now)
    response = get_conditional_response(request, etag=version)
    if not isinstance(response, HttpResponse):
        response = HttpResponse(calendar(link, visits, now), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="vovremya.ics"'
    response["ETag"] = version
    response["Cache-Control"] = "private, max-age=300"
    response["X-Robots-Tag"] = "noindex"
    return response
