/** Choosing among the clients found: a car brings its owner, and an owner of one car the car. */
export function startFound(): void {
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.checked) return;
    const owner = target.closest(".one-found");
    const form = target.form;
    if (!form || !(target.name === "client" || (owner && target.name === "car"))) return;
    if (target.name === "car") return choose(owner?.querySelector("[name=client]"));
    const own = [...(owner?.querySelectorAll<HTMLInputElement>("[name=car]") ?? [])];
    for (const car of form.querySelectorAll<HTMLInputElement>("[name=car]:checked")) if (!own.includes(car)) car.checked = false;
    const [only, ...others] = own.filter((car) => car.value); // the last one is another car
    if (only && !others.length && !own.some((car) => car.checked)) choose(only, true);
  });
}

function choose(radio?: Element | null, isTold = false): void {
  if (!(radio instanceof HTMLInputElement)) return;
  radio.checked = true;
  // The free times go by the car.
  if (isTold) radio.dispatchEvent(new Event("change", { bubbles: true }));
}
