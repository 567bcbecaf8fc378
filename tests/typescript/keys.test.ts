import assert from "node:assert/strict";
import test from "node:test";

import { asksForKeys, BOARD_KEYS, boardCommand, windowKey, type Press } from "../../src/vovremya/board/static_src/keys.ts";

const press = (code: string, more: Partial<Press> = {}): Press => ({
  code, key: "", ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...more,
});

test("a key goes by its place, whatever letter the layout gives it", () => {
  assert.equal(boardCommand(press("KeyC", { key: "c" })), "next");
  assert.equal(boardCommand(press("KeyC", { key: "с" })), "next");
});

test("the browser's own combinations are left alone", () => {
  assert.equal(boardCommand(press("KeyC", { ctrlKey: true })), null);
  assert.equal(boardCommand(press("ArrowLeft", { altKey: true })), null);
  assert.equal(windowKey(press("KeyL", { ctrlKey: true })), null);
  assert.equal(windowKey(press("KeyL", { metaKey: true })), null);
});

test("arrows move between bars and with Shift between days", () => {
  assert.equal(boardCommand(press("ArrowLeft")), "left");
  assert.equal(boardCommand(press("ArrowLeft", { shiftKey: true })), "day-back");
});

test("Home is the first bar of the bay and Ctrl+Home of the board", () => {
  assert.equal(boardCommand(press("Home")), "first");
  assert.equal(boardCommand(press("Home", { ctrlKey: true })), "top");
});

test("the question mark calls up the keys in both layouts", () => {
  assert.equal(asksForKeys(press("Slash", { key: "?", shiftKey: true })), true);
  assert.equal(asksForKeys(press("Digit7", { key: "?", shiftKey: true })), true);
  assert.equal(asksForKeys(press("Slash")), false);
  assert.equal(boardCommand(press("Slash", { key: "?", shiftKey: true })), null);
});

test("no two commands of the board share a key", () => {
  const keys = BOARD_KEYS.flatMap(({ codes, shift, ctrl }) => codes.map((code) => `${ctrl ? "Ctrl+" : ""}${shift ? "Shift+" : ""}${code}`));
  assert.equal(new Set(keys).size, keys.length);
});

test("a window takes letters and digits, those of the number pad too", () => {
  assert.equal(windowKey(press("KeyL")), "KeyL");
  assert.equal(windowKey(press("Digit0")), "Digit0");
  assert.equal(windowKey(press("Numpad1")), "Digit1");
});

test("a window finishes by Ctrl+Enter and leaves Enter to the button in focus", () => {
  assert.equal(windowKey(press("Enter", { ctrlKey: true })), "Ctrl+Enter");
  assert.equal(windowKey(press("NumpadEnter", { ctrlKey: true })), "Ctrl+Enter");
  assert.equal(windowKey(press("Enter")), null);
  assert.equal(windowKey(press("Tab")), null);
});
