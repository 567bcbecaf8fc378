/** [data-copy="id of a field"] puts it into the clipboard, or at least marks it where that is not allowed. */
import { toast } from "../../ui/static_src/toasts.ts";

export function startCopying(): void {
  document.addEventListener("click", ({ target }) => {
    const id = (target as Element).closest<HTMLElement>("[data-copy]")?.dataset["copy"];
    const field = id ? document.getElementById(id) : null;
    if (field instanceof HTMLInputElement) void copy(field);
  });
}

async function copy(field: HTMLInputElement): Promise<void> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    toast({ text: "Скопировано." });
  } catch {
    toast({ text: "Ссылка выделена: скопируйте её клавишами." });
  }
}
