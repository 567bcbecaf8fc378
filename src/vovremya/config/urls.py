from django.urls import include, path

from vovremya.directory import views
from vovremya.office.urls import first_steps, of_account

handler500 = "vovremya.config.failing.failed"

urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/code/", views.second_step, name="second_step"),
    path("logout/", views.logout, name="logout"),
    path("language/", views.language_chosen, name="language"),
    path("setup/", include(first_steps)),
    path("invitation/", views.invited, name="invited"),
    path("invitation/<str:secret>/", views.invitation, name="invitation"),
    path("account/", include(of_account)),
    path("calendar/", include("vovremya.exchange.urls")),
    path("office/", include("vovremya.office.urls")),
    path("help/", include("vovremya.guide.urls")),
    path("training/", include("vovremya.training.urls")),
    path("", include("vovremya.board.urls")),
]
