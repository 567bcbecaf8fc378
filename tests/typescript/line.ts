/** The other end of the live feed, and the time that passes, in the hands of a test. */
import { mock } from "node:test";

export const HELLO = { now: 1_000, speed: 1, cursor: "a" };

/** A line whose other end is the test. */
export class Line extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static lines: Line[] = [];
  readonly url: string;
  readyState = 0;
  onerror: (() => void) | null = null;

  constructor(url: string) {
    super();
    this.url = url;
    Line.lines.push(this);
  }

  say(kind: string, data: unknown): void {
    this.readyState = Line.OPEN;
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }));
  }

  fail(): void {
    this.readyState = 2;
    this.onerror?.();
  }

  close(): void {
    this.readyState = 2;
  }
}

export function lastLine(): Line {
  return Line.lines.at(-1) as Line;
}

/** From here on time passes by what this returns, and lines are those of the test. */
export function holdTime(): (real: number) => void {
  let monotonic = 0;
  Line.lines = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(performance, "now", () => monotonic);
  Object.assign(globalThis, { EventSource: Line });
  return (real) => {
    for (let passed = 0; passed < real; passed += 100) {
      monotonic += 100;
      mock.timers.tick(100);
    }
  };
}
