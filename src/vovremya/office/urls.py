from django.urls import path

from vovremya.office.views import clients, entrance, personal, settings

urlpatterns = [
    path("<slug:code>/", entrance.office, name="office"),
    path("<slug:code>/clients/", clients.clients_list, name="clients"),
    path("<slug:code>/clients/duplicates/", clients.duplicates_page, name="duplicates"),
    path("<slug:code>/clients/<int:client_id>/", clients.client_card, name="client"),
    path("<slug:code>/clients/<int:client_id>/file/", clients.client_file, name="client_file"),
    path("<slug:code>/clients/<int:client_id>/erasure/", personal.client_erasure, name="client_erasure"),
    path("<slug:code>/clients/<int:client_id>/keeping/", personal.keeping_window, name="client_keeping"),
    path("<slug:code>/clients/<int:client_id>/phones/<int:phone_id>/", clients.number_shown, name="client_number"),
    path("<slug:code>/clients/<int:client_id>/merge/<int:other_id>/", clients.client_merge, name="client_merge"),
    path("<slug:code>/clients/<int:client_id>/merges/<int:merge_id>/", clients.merge_undone, name="merge_undone"),
    path(
        "<slug:code>/clients/<int:client_id>/changes/<int:change_id>/",
        clients.client_change_taken_back,
        name="client_change_taken_back",
    ),
    path("<slug:code>/clients/<int:client_id>/consents/<slug:purpose>/", clients.client_consent, name="client_consent"),
    path("<slug:code>/clients/<int:client_id>/<slug:facet>/<slug:subject>/", clients.client_facet, name="client_facet"),
    path("<slug:code>/personal/", personal.personal_page, name="personal"),
    path("<slug:code>/personal/retention/", personal.retention_window, name="retention"),
    path("<slug:code>/personal/consents/<slug:purpose>/", personal.consent_text, name="consent_text"),
    path("<slug:code>/personal/acts/<int:act_id>/", personal.erasure_act, name="erasure_act"),
    path("<slug:code>/personal/acts/<int:act_id>/log/", personal.erasure_log, name="erasure_log"),
    path("<slug:code>/outside/", settings.outside_page, name="outside"),
    path("<slug:code>/settings/", settings.settings_page, name="settings"),
    path("<slug:code>/settings/history/", settings.settings_history, name="settings_history"),
    path("<slug:code>/settings/history/<int:change_id>/", settings.setting_taken_back, name="setting_taken_back"),
    path("<slug:code>/settings/<slug:setting>/<slug:subject>/", settings.setting_window, name="setting"),
]
