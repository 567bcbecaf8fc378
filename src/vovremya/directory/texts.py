"""Russian words of the directory, by code."""

from django.utils.translation import gettext_lazy as _

from vovremya.directory.rules import Right, Role

ROLES = {
    Role.OPERATOR: _("Оператор"),
    Role.MASTER: _("Мастер-приёмщик"),
    Role.SUPERVISOR: _("Старший смены"),
    Role.MANAGER: _("Руководитель"),
    Role.ADMINISTRATOR: _("Администратор"),
}

RIGHTS = {
    Right.SEE_BOARD: _("Видеть график"),
    Right.SEE_PHONE: _("Видеть и набирать номер клиента"),
    Right.CONTACT: _("Вести контакт: карточка, звонок, результат, ответ"),
    Right.BOOK: _("Записывать"),
    Right.MOVE: _("Переносить запись"),
    Right.CHANGE_CLIENT: _("Добавлять номер клиента"),
    Right.CHECK_IN: _("Отмечать прибытие"),
    Right.WORK: _("Отмечать начало и конец работ"),
    Right.CHANGE_BAY_OF_ARRIVED: _("Менять пост и время работ прибывшего"),
    Right.REMOVE: _("Удалять запись на её основании"),
    Right.REMOVE_FOR_STATION: _("Удалять запись по вине станции и по техническим причинам"),
    Right.OVERRIDE: _("Удалять без основания, подтверждать дальний срок"),
    Right.RESTORE_TODAY: _("Восстанавливать запись в тот же день"),
    Right.RESTORE_ANY_DAY: _("Восстанавливать запись любого дня"),
    Right.MARK_NO_SHOW: _("Отмечать неявку"),
    Right.TAKE_OVER: _("Перехватывать чужую карточку"),
    Right.REOPEN: _("Открывать завершённый контакт снова"),
    Right.OVERBOOK: _("Записывать сверх занятого времени"),
    Right.KEEP_WAITLIST: _("Вести лист ожидания"),
    Right.SEE_REPORTS: _("Видеть отчёты"),
    Right.IMPORT: _("Загружать записи из файла"),
    Right.EDIT_BRANCH: _("Править справочники филиала"),
    Right.EDIT_NETWORK: _("Править филиалы, сотрудников, роли и доступ"),
}

REFUSALS = {
    "branch_code_unfit": _("Код филиала — до 20 латинских букв, цифр и дефисов, и не занят страницами программы."),
    "clock_is_real": _("Часы можно сдвинуть только в демонстрации или пробном запуске."),
    "clock_speed_out_of_range": _("Скорость часов должна быть больше нуля."),
    "demo_login_outside_demo": _("Демонстрационный вход можно завести только в демонстрации."),
    "bay_name_taken": _("Пост с таким названием уже есть."),
    "coefficient_unfit": _("Коэффициент — от 0,1 до 10."),
    "group_unknown": _("Выберите группу постов."),
    "advisor_leads": _("За этим мастером-приёмщиком есть группы постов: сначала назначьте им другого."),
    "advisor_has_left": _("Этот мастер-приёмщик больше не работает: выберите другого."),
    "arrivals_unfit": _("Сколько приёмок за 15 минут: от 1 до 99, или пусто — без предела."),
    "title_empty": _("Напишите название."),
    "first_code_wrong": _("Код не подходит: он стоит в консоли, где запущена программа."),
    "norm_unfit": _("Норма — часы: от 0,1 до 100."),
    "installation_exists": _("Эта база уже подготовлена."),
    "work_unfit": _("У работы есть код, название и норма больше нуля."),
    "username_taken": _("Такой логин уже есть."),
    "zone_unknown": _("Такого часового пояса нет."),
}
