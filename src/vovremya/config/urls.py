from django.urls import include, path

from vovremya.directory import views
from vovremya.office.urls import first_steps

handler500 = "vovremya.config.failing.failed"

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("language/", views.language_chosen, name="language"),
    path("setup/", include(first_steps)),
    path("office/", include("vovremya.office.urls")),
    path("", include("vovremya.board.urls")),
]
