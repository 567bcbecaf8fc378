/** Connections that broke without a word: the browser goes on to keep them, and the next request falls into one. */

/** What a browser grants one server. */
const LINES = 6;
const ANSWERS_WITHIN = 3_000;

/** Asks over every line that is kept; one that does not answer is thrown away together with its question. */
export async function dropDumbLines(): Promise<void> {
  const ask = (): Promise<Response> => fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWERS_WITHIN) });
  await Promise.allSettled(Array.from({ length: LINES }, ask));
}
