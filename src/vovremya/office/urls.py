from django.urls import path

from vovremya.office.views import entrance, settings

urlpatterns = [
    path("<slug:code>/", entrance.office, name="office"),
    path("<slug:code>/outside/", settings.outside_page, name="outside"),
    path("<slug:code>/settings/", settings.settings_page, name="settings"),
    path("<slug:code>/settings/history/", settings.settings_history, name="settings_history"),
    path("<slug:code>/settings/history/<int:change_id>/", settings.setting_taken_back, name="setting_taken_back"),
    path("<slug:code>/settings/<slug:setting>/<slug:subject>/", settings.setting_window, name="setting"),
]
