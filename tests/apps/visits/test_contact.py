"""The card and its calls: action in, rows and facts out (M2, M4–M9, M12)."""

import pytest

from tests.apps.visits.desk import COMMENT, Desk, watch
from tests.cast import at
from vovremya.customers.models import PhoneReveal
from vovremya.kernel.refusal import BadInput
from vovremya.visits.actions import contact
from vovremya.visits.actions.contact import CardInput
from vovremya.visits.models import Case, Draft, Lease
from vovremya.visits.refusals import CallInProgress, CardHeld, Conflict, NotPlanned, WrongMoment
from vovremya.visits.rules.arrival import BadEta
from vovremya.visits.rules.next_step import (
    CallAgainAt,
    GroundsForRemoval,
    KeepRetry,
    OfferNextNumber,
    RedialNow,
    Talk,
)
from vovremya.visits.rules.words import Answer, CallResult, Grounds, Outcome, State

BUSY = CallResult.BUSY
YES = CardInput(answer=Answer.YES, eta="5", comment=COMMENT)


# --- opening ---------------------------------------------------------------------------------------------------


def test_opening_the_card_of_a_late_visit_begins_a_round(desk: Desk) -> None:
    case = desk.open("10:11")
    assert (case.round, case.ended_at, desk.holder) == (1, None, "Иванова")
    assert desk.journal() == [
        ("visit_booked", "08:00"),
        ("turned_late", "10:10"),
        ("card_opened", "10:11"),
        ("card_taken", "10:11"),
    ]


def test_a_client_who_is_not_late_is_not_contacted(desk: Desk) -> None:
    with pytest.raises(WrongMoment, match="not_late"):
        desk.open("10:10:00.000")
    assert not Case.objects.exists()
    desk.open("10:10:00.001")


def test_opening_it_again_is_the_same_round(desk: Desk) -> None:
    assert desk.open("10:11").pk == desk.open("10:12").pk


def test_about_a_client_who_arrived_no_late_contact_is_opened(desk: Desk) -> None:
    desk.check_in("10:11")
    with pytest.raises(NotPlanned, match="not_planned_arrived"):
        desk.open("10:12")


def test_closing_the_card_without_a_result_leaves_the_case_due(desk: Desk) -> None:
    desk.open("10:11")
    desk.release("10:12")
    assert desk.case.ended_at is None
    assert (desk.holder, desk.state("10:12")) == ("", State.LATE)
    assert desk.journal("card_freed") == [("card_freed", "10:12")]


def test_closing_a_card_that_ended_meanwhile_is_nothing(desk: Desk) -> None:
    desk.open("10:11")
    desk.check_in("10:12")
    desk.release("10:13")
    assert desk.journal("card_freed") == []


# --- dialling --------------------------------------------------------------------------------------------------


def test_dialling_in_repairs_opens_the_card_by_itself(desk: Desk) -> None:
    attempt = desk.dial("10:12")
    assert (attempt.started_at, attempt.result, desk.holder) == (at("10:12"), "", "Иванова")
    assert [kind for kind, _ in desk.journal()][-3:] == ["card_opened", "card_taken", "call_started"]


def test_a_dialled_number_is_kept_in_the_access_log(desk: Desk) -> None:
    desk.dial("10:12")
    reveal = PhoneReveal.objects.get()
    assert (reveal.purpose, reveal.phone_id) == ("dial", desk.cast.late_phone.pk)


def test_one_call_at_a_time(desk: Desk) -> None:
    desk.dial("10:12")
    with pytest.raises(CallInProgress, match="call_in_progress_here"):
        desk.dial("10:12:05")


def test_a_number_of_somebody_else_is_not_dialled(desk: Desk) -> None:
    stranger, _ = desk.cast.register("Петров Пётр", "+7 912 000-00-01")
    number = stranger.phones.get()
    with pytest.raises(BadInput):
        desk.dial("10:12", phone_id=number.pk)
    assert desk.attempts == []


