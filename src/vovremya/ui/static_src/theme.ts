/** Runs in the head, before anything is drawn: the chosen theme, else the one the machine asks for. */

const dark = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const chosen = localStorage.getItem("theme");
  const theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
  document.documentElement.dataset["bsTheme"] = theme;
}

apply();
dark.addEventListener("change", apply);
addEventListener("storage", apply);
addEventListener("vovremya:theme", apply);
