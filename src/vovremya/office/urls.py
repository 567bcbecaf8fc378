from django.urls import path

from vovremya.office.views import branches, directories, entrance, holidays, script, settings

urlpatterns = [
    path("<slug:code>/", entrance.office, name="office"),
    path("<slug:code>/outside/", settings.outside_page, name="outside"),
    path("<slug:code>/settings/", settings.settings_page, name="settings"),
    path("<slug:code>/settings/history/", settings.settings_history, name="settings_history"),
    path("<slug:code>/settings/history/<int:change_id>/", settings.setting_taken_back, name="setting_taken_back"),
    path("<slug:code>/settings/back/<slug:changes>/", settings.settings_taken_back, name="settings_taken_back"),
    path("<slug:code>/settings/<slug:setting>/<slug:subject>/", settings.setting_window, name="setting"),
    path("<slug:code>/holidays/", holidays.holidays_window, name="holidays"),
    path("<slug:code>/order/<slug:setting>/", directories.put_in_order, name="put_in_order"),
    path("<slug:code>/directories/", directories.directories_page, name="directories"),
    path("<slug:code>/directories/<slug:name>/", directories.directory_page, name="directory"),
    path("<slug:code>/script/said/", script.step_said, name="step_said"),
    path("<slug:code>/script/copy/", script.script_copied, name="script_copied"),
    path("<slug:code>/script/<slug:step>/", script.step_window, name="script_step"),
    path("<slug:code>/branches/", branches.branches_page, name="branches"),
    path("<slug:code>/branches/new/", branches.branch_opened, name="branch_opened"),
]
