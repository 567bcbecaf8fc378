from django.urls import include, path

from vovremya.board.views import (
    booking,
    booking_fields,
    by_hand,
    free_times,
    late_notice,
    pages,
    reception,
    removal,
    repairs,
    wave,
)

windows = [
    # Windows over the board. What changes something is a POST.
    path("", repairs.repairs, name="repairs"),
    path("history/", repairs.visit_history, name="visit_history"),
    path("news/", repairs.news, name="visit_news"),
    path("phones/<int:phone_id>/", repairs.show_number, name="show_number"),
    path("number/", repairs.number_added, name="add_number"),
    path("dial/", late_notice.dial_number, name="dial"),
    path("contact/", late_notice.late_notice, name="late_notice"),
    path("offers/", late_notice.offers, name="offers"),
    path("warned/", late_notice.warned, name="client_warned"),
    path("result/", late_notice.result, name="result"),
    path("save/", late_notice.save, name="save_card"),
    path("finish/", late_notice.finished, name="finish"),
    path("later/", late_notice.later, name="call_back_later"),
    path("wait/", late_notice.wait_on, name="keep_waiting"),
    path("note/", late_notice.note, name="add_note"),
    path("take-over/", late_notice.taken_over, name="take_over"),
    path("release/", late_notice.released, name="release_card"),
    path("lease/", late_notice.lease, name="lease"),
    path("draft/", late_notice.draft, name="draft"),
    path("reopen/", late_notice.reopened, name="reopen"),
    path("move/", booking.move_window, name="move"),
    path("wave/", wave.wave_window, name="wave"),
    path("slots/", free_times.slots_for_move, name="slots_for_move"),
    path("bay/", booking.change_bay, name="change_bay"),
    path("by-hand/", by_hand.by_hand, name="by_hand"),
    path("by-hand/<int:plan_version>/undo/", by_hand.undone_by_hand, name="undo_by_hand"),
    path("remove/", removal.removal_window, name="remove"),
    path("restore/", removal.restored, name="restore"),
    path("<slug:step>/", reception.step_taken, name="step"),
]

urlpatterns = [
    path("", pages.home, name="home"),
    # In a group: the address of any other page is compared with one of theirs instead of with them all.
    path("visits/<int:visit_id>/", include(windows)),
    path("<slug:code>/", pages.board, name="board"),
    path("<slug:code>/week/", pages.week, name="week"),
    path("<slug:code>/sheet/", pages.day_on_paper, name="sheet"),
    path("<slug:code>/search", pages.search, name="search"),
    path("<slug:code>/removed/", pages.removed, name="removed"),
    path("<slug:code>/not-arrived/", pages.not_arrived, name="not_arrived"),
    path("<slug:code>/booking/", booking.booking_window, name="booking"),
    path("<slug:code>/booking/slots/", free_times.slots_for_booking, name="slots_for_booking"),
    path("<slug:code>/booking/release/", free_times.holds_released, name="release_holds"),
    path("<slug:code>/booking/check/<slug:field>/", booking_fields.field_checked, name="field_checked"),
    path("<slug:code>/booking/clients/", booking_fields.clients_found, name="clients_found"),
]
