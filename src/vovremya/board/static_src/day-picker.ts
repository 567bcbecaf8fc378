/** The day in the head: its label opens the calendar, a chosen day opens its board. */

export function startDayPicker(): void {
  const field = document.querySelector<HTMLInputElement>(".calendar-field");
  if (!field) return;
  document.querySelector(`label[for="${field.id}"]`)?.addEventListener("click", (event) => {
    event.preventDefault();
    field.showPicker();
  });
  field.addEventListener("change", () => {
    if (field.value) field.form?.submit();
  });
}
