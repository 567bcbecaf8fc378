from django.urls import path

from vovremya.training import views

urlpatterns = [
    path("", views.training, name="training"),
    path("anew/", views.begun_anew, name="training_anew"),
    path("<slug:code>/open/", views.opened, name="training_opened"),
    path("<slug:code>/newcomers/", views.newcomers_let_in, name="training_newcomers"),
    path("<slug:code>/close/", views.closed, name="training_closed"),
]
