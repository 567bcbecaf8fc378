/** Our own question: the browser's would stop the clock of the page behind it, and takes no words for its buttons. */

interface Question {
  title: string;
  text: string;
  yes: string;
  no: string;
}

export function ask({ title, text, yes, no }: Question): Promise<boolean> {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-labelledby", "ask-title");
  dialog.setAttribute("aria-describedby", "ask-text");
  dialog.innerHTML =
    '<form method="dialog"><h2 id="ask-title"></h2><p id="ask-text"></p><div class="ask-buttons">' +
    '<button class="btn btn-secondary" value="yes"></button>' +
    '<button class="btn btn-primary" value="no" autofocus></button></div></form>';
  const [confirm, refuse] = dialog.querySelectorAll("button");
  for (const [part, words] of [[dialog.querySelector("h2"), title], [dialog.querySelector("p"), text], [confirm, yes], [refuse, no]] as const) {
    if (part) part.textContent = words;
  }
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
  });
}
