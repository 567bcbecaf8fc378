/** The comment made ready from the answers: «Едет, будет к 10:38, пробка». Pure. */

/** Fills `{names}`; a part in square brackets falls away whole where a name in it has no value. */
export function fillComment(template: string, values: Readonly<Record<string, string>>): string {
  const fill = (text: string): { text: string; isWhole: boolean } => {
    let isWhole = true;
    const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? "";
      if (!value) isWhole = false;
      return value;
    });
    return { text: filled, isWhole };
  };
  const optional = template.replace(/\[([^\]]*)\]/g, (_, inner: string) => {
    const part = fill(inner);
    return part.isWhole ? part.text : "";
  });
  return fill(optional).text.trim();
}
