/** What the pages say by themselves, in Russian and in English; nothing else here speaks to anybody. */

/** A page has one language, that of its document. Where there is no document, in tests of modules, it is Russian. */
export const language = globalThis.document?.documentElement.lang === "en" ? "en" : "ru";

function either<Words>(russian: Words, english: Words): Words {
  return language === "en" ? english : russian;
}

const russianPlural = new Intl.PluralRules("ru");

function counted(count: number, one: string, few: string, many: string): string {
  return { one, few }[russianPlural.select(count) as string] ?? many;
}

export const texts = {
  // --- requests ----------------------------------------------------------------------------------------------------
  signedOut: either(
    "Вход закончился: войдите снова в другой вкладке и повторите. Введённое осталось в окне.",
    "You are signed out: sign in again in another tab and repeat. What you typed is still in the window.",
  ),
  noAccess: either("Нет доступа: действие не выполнено.", "No access: nothing was done."),
  notFound: either(
    "Запись не найдена: её удалили, или она относится к другому филиалу.",
    "The visit was not found: it was removed or belongs to another branch.",
  ),
  notTaken: either(
    "Не получилось: запрос не принят. Введённое осталось в окне.",
    "That did not work: the request was refused. What you typed is still in the window.",
  ),
  notDone: either(
    (why: string) => `${why}: действие не выполнено. Попробуйте ещё раз.`,
    (why: string) => `${why}: nothing was done. Please try again.`,
  ),
  serverIsAway: either("Сервер не отвечает", "The server does not answer"),
  serverIsLate: either("Сервер не ответил вовремя", "The server did not answer in time"),
  noLine: either("Нет связи с сервером", "No connection to the server"),

  // --- messages and windows ----------------------------------------------------------------------------------------
  undo: either("Отменить", "Undo"),
  close: either("Закрыть", "Close"),
  closeMessage: either("Закрыть сообщение", "Close the message"),
  repeat: either("Повторить", "Repeat"),
  keptAndSentOnce: either(
    (why: string) => `${why}. Введённое осталось в окне. «Повторить» не сохранит дважды.`,
    (why: string) => `${why}. What you typed is still in the window. “Repeat” will not save it twice.`,
  ),
  stillWaiting: either(
    "Сервер пока не ответил, ждём. Введённое остаётся в окне.",
    "No answer from the server yet, waiting. What you typed stays in the window.",
  ),
  leaveUnsaved: {
    title: either("Закрыть без сохранения?", "Close without saving?"),
    text: either(
      "В окне есть несохранённое. Ничего не подтверждено, пока не нажато «Сохранить» или «Опрос завершён».",
      "The window has unsaved changes. Nothing is confirmed until “Save” or “Call finished” is pressed.",
    ),
    yes: either("Закрыть без сохранения", "Close without saving"),
    no: either("Остаться", "Stay"),
  },

  // --- the search --------------------------------------------------------------------------------------------------
  nothingFound: either("Ничего не найдено", "Nothing found"),
  searchIsAway: either("Поиск не ответил: проверьте связь", "The search did not answer: check the connection"),

  // --- the card ----------------------------------------------------------------------------------------------------
  by: either(
    (time: string) => `к ${time}`,
    (time: string) => `by ${time}`,
  ),
  draftKept: either(
    (time: string) => `Черновик сохранён в ${time}`,
    (time: string) => `Draft saved at ${time}`,
  ),
  draftLost: either("Черновик не сохранён", "Draft not saved"),

  // --- the board ---------------------------------------------------------------------------------------------------
  online: either("на связи", "online"),
  offline: either("нет связи", "offline"),
  over: either("вход закончился", "signed out"),
  lost: either(
    (since: string, dataOf: string) => `Нет связи с ${since}. Данные на ${dataOf}, цвета идут по часам.`,
    (since: string, dataOf: string) => `No connection since ${since}. Data as of ${dataOf}, colours go on by the clock.`,
  ),
  watchStands: either(
    "Часы не идут: события не записываются в журнал. Цвета на графике верны. Сообщите администратору.",
    "The watch stands still: events are not written to the journal. The colours are right. Tell the administrator.",
  ),
  zoneChanged: either(
    "Часовой пояс филиала изменён. График обновится, когда вы закроете окно.",
    "The branch’s time zone has changed. The schedule will be drawn anew when you close the window.",
  ),
  newBuild: either("Вышло обновление программы.", "The program has been updated."),
  reload: either("Обновить страницу", "Reload the page"),
  signInAgain: either("Вход закончился, график больше не обновляется.", "You are signed out, the schedule is no longer live."),
  signIn: either("Войти", "Sign in"),
  newDay: either("Начался новый день.", "A new day has begun."),
  openToday: either("Открыть сегодня", "Open today"),
  bayIsTaken: either("пост занят", "bay taken"),
  soundOff: either("Звук выключен", "Sound off"),
  soundOn: either("Звук включён", "Sound on"),
  alert: either(
    (start: string, state: string) => `На ${start}: ${state}`,
    (start: string, state: string) => `For ${start}: ${state}`,
  ),
  counted: {
    visits: either(
      (count: number) => counted(count, "визит", "визита", "визитов"),
      (count: number) => (count === 1 ? "visit" : "visits"),
    ),
    calls: either(
      (count: number) => counted(count, "звонок", "звонка", "звонков"),
      (count: number) => (count === 1 ? "call" : "calls"),
    ),
  } as Readonly<Record<string, (count: number) => string>>,

  // --- the queue ---------------------------------------------------------------------------------------------------
  queue: {
    overdue: either("Срок нарушен", "Overdue"),
    retry: either("Повтор", "Call again"),
    late: either("Опаздывают", "Late"),
    tell: either("Сообщить о переносе", "Tell of the move"),
    undecided: either("Нет ответа", "No decision"),
    grounds: either("Основание для удаления", "Grounds for removal"),
    remind: either("Напомнить", "Remind"),
    waiting: either("Ожидают повтора", "Waiting to be called"),
  },
  first: either(
    (count: number) => `первые ${count}`,
    (count: number) => `first ${count}`,
  ),
  flags: {
    calling: either("идёт звонок", "on the phone"),
    no_phone: either("нет телефона", "no phone"),
    unread_draft: either("есть черновик", "has a draft"),
    missed: either("срок был нарушен", "was overdue"),
  } as Readonly<Record<string, string>>,
  heldBy: either(
    (who: string) => `ведёт ${who}`,
    (who: string) => `with ${who}`,
  ),
  contacts: {
    late: either("Оповещение об опоздании", "Late notice"),
    to_tell: either("Звонок о переносе", "Call about the move"),
    to_remind: either("Напоминание о визите", "Reminder of the visit"),
  } as Readonly<Record<string, string>>,
  nobodyToCall: either("Звонить некому: никто не опаздывает", "Nobody to call: nobody is late"),
  /** Of another day, as the server writes it: `2026-11-27`. */
  dayAndMonth: either(
    (day: string) => `${day.slice(8)}.${day.slice(5, 7)}`,
    (day: string) => new Date(`${day}T00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }),
  ),

  // --- a bar in hand -----------------------------------------------------------------------------------------------
  carryingKeys: either(
    "<kbd>←</kbd> <kbd>→</kbd> время · <kbd>↑</kbd> <kbd>↓</kbd> пост · <kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd> конец · " +
      "<kbd>Enter</kbd> поставить · <kbd>Esc</kbd> оставить на месте",
    "<kbd>←</kbd> <kbd>→</kbd> time · <kbd>↑</kbd> <kbd>↓</kbd> bay · <kbd>Shift</kbd> <kbd>←</kbd> <kbd>→</kbd> end · " +
      "<kbd>Enter</kbd> put here · <kbd>Esc</kbd> leave in place",
  ),
  saving: either("Сохраняем…", "Saving…"),
  gone: either("Записи на этом дне больше нет.", "The visit is no longer on this day."),
  justMoved: either("Запись только что переместили.", "The visit has just been moved."),
  changedMeanwhile: either(
    "Запись изменили, пока вы её перемещали: она стоит там, где теперь показана.",
    "The visit was changed while you were moving it: it stands where it is shown now.",
  ),
  mayStandOnTop: either("Можно поставить сверх.", "It can be overbooked."),
  overbook: {
    title: either("Поставить сверх занятого?", "Overbook this time?"),
    yes: either("Поставить сверх", "Overbook"),
    no: either("Оставить на месте", "Leave in place"),
  },
  leftInPlace: either("Нет связи с сервером: запись осталась на месте.", "No connection to the server: the visit stays in place."),
  unknownWhetherMoved: either(
    (why: string) => `${why}: неизвестно, перемещена ли запись. «Повторить» не переместит дважды.`,
    (why: string) => `${why}: the visit may or may not have moved. “Repeat” will not move it twice.`,
  ),
  carriedOnItsDay: either(
    "Перемещают на графике того дня, на который клиент записан.",
    "A visit is moved on the schedule of the day it is booked for.",
  ),

  // --- help, the office ----------------------------------------------------------------------------------------------
  help: {
    title: either("Справка", "Help"),
    contents: either("Содержание", "Contents"),
    inTab: either("В новой вкладке", "In a new tab"),
    close: either("Закрыть справку", "Close the help"),
    isAway: either(
      "Справка не открылась: нет связи с программой или закончился вход. Ваше окно осталось как было.",
      "The help did not open: there is no connection, or you are signed out. Your window is as it was.",
    ),
  },
  upload: {
    noLine: either(
      "Нет связи с сервером: файл не загружен. Попробуйте ещё раз.",
      "No connection to the server: the file was not sent. Please try again.",
    ),
    signedOut: either(
      "Вход закончился: войдите снова и загрузите файл ещё раз.",
      "You are signed out: sign in again and send the file once more.",
    ),
    notTaken: either("Файл не принят.", "The file was not accepted."),
    lastKnown: either(
      "Нет связи с сервером: показано последнее, что известно.",
      "No connection to the server: this is the last that is known.",
    ),
  },
  copied: either("Скопировано.", "Copied."),
  notCopied: either(
    "Не получилось скопировать: выделено, нажмите Ctrl+C.",
    "It could not be copied: it is selected, press Ctrl+C.",
  ),

  // --- the list of keys: places on the keyboard, shown by the letters of the language --------------------------------
  keys: {
    title: either("Клавиши", "Keys"),
    byPlace: either(
      "Клавиши — по месту на клавиатуре, в любой раскладке. В поле с текстом не действуют.",
      "Keys go by their place on the keyboard, in any layout. They are off in a text field.",
    ),
    board: either("График", "Schedule"),
    carrying: either("Перемещение записи", "Moving a visit"),
    windows: either("Окна", "Windows"),
    window: either("Окно", "Window"),
    anyWindow: either("Любое окно", "Any window"),
    all: either("Все клавиши — в справке", "All keys are in the manual"),
    mainOfWindow: either("главное действие окна", "the window’s main action"),
    help: either("справка о странице или окне", "help about the page or window"),
    inForce: either("клавиши, которые действуют сейчас", "the keys that work now"),
    left: either("запись раньше и позже на том же посту", "earlier and later visit on the same bay"),
    up: either("запись на соседнем посту", "visit on the next bay"),
    first: either("первая и последняя запись поста", "first and last visit of the bay"),
    open: either("открыть «Ремонты»", "open “Repairs”"),
    contact: either("открыть «Оповещение об опоздании»", "open “Late notice”"),
    carry: either("переместить запись: другое время или пост", "move a visit: another time or bay"),
    undo: either("отменить, пока видно сообщение", "undo while the message is shown"),
    next: either("следующий в очереди «Контакты»", "next in the queue “Contacts”"),
    now: either("показать текущее время", "show the current time"),
    search: either("поиск", "search"),
    booking: either("новая запись", "new visit"),
    zoom: either("масштаб: день, 9 часов, 4 часа", "zoom: day, 9 hours, 4 hours"),
    week: either("неделя", "week"),
    waitlist: either("лист ожидания", "waiting list"),
    day: either("предыдущий и следующий день", "previous and next day"),
    fiveMinutes: either("на 5 минут раньше и позже", "5 minutes earlier and later"),
    halfAnHour: either("на полчаса", "by half an hour"),
    nextBay: either("на соседний пост", "to the next bay"),
    end: either("конец раньше и позже", "end earlier and later"),
    putHere: either("поставить сюда", "put here"),
    leave: either("оставить на месте", "leave in place"),
    result: either("результат звонка", "result of the call"),
    yes: either("ответ «Да»", "answer “Yes”"),
    main: either("опрос завершён, главное действие окна", "call finished, the window’s main action"),
    closeWindow: either("закрыть окно", "close the window"),
    J: either("О", "J"),
    V: either("М", "V"),
    C: either("С", "C"),
    Y: either("Н", "Y"),
    G: either("П", "G"),
    P: either("З", "P"),
    L: either("Д", "L"),
  },
};
