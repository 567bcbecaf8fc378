/** The queue «Контакты»: whom to call now and in which order. Pure; `queue-panel.ts` draws it. */
import { texts } from "../../ui/static_src/texts.ts";
import type { State } from "./timeline.ts";

export interface QueueItem {
  visit: number;
  state: State;
  /** The instant the state counts to (deadline, retry), else the one it began at. */
  instant: number;
  countsTo: number | null;
}

export interface QueueGroup {
  key: string;
  title: string;
  items: readonly QueueItem[];
  /** Of more than anybody calls in an hour the first are shown. */
  total: number;
}

interface GroupOf {
  key: string;
  title: string;
  states: readonly State[];
}

const GROUPS: readonly GroupOf[] = [
  { key: "overdue", title: texts.queue.overdue, states: ["overdue"] },
  { key: "retry", title: texts.queue.retry, states: ["retry_due"] },
  { key: "late", title: texts.queue.late, states: ["late", "late_after_closing"] },
  { key: "tell", title: texts.queue.tell, states: ["to_tell"] },
  { key: "undecided", title: texts.queue.undecided, states: ["undecided"] },
  { key: "grounds", title: texts.queue.grounds, states: ["grounds"] },
  { key: "remind", title: texts.queue.remind, states: ["to_remind"] },
  { key: "waiting", title: texts.queue.waiting, states: ["waiting", "retry_after_closing"] },
];

const GROUP_OF = new Map<State, number>(GROUPS.flatMap(({ states }, index) => states.map((state) => [state, index])));

/** The groups whose clients are to be called at once: the count in the tab's title. A reminder has hours, and a count of
    its own. */
export const PRESSING: ReadonlySet<string> = new Set(["overdue", "retry", "late", "tell", "undecided"]);

/** Of reminders, which come due all at once; of late clients none is hidden. */
const MOST_SHOWN = 100;

export function isQueued(state: State): boolean {
  return GROUP_OF.has(state);
}

export function groupQueue(items: Iterable<QueueItem>): QueueGroup[] {
  const buckets: QueueItem[][] = GROUPS.map(() => []);
  for (const item of items) {
    const index = GROUP_OF.get(item.state);
    if (index !== undefined) buckets[index]?.push(item);
  }
  const groups: QueueGroup[] = [];
  for (const [index, { key, title }] of GROUPS.entries()) {
    const bucket = buckets[index] ?? [];
    if (!bucket.length) continue;
    bucket.sort((one, other) => one.instant - other.instant || one.visit - other.visit);
    const items = key === "remind" ? bucket.slice(0, MOST_SHOWN) : bucket;
    groups.push({ key, title, items, total: bucket.length });
  }
  return groups;
}

export function pressingCount(groups: readonly QueueGroup[]): number {
  return groups.reduce((sum, group) => sum + (PRESSING.has(group.key) ? group.items.length : 0), 0);
}
