/** The choice of the theme in the user's menu; theme.ts puts it on. */

const buttons = [...document.querySelectorAll<HTMLButtonElement>("button[data-theme]")];

function show(): void {
  const chosen = localStorage.getItem("theme") ?? "auto";
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset["theme"] === chosen));
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    const theme = button.dataset["theme"] ?? "auto";
    if (theme === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
    dispatchEvent(new Event("vovremya:theme"));
    show();
  });
}

show();
