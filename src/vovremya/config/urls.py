from django.urls import include, path

from vovremya.directory import views

handler500 = "vovremya.config.failing.failed"

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("calendar/", include("vovremya.exchange.urls")),
    path("office/", include("vovremya.office.urls")),
    path("", include("vovremya.board.urls")),
]
