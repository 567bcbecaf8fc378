"""The manual: its contents, its pages, the page of a screen, and the search. For everybody who is signed in."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from vovremya.board.views.answering import Desk, at_desk
from vovremya.guide import queries
from vovremya.guide.reading import Page
from vovremya.guide.rules.contents import OPEN_PAGES, SCREENS, neighbours
from vovremya.kernel.refusal import NotFound

_LONGEST_QUERY = 100


@require_safe
@at_desk
def contents(request: HttpRequest, desk: Desk) -> HttpResponse:
    return render(request, "guide/contents.html", {"chapters": queries.chapters()})


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponseBase:
    """Some pages are for those, too, who cannot sign in or have nowhere to yet."""
    if name in OPEN_PAGES and not request.user.is_authenticated:
        return render(request, "guide/open_page.html", _shown(name))
    return _page(request, name)


@at_desk
def _page(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    if name not in queries.pages():
        raise NotFound
    return render(request, "guide/page.html", {**_shown(name), "chapters": queries.chapters()})


def _shown(name: str) -> dict[str, Page | None]:
    pages = queries.pages()
    before, after = (pages[each] if each else None for each in neighbours(name))
    return {"page": pages[name], "before": before, "after": after}


@require_safe
def page_for(request: HttpRequest, screen: str) -> HttpResponse:
    """The page that tells of a screen; the contents where none does."""
    return redirect("help_page", name=SCREENS[screen]) if screen in SCREENS else redirect("help")


@require_safe
@at_desk
def search(request: HttpRequest, desk: Desk) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:_LONGEST_QUERY]
    context = {"q": query, "found": queries.find(query), "chapters": queries.chapters()}
    return render(request, "guide/search.html", context)