def test_a_call_without_a_word_for_two_minutes_ends_without_a_result(desk: Desk) -> None:
    desk.dial("10:12")
    watch("10:14")
    attempt = desk.attempts[0]
    assert (attempt.result, attempt.ended_at, attempt.counts) == ("unknown", at("10:14"), False)
    assert desk.entry("call_ended").user_id is None


def test_the_result_of_a_lapsed_call_can_still_be_said(desk: Desk) -> None:
    desk.dial("10:12")
    watch("10:14")
    assert desk.result("10:15", BUSY) == CallAgainAt(at("10:20"))
    assert [attempt.result for attempt in desk.attempts] == ["busy"]


def test_closing_the_card_in_a_call_ends_it_without_a_result(desk: Desk) -> None:
    desk.dial("10:12")
    desk.release("10:13")
    assert desk.attempts[0].result == "unknown"
    assert desk.state("10:13") is State.LATE


def test_dialling_another_client_ends_the_call_before(desk: Desk) -> None:
    client, _ = desk.cast.register("Петров Пётр", "+7 912 000-00-01")
    other = Desk(desk.cast, desk.cast.book("10:00", bay=1, client=client).pk)
    desk.dial("10:12")
    other.dial("10:13", phone_id=client.phones.get().pk)
    assert [attempt.result for attempt in desk.attempts] == ["unknown"]
    assert [attempt.result for attempt in other.attempts] == [""]


# --- results (M5, M6) ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result", ["out_of_coverage", "unavailable", "busy", "rejected", "no_answer", "voicemail"])
def test_a_failure_moves_the_contact_by_five_minutes(desk: Desk, result: str) -> None:
    assert desk.call("10:12", CallResult(result)) == CallAgainAt(at("10:17:20"))
    assert desk.attempts[0].counts
    assert desk.state("10:17:19") is State.WAITING
    assert desk.state("10:17:20") is State.RETRY_DUE


