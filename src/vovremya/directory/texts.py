"""Russian words of the directory, by code."""

from vovremya.directory.rules import Right, Role

ROLES = {
    Role.OPERATOR: "Оператор",
    Role.MASTER: "Мастер-приёмщик",
    Role.SUPERVISOR: "Старший смены",
    Role.MANAGER: "Руководитель",
    Role.ADMINISTRATOR: "Администратор",
}

RIGHTS = {
    Right.SEE_BOARD: "Видеть график",
    Right.SEE_PHONE: "Видеть и набирать номер клиента",
    Right.CONTACT: "Вести контакт: карточка, звонок, результат, ответ",
    Right.BOOK: "Записывать",
    Right.MOVE: "Переносить запись",
    Right.SEE_CLIENTS: "Видеть карточки клиентов",
    Right.CHANGE_CLIENT: "Править карточку клиента: номера, автомобили, согласия",
    Right.MERGE_CLIENTS: "Объединять двойников",
    Right.ANSWER_PERSON: "Отвечать на запрос о персональных данных: выдать и стереть",
    Right.CHECK_IN: "Отмечать прибытие",
    Right.WORK: "Отмечать начало и конец работ",
    Right.CHANGE_BAY_OF_ARRIVED: "Менять пост и время работ прибывшего",
    Right.REMOVE: "Удалять запись на её основании",
    Right.REMOVE_FOR_STATION: "Удалять запись по вине станции и по техническим причинам",
    Right.OVERRIDE: "Удалять без основания, подтверждать дальний срок",
    Right.RESTORE_TODAY: "Восстанавливать запись в тот же день",
    Right.RESTORE_ANY_DAY: "Восстанавливать запись любого дня",
    Right.MARK_NO_SHOW: "Отмечать неявку",
    Right.TAKE_OVER: "Перехватывать чужую карточку",
    Right.REOPEN: "Открывать завершённый контакт снова",
    Right.OVERBOOK: "Записывать сверх занятого времени",
    Right.KEEP_WAITLIST: "Вести лист ожидания",
    Right.SEE_REPORTS: "Видеть отчёты",
    Right.IMPORT: "Загружать записи из файла",
    Right.EDIT_BRANCH: "Править справочники филиала",
    Right.EDIT_NETWORK: "Править филиалы, сотрудников, роли и доступ",
}

REFUSALS = {
    "branch_code_unfit": "Код филиала — до 20 латинских букв, цифр и дефисов, и не занят страницами программы.",
    "clock_is_real": "Часы можно сдвинуть только в демонстрации или пробном запуске.",
    "clock_speed_out_of_range": "Скорость часов должна быть больше нуля.",
    "demo_login_outside_demo": "Демонстрационный вход можно завести только в демонстрации.",
    "bay_name_taken": "Пост с таким названием уже есть.",
    "coefficient_unfit": "Коэффициент — от 0,1 до 10.",
    "group_unknown": "Выберите группу постов.",
    "advisor_leads": "За этим мастером-приёмщиком есть группы постов: сначала назначьте им другого.",
    "advisor_has_left": "Этот мастер-приёмщик больше не работает: выберите другого.",
    "arrivals_unfit": "Сколько приёмок за 15 минут: от 1 до 99, или пусто — без предела.",
    "title_empty": "Напишите название.",
    "norm_unfit": "Норма — часы: от 0,1 до 100.",
    "installation_exists": "Эта база уже подготовлена.",
    "work_unfit": "У работы есть код, название и норма больше нуля.",
    "username_taken": "Такой логин уже есть.",
    "zone_unknown": "Такого часового пояса нет.",
}
