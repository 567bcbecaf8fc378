/** Menus on top fold up again: by Escape, by a press elsewhere, when the focus leaves. */

const openMenus = () => document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");

function foldAllBut(target: EventTarget | null): void {
  for (const menu of openMenus()) {
    if (!(target instanceof Node && menu.contains(target))) menu.open = false;
  }
}

document.addEventListener("pointerdown", (event) => foldAllBut(event.target));
document.addEventListener("focusin", (event) => foldAllBut(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.stopPropagation();
  }
});
