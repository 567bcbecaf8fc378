/** Which key does what. Keys go by their place (`event.code`), so both layouts work; pure, but for `isTyping`. */
import { texts } from "../../ui/static_src/texts.ts";

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

const ENTER = ["Enter", "NumpadEnter"];

export const BOARD_KEYS: readonly BoardKey[] = [
  { codes: ["ArrowLeft"], command: "left", shown: "← →", text: texts.keys.left },
  { codes: ["ArrowRight"], command: "right" },
  { codes: ["ArrowUp"], command: "up", shown: "↑ ↓", text: texts.keys.up },
  { codes: ["ArrowDown"], command: "down" },
  { codes: ["Home"], command: "first", shown: "Home End", text: texts.keys.first },
  { codes: ["End"], command: "last" },
  { codes: ["Home"], command: "top", ctrl: true },
  { codes: ["End"], command: "bottom", ctrl: true },
  { codes: ["PageUp"], command: "page-up" },
  { codes: ["PageDown"], command: "page-down" },
  { codes: ENTER, command: "open", shown: "Enter", text: texts.keys.open },
  { codes: ["KeyJ"], command: "contact", shown: texts.keys.J, text: texts.keys.contact },
  { codes: ["KeyV"], command: "carry", shown: texts.keys.V, text: texts.keys.carry },
  { codes: ["KeyZ"], command: "undo", ctrl: true, shown: "Ctrl Z", text: texts.keys.undo },
  { codes: ["KeyC", "KeyN"], command: "next", shown: texts.keys.C, text: texts.keys.next },
  { codes: ["KeyY"], command: "now", shown: texts.keys.Y, text: texts.keys.now },
  { codes: ["KeyG", "Slash"], command: "search", shown: texts.keys.G, text: texts.keys.search },
  { codes: ["KeyP"], command: "booking", shown: texts.keys.P, text: texts.keys.booking },
  { codes: ["Digit1"], command: "zoom-day", shown: "1 2 3", text: texts.keys.zoom },
  { codes: ["Digit2"], command: "zoom-nine" },
  { codes: ["Digit3"], command: "zoom-four" },
  { codes: ["Digit4"], command: "week", shown: "4", text: texts.keys.week },
  { codes: ["Digit5"], command: "waitlist", shown: "5", text: texts.keys.waitlist },
  { codes: ["ArrowLeft"], command: "day-back", shift: true, shown: "Shift ← →", text: texts.keys.day },
  { codes: ["ArrowRight"], command: "day-forward", shift: true },
];

/** Keys of a bar in hand: `carrying.ts`. */
export const CARRYING_KEYS: readonly { shown: string; text: string }[] = [
  { shown: "← →", text: texts.keys.fiveMinutes },
  { shown: "Ctrl ← →", text: texts.keys.halfAnHour },
  { shown: "↑ ↓", text: texts.keys.nextBay },
  { shown: "Shift ← →", text: texts.keys.end },
  { shown: "Enter", text: texts.keys.putHere },
  { shown: "Esc", text: texts.keys.leave },
];

/** Keys of every window. */
export const WINDOW_KEYS: readonly { shown: string; text: string }[] = [
  { shown: "Ctrl Enter", text: texts.keys.mainOfWindow },
  { shown: "Esc", text: texts.keys.closeWindow },
];

/** Keys of every page. */
export const HELP_KEYS: readonly { shown: string; text: string }[] = [
  { shown: "F1", text: texts.keys.help },
  { shown: "?", text: texts.keys.inForce },
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

/** Enter, whatever is held with it but Ctrl. */
export function isEnter({ code, ctrlKey }: Press): boolean {
  return !ctrlKey && ENTER.includes(code);
}

/** What a press means in an open window: the code of a plain key, `Ctrl+Enter`, or nothing. */
export function windowKey(press: Press): string | null {
  if (press.altKey || press.metaKey) return null;
  if (press.ctrlKey) return ENTER.includes(press.code) && !press.shiftKey ? "Ctrl+Enter" : null;
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
