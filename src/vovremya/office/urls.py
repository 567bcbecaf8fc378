from django.urls import path

from vovremya.office.views import calendars, entrance, exports, imports, settings

urlpatterns = [
    path("<slug:code>/", entrance.office, name="office"),
    path("<slug:code>/calendars/", calendars.calendars, name="calendars"),
    path("<slug:code>/calendars/<int:link_id>/revoked/", calendars.calendar_revoked, name="calendar_revoked"),
    path("<slug:code>/export/<slug:name>/<slug:kind>/", exports.export, name="export"),
    path("<slug:code>/import/", imports.imports, name="imports"),
    path("<slug:code>/import/<int:run_id>/", imports.import_run, name="import_run"),
    path("<slug:code>/import/<int:run_id>/pieces/", imports.import_piece, name="import_piece"),
    path("<slug:code>/import/<int:run_id>/columns/", imports.import_columns, name="import_columns"),
    path("<slug:code>/import/<int:run_id>/taking-back/", imports.import_taken_back, name="import_taken_back"),
    path("<slug:code>/import/<int:run_id>/refused/<slug:kind>/", imports.import_refused, name="import_refused"),
    path("<slug:code>/import/<int:run_id>/<slug:step>/", imports.import_step, name="import_step"),
    path("<slug:code>/outside/", settings.outside_page, name="outside"),
    path("<slug:code>/settings/", settings.settings_page, name="settings"),
    path("<slug:code>/settings/history/", settings.settings_history, name="settings_history"),
    path("<slug:code>/settings/history/<int:change_id>/", settings.setting_taken_back, name="setting_taken_back"),
    path("<slug:code>/settings/<slug:setting>/<slug:subject>/", settings.setting_window, name="setting"),
]
