from django.urls import include, path

from vovremya.directory import views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("", include("vovremya.board.urls")),
]
