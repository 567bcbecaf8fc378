from django.urls import path

from vovremya.office.views import (
    account,
    attention,
    calendars,
    entrance,
    exports,
    first_run,
    imports,
    settings,
    staff,
)

#: Before there is a branch, at `/setup/`.
first_steps = [
    path("", first_run.first_administrator, name="first_administrator"),
    path("branch/", first_run.first_branch, name="first_branch"),
]

urlpatterns = [
    path("<slug:code>/", entrance.office, name="office"),
    path("<slug:code>/start/", first_run.start, name="start"),
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
    path("<slug:code>/attention/", attention.attention, name="attention"),
    path("<slug:code>/attention/<int:matter_id>/", attention.matter, name="matter"),
    path("<slug:code>/attention/<int:matter_id>/again/", attention.matter_open_again, name="matter_open_again"),
    path("<slug:code>/access-log/", attention.access_log_page, name="access_log"),
    path("<slug:code>/staff/", staff.staff_page, name="staff"),
    path("<slug:code>/staff/new/", staff.new_person, name="new_person"),
    path("<slug:code>/staff/brought-in/", staff.brought_in, name="brought_in"),
    path("<slug:code>/staff/<int:user_id>/", staff.person_page, name="person"),
    path("<slug:code>/staff/<int:user_id>/names/", staff.person_names, name="person_names"),
    path("<slug:code>/staff/<int:user_id>/roles/", staff.person_roles, name="person_roles"),
    path("<slug:code>/staff/<int:user_id>/let-in/", staff.person_let_in, name="person_let_in"),
    path("<slug:code>/staff/<int:user_id>/switched/", staff.person_switched, name="person_switched"),
    path("<slug:code>/staff/<int:user_id>/second-step/", staff.person_second_step, name="person_second_step"),
    path("<slug:code>/staff/<int:user_id>/sessions/", staff.staff_sessions, name="staff_sessions"),
    path("<slug:code>/staff/changes/<int:change_id>/", staff.staff_change_taken_back, name="staff_change_taken_back"),
    path("<slug:code>/settings/", settings.settings_page, name="settings"),
    path("<slug:code>/settings/history/", settings.settings_history, name="settings_history"),
    path("<slug:code>/settings/history/<int:change_id>/", settings.setting_taken_back, name="setting_taken_back"),
    path("<slug:code>/settings/<slug:setting>/<slug:subject>/", settings.setting_window, name="setting"),
]

#: At /account/: they need no branch.
of_account = [
    path("", account.account, name="account"),
    path("password/", account.own_password, name="own_password"),
    path("second-step/", account.own_second_step, name="own_second_step"),
    path("second-step/off/", account.own_second_step_off, name="own_second_step_off"),
    path("second-step/codes/", account.own_recovery_codes, name="own_recovery_codes"),
    path("sessions/", account.own_sessions_ended, name="own_sessions_ended"),
]
