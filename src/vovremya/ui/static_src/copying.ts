/** [data-copy="id"] copies what the field of that id holds. Without TLS browsers have no clipboard but the old way. */
import { texts } from "./texts.ts";
import { toast } from "./toasts.ts";

document.addEventListener("click", ({ target }) => {
  const id = (target as Element).closest<HTMLElement>("[data-copy]")?.dataset["copy"];
  const field = id ? document.getElementById(id) : null;
  if (!(field instanceof HTMLInputElement)) return;
  field.select();
  const isCopied = document.execCommand("copy");
  toast({ text: isCopied ? texts.copied : texts.notCopied });
});
