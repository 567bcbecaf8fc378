"""The door alone, with a room behind it that tells who is inside."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from vovremya.directory import views


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


urlpatterns = [
    path("", home, name="home"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("help/for/<slug:screen>/", home, name="help_for"),
    path("login/code/", views.second_step, name="second_step"),
    path("invitation/", views.invited, name="invited"),
    path("invitation/<str:secret>/", views.invitation, name="invitation"),
]
