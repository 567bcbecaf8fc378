/** `data-when="result=answered; eta_kind=far,unknown"`: every part must hold, a part holds for any of its values. Pure. */

export type Values = Readonly<Record<string, string>>;

export function holds(condition: string, values: Values): boolean {
  return condition
    .split(";")
    .map((part) => part.trim())
    .filter(Boolean)
    .every((part) => {
      const [name = "", wanted] = part.split("=");
      const value = values[name.trim()] ?? "";
      return wanted === undefined ? value !== "" : wanted.split(",").some((one) => one.trim() === value);
    });
}
