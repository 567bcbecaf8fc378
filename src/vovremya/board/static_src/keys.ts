/** Which key does what. Keys go by their place (`event.code`), so both layouts work; pure, but for `isTyping`. */

export interface Press {
  code: string;
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

export type Command =
  | "left" | "right" | "up" | "down" | "first" | "last" | "top" | "bottom" | "page-up" | "page-down"
  | "open" | "contact" | "carry" | "undo" | "next" | "now" | "search" | "booking"
  | "zoom-day" | "zoom-nine" | "zoom-four" | "day-back" | "day-forward" | "week" | "waitlist";

interface BoardKey {
  codes: readonly string[];
  command: Command;
  shift?: boolean;
  ctrl?: boolean;
  /** What the list of keys shows; a key without a text is not listed. */
  shown?: string;
  text?: string;
}

export const BOARD_KEYS: readonly BoardKey[] = [
  { codes: ["ArrowLeft"], command: "left", shown: "← →", text: "запись раньше и позже на том же посту" },
  { codes: ["ArrowRight"], command: "right" },
  { codes: ["ArrowUp"], command: "up", shown: "↑ ↓", text: "запись на соседнем посту" },
  { codes: ["ArrowDown"], command: "down" },
  { codes: ["Home"], command: "first", shown: "Home End", text: "первая и последняя запись поста" },
  { codes: ["End"], command: "last" },
  { codes: ["Home"], command: "top", ctrl: true },
  { codes: ["End"], command: "bottom", ctrl: true },
  { codes: ["PageUp"], command: "page-up" },
  { codes: ["PageDown"], command: "page-down" },
  { codes: ["Enter", "NumpadEnter"], command: "open", shown: "Enter", text: "открыть «Ремонты»" },
  { codes: ["KeyJ"], command: "contact", shown: "О", text: "открыть «Оповещение об опоздании»" },
  { codes: ["KeyV"], command: "carry", shown: "М", text: "переместить запись: другое время или пост" },
  { codes: ["KeyZ"], command: "undo", ctrl: true, shown: "Ctrl Z", text: "отменить, пока видно сообщение" },
  { codes: ["KeyC", "KeyN"], command: "next", shown: "С", text: "следующий в очереди «Контакты»" },
  { codes: ["KeyY"], command: "now", shown: "Н", text: "показать текущее время" },
  { codes: ["KeyG", "Slash"], command: "search", shown: "П", text: "поиск" },
  { codes: ["KeyP"], command: "booking", shown: "З", text: "новая запись" },
  { codes: ["Digit1"], command: "zoom-day", shown: "1 2 3", text: "масштаб: день, 9 часов, 4 часа" },
  { codes: ["Digit2"], command: "zoom-nine" },
  { codes: ["Digit3"], command: "zoom-four" },
  { codes: ["Digit4"], command: "week", shown: "4", text: "неделя" },
  { codes: ["Digit5"], command: "waitlist", shown: "5", text: "лист ожидания" },
  { codes: ["ArrowLeft"], command: "day-back", shift: true, shown: "Shift ← →", text: "предыдущий и следующий день" },
  { codes: ["ArrowRight"], command: "day-forward", shift: true },
];

/** Keys of a bar in hand: `carrying.ts`. */
export const CARRYING_KEYS: readonly { shown: string; text: string }[] = [
  { shown: "← →", text: "на 5 минут раньше и позже" },
  { shown: "Ctrl ← →", text: "на полчаса" },
  { shown: "↑ ↓", text: "на соседний пост" },
  { shown: "Shift ← →", text: "конец раньше и позже" },
  { shown: "Enter", text: "поставить сюда" },
  { shown: "Esc", text: "оставить на месте" },
];

/** Keys of every window. */
export const WINDOW_KEYS: readonly { shown: string; text: string }[] = [
  { shown: "Ctrl Enter", text: "главное действие окна" },
  { shown: "Esc", text: "закрыть окно" },
];

/** Keys of every page. */
export const HELP_KEYS: readonly { shown: string; text: string }[] = [
  { shown: "F1", text: "справка о странице или окне" },
  { shown: "?", text: "клавиши, которые действуют сейчас" },
];

export function boardCommand(press: Press): Command | null {
  if (press.altKey || press.metaKey) return null;
  for (const { codes, command, shift = false, ctrl = false } of BOARD_KEYS) {
    if (codes.includes(press.code) && shift === press.shiftKey && ctrl === press.ctrlKey) return command;
  }
  return null;
}

/** «?» calls up the list of keys. It stands on different keys in the two layouts, so it alone goes by the sign. */
export function asksForKeys(press: Press): boolean {
  if (press.altKey || press.metaKey || press.ctrlKey) return false;
  return press.key === "?" || (press.shiftKey && press.code === "Slash");
}

/** What a press means in an open window: the code of a plain key, `Ctrl+Enter`, or nothing. */
export function windowKey(press: Press): string | null {
  if (press.altKey || press.metaKey) return null;
  const isEnter = press.code === "Enter" || press.code === "NumpadEnter";
  if (press.ctrlKey) return isEnter && !press.shiftKey ? "Ctrl+Enter" : null;
  if (press.shiftKey) return null;
  const digit = /^Numpad(\d)$/.exec(press.code);
  if (digit) return `Digit${digit[1]}`;
  return /^(Key[A-Z]|Digit\d|F\d+|Bracket(Left|Right)|Semicolon|Quote|Comma|Period|Minus|Equal|Backquote)$/.test(press.code)
    ? press.code
    : null;
}

const TEXT_FIELDS = "input:not([type=radio],[type=checkbox],[type=button],[type=submit],[type=reset]), textarea, [contenteditable=true]";

/** Letters typed into a text field are text, and in an open list they choose. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && (target.matches(TEXT_FIELDS) || target.matches("select"));
}