def test_second_failed_call_gives_grounds_for_removal(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    assert desk.call("10:17:20", CallResult.NO_ANSWER) == GroundsForRemoval(Grounds.FAILURES)
    assert (desk.case.grounds, desk.case.retry_at) == ("failures", None)
    assert desk.state("10:18") is State.GROUNDS
    assert desk.visit.status == "planned"


def test_dialling_early_is_recorded_and_does_not_count(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    assert desk.call("10:15", BUSY) == KeepRetry()
    assert [attempt.counts for attempt in desk.attempts] == [True, False]
    assert desk.case.retry_at == at("10:17:20")


def test_a_result_typed_by_hand_is_a_call_made_just_now(desk: Desk) -> None:
    desk.open("10:11")
    desk.result("10:12", BUSY, phone_id=desk.cast.late_phone.pk)
    attempt = desk.attempts[0]
    assert (attempt.started_at, attempt.ended_at) == (at("10:12"), at("10:12"))
    assert attempt.phone == desk.cast.late_phone


def test_two_results_typed_in_a_row_are_not_two_failures(desk: Desk) -> None:
    desk.open("10:11")
    desk.result("10:12", BUSY)
    assert desk.result("10:12:30", BUSY) == KeepRetry()


@pytest.mark.parametrize("result", [CallResult.DROPPED, CallResult.LINE_FAULT])
def test_our_own_line_is_no_failure_of_the_client(desk: Desk, result: CallResult) -> None:
    assert desk.call("10:12", result) == RedialNow()
    assert not desk.attempts[0].counts
    assert (desk.state("10:13"), desk.holder) == (State.LATE, "Иванова")


def test_a_wrong_number_is_struck_out_and_the_next_one_offered(desk: Desk) -> None:
    second = contact.add_number(desk.visit_id, "8 (912) 000-00-02", actor=desk.cast.operator, now=at("09:00"))
    assert desk.call("10:12", CallResult.WRONG_NUMBER) == OfferNextNumber()
    assert desk.cast.late_client.phones.get(is_wrong=True).number == "+79123456789"
    with pytest.raises(BadInput):
        desk.dial("10:13", phone_id=desk.cast.late_client.phones.get(is_wrong=True).pk)
    desk.dial("10:13", phone_id=second.pk)


def test_when_every_number_is_wrong_there_are_grounds_till_one_is_added(desk: Desk) -> None:
    assert desk.call("10:12", CallResult.WRONG_NUMBER) == GroundsForRemoval(Grounds.WRONG_NUMBERS)
    assert desk.state("10:13") is State.GROUNDS
    contact.add_number(desk.visit_id, "+7 912 000-00-02", actor=desk.cast.operator, now=at("10:14"))
    assert desk.state("10:14") is State.LATE


def test_a_number_added_does_not_shorten_the_wait_after_a_failure(desk: Desk) -> None:
    contact.add_number(desk.visit_id, "+7 912 000-00-02", actor=desk.cast.operator, now=at("09:00"))
    first, second = desk.cast.late_client.phones.all()
    desk.call("10:12", CallResult.WRONG_NUMBER, phone_id=first.pk)
    desk.call("10:13", BUSY, phone_id=second.pk)
    desk.call("10:14", CallResult.WRONG_NUMBER, phone_id=second.pk)
    contact.add_number(desk.visit_id, "+7 912 000-00-03", actor=desk.cast.operator, now=at("10:15"))
    assert desk.case.retry_at == at("10:18:20")


def test_failed_attempts_stay_the_grounds_whatever_number_is_added(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", BUSY)
    desk.call("10:25", CallResult.WRONG_NUMBER)
    contact.add_number(desk.visit_id, "+7 912 000-00-02", actor=desk.cast.operator, now=at("10:26"))
    assert desk.case.grounds == "failures"


def test_from_the_grounds_an_answer_leads_to_the_talk_and_a_failure_nowhere(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", BUSY)
    assert desk.call("10:25", BUSY) == KeepRetry()
    assert desk.state("10:26") is State.GROUNDS
    assert desk.call("10:30", CallResult.ANSWERED) == Talk()
    assert desk.state("10:31") is State.UNDECIDED


def test_waiting_on_with_the_grounds_is_recalled_after_five_minutes(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", BUSY)
    contact.keep_waiting(desk.visit_id, actor=desk.cast.operator, now=at("10:19"))
    assert (desk.state("10:20"), desk.case.retry_at, desk.holder) == (State.GROUNDS, at("10:24"), "")


def test_without_grounds_there_is_nothing_to_wait_on_for(desk: Desk) -> None:
    desk.open("10:11")
    with pytest.raises(WrongMoment, match="no_grounds"):
        contact.keep_waiting(desk.visit_id, actor=desk.cast.operator, now=at("10:12"))


def test_nobody_waits_on_over_a_colleague_s_head(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", BUSY)
    with pytest.raises(CardHeld):
        contact.keep_waiting(desk.visit_id, actor=desk.cast.second_operator, now=at("10:19"))


# --- the talk (M7–M9) ------------------------------------------------------------------------------------------


def test_a_client_on_the_way_is_expected_and_the_case_ends(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    case = desk.finish("10:14", eta="8")
    assert (case.outcome, case.answer, case.comment) == (Outcome.CONFIRMED, Answer.YES, COMMENT)
    assert desk.visit.expected_at == at("10:20:20")
    assert (desk.state("10:30"), desk.state("10:30:20.001")) == (State.EXPECTED, State.LATE)
    assert (desk.visit.starts_at, desk.holder) == (at("10:00"), "")


def test_a_client_who_is_late_again_gets_a_second_round(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:14", eta="8")
    assert desk.open("10:31").round == 2
    assert desk.case.attempts.count() == 0


def test_only_a_reached_client_has_an_answer(desk: Desk) -> None:
    desk.open("10:11")
    with pytest.raises(WrongMoment, match="not_reached"):
        desk.finish("10:12")


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (CardInput(eta="5", comment=COMMENT), "answer_needed"),
        (CardInput(answer=Answer.YES, comment=COMMENT), "eta_needed"),
        (CardInput(answer=Answer.YES, is_eta_unknown=True, comment=COMMENT), "eta_unknown_with_yes"),
        (CardInput(answer=Answer.YES, eta="5", comment=" "), "comment_needed"),
        (CardInput(answer=Answer.YES, eta="11", comment=COMMENT), "eta_far"),
    ],
)
def test_what_the_answer_lacks_is_told_at_its_field(desk: Desk, card: CardInput, code: str) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(BadInput) as refused:
        desk.finish("10:13", card=card)
    assert list(refused.value.problems.values()) == [code]
    assert desk.case.ended_at is None


@pytest.mark.parametrize(("answer", "code"), [(Answer.MOVE, "move_first"), (Answer.NO, "removal_first")])
def test_a_move_or_a_refusal_is_finished_by_doing_it(desk: Desk, answer: Answer, code: str) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(WrongMoment, match=code):
        desk.finish("10:13", card=CardInput(answer=answer, comment=COMMENT))


def test_the_reason_of_the_lateness_is_kept_in_the_case(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    traffic = desk.cast.late_reason("traffic")
    desk.finish("10:13", card=CardInput(Answer.YES, "5", late_reason_id=traffic, comment=COMMENT))
    assert desk.case.late_reason_id == traffic
    assert desk.entry("card_finished").data["late_reason"] == "traffic"


def test_a_broken_talk_is_dialled_again_at_once(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    assert desk.result("10:13", CallResult.DROPPED) == RedialNow()
    assert [attempt.result for attempt in desk.attempts] == ["dropped"]
    assert desk.attempts[0].answered_at == at("10:12:20")
    assert (desk.state("10:14"), desk.is_missed("10:40")) == (State.LATE, False)


def test_a_talk_has_one_result(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    with pytest.raises(WrongMoment, match="already_reached"):
        desk.result("10:13", BUSY)


def test_dialling_an_undecided_client_again_begins_anew(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", CallResult.ANSWERED)
    desk.save("10:19", CardInput(comment="Думает"))
    assert (desk.state("10:20"), desk.holder) == (State.UNDECIDED, "")
    assert desk.call("10:25", BUSY) == CallAgainAt(at("10:30:20"))


def test_saving_without_an_answer_keeps_the_case_in_the_queue(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    reason = desk.cast.late_reason("forgot")
    desk.save("10:13", CardInput(comment="Перезвонит", late_reason_id=reason))
    assert (desk.case.comment, desk.case.late_reason_id, desk.case.ended_at) == ("Перезвонит", reason, None)
    assert desk.state("10:14") is State.UNDECIDED


def test_a_client_who_asks_for_a_later_call_is_waited_for(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.call("10:18", CallResult.ANSWERED)
    case = desk.later("10:19", "10:40", comment="За рулём")
    assert (case.retry_at, desk.state("10:39"), desk.state("10:40")) == (
        at("10:40"),
        State.WAITING,
        State.RETRY_DUE,
    )
    assert desk.call("10:40", BUSY) == CallAgainAt(at("10:45:20"))


def test_somebody_else_at_the_phone_is_no_failure(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.later("10:13", by_other_person=True)
    assert desk.case.retry_at == at("10:18")
    assert desk.entry("call_back_promised").data["by_other_person"] is True
    assert not desk.is_missed("10:40")


def test_a_later_call_is_not_promised_beyond_closing(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    assert desk.later("10:13", "21:30").retry_at == at("21:00")


def test_a_later_call_needs_a_talk_and_a_time_that_can_be_read(desk: Desk) -> None:
    desk.open("10:11")
    with pytest.raises(WrongMoment, match="not_reached"):
        desk.later("10:12")
    desk.call("10:13", CallResult.ANSWERED)
    with pytest.raises(BadEta):
        desk.later("10:14", "попозже")


def test_an_answer_saved_late_finds_the_client_late_again(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:40", eta="8")
    assert desk.state("10:40") is State.LATE
    assert desk.journal("turned_late") == [("turned_late", "10:10"), ("turned_late", "10:30")]


# --- the client calls (hard cases 9, 26) -----------------------------------------------------------------------


def test_a_call_by_the_client_is_a_talk_without_an_attempt(desk: Desk) -> None:
    case = desk.called("10:12")
    assert (case.is_incoming, case.reached_at, desk.attempts) == (True, at("10:12"), [])
    assert (desk.holder, desk.state("10:12")) == ("Иванова", State.UNDECIDED)
    desk.finish("10:13")
    assert desk.case.outcome == "confirmed"


def test_a_call_by_the_client_that_breaks_off_leaves_a_trace(desk: Desk) -> None:
    desk.called("10:12")
    desk.result("10:13", CallResult.DROPPED)
    assert [(attempt.is_incoming, attempt.phone_id, attempt.result) for attempt in desk.attempts] == [
        (True, None, "dropped")
    ]
    assert (desk.state("10:14"), desk.is_missed("10:40")) == (State.LATE, False)


def test_the_client_s_call_forgives_the_failures_of_the_round(desk: Desk) -> None:
    desk.call("10:12", BUSY)
    desk.called("10:14")
    desk.later("10:15", "10:30")
    assert desk.call("10:30", BUSY) == CallAgainAt(at("10:35:20"))
    assert not desk.is_missed("10:40")


def test_after_the_day_s_end_the_client_s_call_opens_no_contact(desk: Desk) -> None:
    watch("23:59:59.999")
    with pytest.raises(WrongMoment, match="day_over"):
        contact.client_called(
            desk.visit_id, actor=desk.cast.operator, now=desk.visit.day_ends_at, real_now=desk.visit.day_ends_at
        )


# --- what is out of date ---------------------------------------------------------------------------------------


def test_an_out_of_date_card_is_a_conflict(desk: Desk) -> None:
    old = desk.open("10:11").version
    desk.dial("10:12")
    with pytest.raises(Conflict):
        desk.result("10:13", BUSY, case_version=old)
    assert desk.attempts[0].result == ""


def test_words_for_a_case_that_ended_meanwhile_go_into_its_history(desk: Desk) -> None:
    case = desk.open("10:11")
    desk.check_in("10:12")
    contact.add_note(case.pk, "Сказал, что подъезжает", actor=desk.cast.operator, now=at("10:13"))
    assert desk.case.comment == "Сказал, что подъезжает"
    assert desk.entry("note_added").case_id == case.pk
    with pytest.raises(BadInput):
        contact.add_note(case.pk, " ", actor=desk.cast.operator, now=at("10:13"))


def test_the_lease_and_the_drafts_die_with_the_case(desk: Desk) -> None:
    case = desk.open("10:11")
    contact.save_draft(case.pk, actor=desk.cast.operator, sequence=1, body={"comment": "Ед"}, real_now=at("10:11"))
    desk.check_in("10:12")
    assert not Lease.objects.exists()
    assert not Draft.objects.exists()


# --- reopening -------------------------------------------------------------------------------------------------


def test_a_supervisor_reopens_a_case_of_the_same_day(desk: Desk) -> None:
    desk.call("10:12", CallResult.ANSWERED)
    desk.finish("10:14", eta="8")
    case = contact.reopen(desk.visit_id, actor=desk.cast.supervisor, now=at("10:20"))
    assert (case.revision, case.outcome, case.ended_at) == (2, "", None)
    assert (desk.visit.expected_at, desk.state("10:20")) == (None, State.UNDECIDED)
    assert desk.journal("card_finished") == [("card_finished", "10:14")]


def test_nothing_is_reopened_while_a_case_is_open_or_after_the_client_came(desk: Desk) -> None:
    with pytest.raises(WrongMoment, match="nothing_to_reopen"):
        contact.reopen(desk.visit_id, actor=desk.cast.supervisor, now=at("10:20"))
    desk.open("10:21")
    with pytest.raises(WrongMoment, match="nothing_to_reopen"):
        contact.reopen(desk.visit_id, actor=desk.cast.supervisor, now=at("10:22"))
    desk.check_in("10:23")
    with pytest.raises(NotPlanned):
        contact.reopen(desk.visit_id, actor=desk.cast.supervisor, now=at("10:24"))
