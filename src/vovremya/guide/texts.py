"""What the signs and results mean to whoever works with them: beside the program's own words, in the manual's tables.

Tests hold these against the program's lists: nothing is left out, nothing is told of that is not there.
"""

from collections.abc import Mapping

from vovremya.visits.rules.words import CallResult

#: By the states of the legend.
STATES: Mapping[str, str] = {
    "planned": "Время ещё не пришло. Делать ничего не нужно.",
    "to_remind": "Пора напомнить о визите. Позвоните по очереди «Контакты».",
    "confirmed": "Клиент подтвердил, что приедет.",
    "unconfirmed": "О визите напоминали, дозвониться не удалось. Запись остаётся: ждём клиента.",
    "expected": "Клиент едет; на полосе — когда обещал быть.",
    "late": "Клиент не приехал вовремя. Позвоните, пока идёт срок на полосе.",
    "overdue": "Срок вышел, а клиенту не позвонили. Позвоните немедленно.",
    "waiting": "Не дозвонились. Следующий звонок — когда дойдёт отсчёт.",
    "retry_due": "Отсчёт дошёл: звоните ещё раз.",
    "grounds": "Попытки исчерпаны. Решите: удалить запись или ждать дальше.",
    "undecided": "Клиент ответил, но карточка не закрыта. Дозвоните или завершите опрос.",
    "to_tell": "Мы сдвинули запись, клиент об этом не знает. Позвоните и скажите новое время.",
    "late_after_closing": "Клиент опоздал, но филиал уже закрыт: срок не считается.",
    "retry_after_closing": "Повторный звонок пришёлся на время после закрытия. Звонить не обязательно.",
    "arrived": "Клиент приехал и ждёт. Штриховка — пост ещё занят.",
    "in_work": "Автомобиль на посту, работа идёт.",
    "done": "Работа завершена.",
    "not_arrived": "День кончился, клиент не приехал. Разберитесь в списке «Не приехали».",
    "no_show": "Отмечено: клиент не приехал.",
}

#: Whether the result counts as a failed call, and what comes next.
RESULTS: Mapping[CallResult, tuple[bool, str]] = {
    CallResult.ANSWERED: (False, "Разговор: когда приедет, почему опаздывает, что решили."),
    CallResult.OUT_OF_COVERAGE: (True, "Повторный звонок через несколько минут."),
    CallResult.UNAVAILABLE: (True, "Повторный звонок через несколько минут."),
    CallResult.BUSY: (True, "Повторный звонок через несколько минут."),
    CallResult.REJECTED: (True, "Повторный звонок через несколько минут."),
    CallResult.NO_ANSWER: (True, "Повторный звонок через несколько минут."),
    CallResult.VOICEMAIL: (True, "Повторный звонок через несколько минут."),
    CallResult.WRONG_NUMBER: (False, "Номер вычёркивается, предлагается следующий. Номеров не осталось — основание."),
    CallResult.DROPPED: (False, "Связь оборвалась. Наберите снова сразу."),
    CallResult.LINE_FAULT: (False, "Не сработала наша связь. Наберите снова сразу."),
}
