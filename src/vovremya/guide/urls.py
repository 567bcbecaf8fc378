from django.urls import path

from vovremya.guide import views

urlpatterns = [
    path("", views.contents, name="help"),
    path("search/", views.search, name="help_search"),
    path("for/<slug:screen>/", views.page_for, name="help_for"),
    path("<slug:name>/", views.page, name="help_page"),
]
