from django.urls import path

from vovremya.exchange.views import calendar_feed

urlpatterns = [path("<slug:token>.ics", calendar_feed, name="calendar_feed")]
