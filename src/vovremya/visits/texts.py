"""Words of visits and contacts, by code."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from vovremya.visits.rules.words import Answer, CallResult, CaseKind, Confirmation, Outcome, State, Status

#: What a bar says of itself; {time} is the instant its timer runs to.
STATES = {
    State.PLANNED: _("по плану"),
    State.EXPECTED: _("ожидается к {time}"),
    State.LATE: _("опаздывает"),
    State.OVERDUE: _("просрочен"),
    State.LATE_AFTER_CLOSING: _("опаздывает, после закрытия"),
    State.WAITING: _("повтор в {time}"),
    State.RETRY_DUE: _("повтор"),
    State.RETRY_AFTER_CLOSING: _("повтор после закрытия"),
    State.GROUNDS: _("основание для удаления"),
    State.UNDECIDED: _("нет ответа"),
    State.TO_TELL: _("сообщить о переносе"),
    State.TO_REMIND: _("напомнить о визите"),
    State.CONFIRMED: _("подтверждён"),
    State.UNCONFIRMED: _("не подтверждён"),
    State.ARRIVED: _("прибыл"),
    State.IN_WORK: _("в работе"),
    State.DONE: _("завершён"),
    State.NOT_ARRIVED: _("не приехал"),
    State.NO_SHOW: _("неявка"),
    State.REMOVED: _("удалён"),
}

STATUSES = {
    Status.PLANNED: _("по плану"),
    Status.ARRIVED: _("прибыл"),
    Status.IN_WORK: _("в работе"),
    Status.DONE: _("завершён"),
    Status.REMOVED: _("удалён"),
    Status.NO_SHOW: _("неявка"),
}

RESULTS = {
    CallResult.ANSWERED: _("Дозвонились"),
    CallResult.OUT_OF_COVERAGE: _("Вне сети"),
    CallResult.UNAVAILABLE: _("Недоступен"),
    CallResult.BUSY: _("Занят"),
    CallResult.REJECTED: _("Сбросил"),
    CallResult.NO_ANSWER: _("Не отвечает"),
    CallResult.VOICEMAIL: _("Автоответчик"),
    CallResult.WRONG_NUMBER: _("Неверный номер"),
    CallResult.DROPPED: _("Обрыв"),
    CallResult.LINE_FAULT: _("Сбой нашей линии"),
    CallResult.UNKNOWN: _("Результат не указан"),
}

ANSWERS = {Answer.YES: _("Да"), Answer.MOVE: _("Перенос"), Answer.NO: _("Нет")}

#: What a contact is about, as its window is headed.
CONTACTS = {
    CaseKind.LATE: _("Оповещение об опоздании"),
    CaseKind.MOVE: _("Звонок о переносе"),
    CaseKind.REMIND: _("Напоминание о визите"),
}

CONFIRMATIONS = {
    Confirmation.CONFIRMED: _("клиент подтвердил визит"),
    Confirmation.UNCONFIRMED: _("не подтверждён: дозвониться не удалось"),
}

OUTCOMES = {
    Outcome.ARRIVED: _("прибыл"),
    Outcome.CONFIRMED: _("подтвердил визит"),
    Outcome.MOVED: _("перенесён"),
    Outcome.TOLD: _("знает о новом времени"),
    Outcome.REMINDED: _("подтвердил, что приедет"),
    Outcome.UNCONFIRMED: _("не подтверждён: не дозвонились"),
    Outcome.REFUSED: _("отказался"),
    Outcome.UNREACHED: _("не дозвонились"),
    Outcome.REMOVED: _("запись удалена"),
    Outcome.CLOSED_BY_PLAN: _("закрыт: запись перенесли"),
    Outcome.EXPIRED: _("закрыт в конце дня: не приехал"),
    Outcome.OVERTAKEN: _("закрыт: речь уже об опоздании"),
}

#: Why an action was refused; {names} are filled from the facts of the refusal.
REFUSALS = {
    "bays_there_already": _("Посты здесь уже есть: дальше — в настройках филиала."),
    "first_bays_unfit": _("Назовите посты или напишите, сколько их: не больше {most} во всём филиале."),
    "no_open_day": _("Отметьте хотя бы один рабочий день."),
    "matter_is_looked_over": _("Это уже просмотрено: список обновлён."),
    "matter_is_open": _("Это и так ждёт просмотра."),
    "refused": _("Не получилось. Обновите окно и повторите."),
    "bad_input": _("Проверьте отмеченные поля."),
    "not_allowed": _("Для этого у вас нет права."),
    "not_found": _("Такой записи нет."),
    "not_planned_arrived": _("Клиент уже прибыл{by}."),
    "not_planned_in_work": _("Машина уже в работе{by}."),
    "not_planned_done": _("Работы по этой записи завершены{by}."),
    "not_planned_removed": _("Запись уже удалена{by}."),
    "not_planned_no_show": _("По записи отмечена неявка{by}."),
    "conflict": _("Карточку изменили, пока она была открыта: {change}. Ваш текст сохранён."),
    "case_ended": _("Контакт уже завершён: {change}. Ваш текст сохранён."),
    "plan_changed": _("Запись изменили, пока окно было открыто: {change}. Проверьте время и повторите."),
    "moved_meanwhile": _("Запись изменили, пока вы её перемещали: {change}. Она стоит там, где теперь показана."),
    "works_over_nights": _("Работа идёт не один день: другое время подберите кнопкой «Перепланировать»."),
    "arrival_stays": _("Клиент уже здесь: время прибытия не изменить, только пост и конец работ."),
    "in_the_way": _("Сюда не переместить. {words}"),
    "changed_since_move": _("Перемещение уже не отменить: запись с тех пор изменили. {change}."),
    "undo_too_late": _("Перемещение уже не отменить: прошло больше десяти секунд. Переместите запись обратно."),
    "card_held": _("Карточку ведёт {who} с {since}."),
    "card_lost": _("Карточку уже ведёт другой оператор."),
    "call_in_progress": _("Клиенту уже звонит {who} с {at}."),
    "call_in_progress_here": _("Звонок уже идёт. Сначала отметьте его результат."),
    "dialled_recently": _("Этому клиенту звонили в {at} ({who}). Позвонить ещё раз?"),
    "not_late": _("Клиент ещё не опаздывает."),
    "no_number": _("Нет телефона: добавьте номер."),
    "day_over": _("День закончился."),
    "not_reached": _("Сначала отметьте результат звонка."),
    "already_reached": _("Клиент уже на связи."),
    "no_grounds": _("Основания для удаления нет."),
    "calls_end_before_they_begin": _("Звонить начинают раньше, чем заканчивают."),
    "reminder_outside_of_calls": _("В это время клиентам не звонят."),
    "reminder_at_odd_time": _("Напоминают не раньше чем за 12 часов и не позже чем за 15 минут до визита."),
    "nothing_to_reopen": _("Открывать снова нечего: контакт не завершён или день уже прошёл."),
    "move_first": _("Выберите новое время: запись ещё не перенесена."),
    "removal_first": _("Укажите причину отказа: запись ещё не удалена."),
    "not_arrived": _("Клиент ещё не прибыл."),
    "another_day": _("Отменить прибытие можно только в тот же день."),
    "day_not_over": _("Неявку отмечают после конца дня."),
    "needs_arrived": _("Сначала отметьте «Прибыл»."),
    "needs_in_work": _("Работы по этой записи не идут."),
    "needs_done": _("Работы ещё не завершены."),
    "needs_no_show": _("Неявка не отмечена."),
    "not_removed": _("Запись не удалена."),
    "phone_not_dialable": _("Этот номер набрать нельзя."),
    "result_needed": _("Отметьте результат звонка."),
    "answer_needed": _("Выберите ответ клиента."),
    "eta_needed": _("Укажите, когда клиент приедет."),
    "eta_unreadable": _("Не понимаю «{typed}». Напишите минуты («25») или время («10:52»)."),
    "eta_past": _("Это время уже прошло."),
    "eta_absurd": _("Слишком нескоро: перенесите запись."),
    "eta_far": ngettext_lazy(
        "Больше {near} минуты — предложите перенос.", "Больше {near} минут — предложите перенос.", "near"
    ),
    "eta_unknown_with_yes": _("Время неизвестно — предложите перенос."),
    "comment_needed": _("Напишите комментарий."),
    "reason_needed": _("Выберите причину."),
    "reason_not_for_role": _("С этой причиной удаляет мастер или старший смены."),
    "client_words_needed": _("Отметьте, что об отказе сказал сам клиент."),
    "failures_needed": ngettext_lazy(
        "Для этой причины нужен {attempts} неудачный звонок или запись из списка «Не приехали».",
        "Для этой причины нужно {attempts} неудачных звонков или запись из списка «Не приехали».",
        "attempts",
    ),
    "client_called_back": _("Клиент только что позвонил: основания больше нет."),
    "no_ground": _("Для этой причины нет основания."),
    "ends_before_start": _("Конец должен быть позже начала."),
    "ends_in_past": _("Это время уже прошло."),
    "starts_in_past": _("Это время уже прошло."),
    "branch_closed": _("В это время филиал закрыт."),
    "bay_unknown": _("Такого поста в филиале нет."),
    "bay_taken": _("Пост занят: {visits}."),
    "occupation_too_long": _("Так долго пост занимать нельзя: не больше 31 дня."),
    "advisor_unknown": _("Такого мастера-приёмщика в филиале нет."),
    "moves_with_its_next": _("За этой записью сразу идёт другая запись этого автомобиля: перенесите их вместе."),
    "plan_needed": _("Выберите вариант."),
    "plan_of_other_arrival": _("Варианты подобраны заново для другого опоздания: выберите ещё раз."),
    "wave_not_today": _("Варианты есть для записи на сегодня, пока день не закончился."),
    "slot_needed": _("Выберите время."),
    "client_needed": _("Выберите клиента или заполните имя."),
    "hours_needed": _("Укажите часы: от и до."),
    "lunch_outside": _("Обед должен быть внутри часов работы."),
    "day_needed": _("Выберите дату."),
    "branch_retired": _("Филиал выведен из работы: новых записей он не принимает."),
    "setting_changed_meanwhile": _(
        "Пока окно было открыто, это изменили: {change}. Теперь там: {value}. "
        "Если всё же нужно ваше, сохраните ещё раз."
    ),
    "closure_too_long": _("Не дольше 31 дня подряд: пост, что не работает дольше, выведите из работы."),
    "closure_unreadable": _("Укажите начало и конец: дату и время."),
    "days_needed": _("Отметьте дни."),
    "closures_overlap": _("Два перерыва в работе поста накладываются друг на друга."),
    "would_strand": _("Эти записи останутся вне расписания: проверьте список."),
    "setting_changed_since": _("Это с тех пор меняли: верните сначала более позднее изменение."),
    "pause_unfit": _("Пауза — от 0 до {most} минут."),
    "duration_needed": _("Укажите длительность."),
}
