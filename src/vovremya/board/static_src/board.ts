/** Puts the board together: bars and their clock, queue, counters, filters, keys, the live feed.

    What the page offers:

    <main id="board" class="main" data-branch data-day data-today data-today-ends="ms" data-now="ms" data-speed data-cursor data-live
          data-user data-zone="Europe/Moscow" data-midnight="ms of the branch's midnight of data-day">
      <div id="banners"></div>   [data-count=total|arrived|late|overdue|contacts]   select[data-filter=group|advisor|state]
      [data-filters-reset]   button[data-zoom=day|nine|four]   [data-scroll-now]   button#bell with <svg><use>
      <div class="board" role="grid" aria-label="График…">
        <div class="inner" style="--from:480;--to:1200">hours, .gl, .past, .now, groups and rows</div></div></main>
    <aside class="side" aria-label="Контакты">… <ol id="queue" class="queue"></ol></aside>
    <div id="today-bars" hidden>bars of today, where the board shows another day</div>
    <div id="ahead-bars" hidden>bars of days to come whose clients are to be reminded now</div>
    <script type="application/json" id="state-words">   [data-clock]   a#day-back   a#day-forward   a[data-window=booking] */
import { language, texts } from "../../ui/static_src/texts.ts";
import { undoLast } from "../../ui/static_src/toasts.ts";
import { Ahead } from "./ahead.ts";
import { Alerts } from "./alerts.ts";
import { Banners } from "./banners.ts";
import { Day, type BarKeeper, type BarsEvent } from "./bars.ts";
import { showBusyBays } from "./busy.ts";
import { ByHand } from "./by-hand.ts";
import type { Clock, Ticker } from "./clock.ts";
import { count, showCounts, showInTitle } from "./counters.ts";
import type { FeedMessage } from "./feed.ts";
import { Filters } from "./filters.ts";
import { clockSeconds, clockText } from "./format.ts";
import { drawRowsInTime, oncePerFrame, rowsInView } from "./frames.ts";
import { startKeyboard } from "./keyboard.ts";
import type { Command } from "./keys.ts";
import { Live } from "./live.ts";
import { dropDumbLines } from "./lines.ts";
import { showLoad } from "./loads.ts";
import { showMoved } from "./moved.ts";
import { Player } from "./player.ts";
import { QueuePanel } from "./queue-panel.ts";
import { Resync } from "./resync.ts";
import { Selection } from "./selection.ts";
import { View } from "./view.ts";
import type { Windows } from "./windows.ts";
import { Words } from "./words.ts";

/** What others ask of the board. */
interface Board {
  goTo(visit: number): void;
  /** By keys; false where the visit is not on this board. */
  carry(visit: number): boolean;
}

export function startBoard(main: HTMLElement, clock: Clock, ticker: Ticker, windows: Windows): Board | null {
  const { day = "", today = "", branch = "", cursor = "", live: feedUrl = "/live", user = "", zone = "UTC" } = main.dataset;
  const grid = main.querySelector<HTMLElement>(".board");
  if (!grid) return null;
  const midnight = Number(main.dataset["midnight"]);
  /** Of the business day, which may last over midnight. */
  let todayEnds = Number(main.dataset["todayEnds"]);
  const { build = "", worker } = document.documentElement.dataset;

  const live = new Live();
  const words = Words.read(zone);
  const player = new Player(clock, words, (delay, then) => live.wake(delay, then));
  const shown = new Day(grid, day, player);
  const elsewhere = day === today ? null : document.getElementById("today-bars");
  const current = elsewhere ? new Day(elsewhere, today, player) : shown;
  const ahead = new Ahead(document.getElementById("ahead-bars") ?? document.createElement("div"), today, player);
  const days = new Set<BarKeeper>([shown, current, ahead]);
  /** A visit shortly after midnight may be on the board of today and one of tomorrow, whose date is told. */
  function* queued(): Generator<HTMLElement> {
    yield* current.bars();
    for (const bar of ahead.bars()) if (!current.find(Number(bar.dataset["visit"]))) yield bar;
  }
  const selection = new Selection(grid);
  const seen = rowsInView(grid);
  const view = new View(grid, midnight, clock);
  const banners = new Banners(document.getElementById("banners") ?? main);
  const alerts = new Alerts(document.getElementById("bell"), words);
  const filters = new Filters(grid, player);

  const openVisit = (visit: number): void => void windows.open("repairs", `/visits/${visit}/`, visit);
  const openContact = (visit: number): void => void windows.open("late-notice", `/visits/${visit}/contact/`, visit);
  const list = document.getElementById("queue");
  const queue = list
    ? new QueuePanel(
        list,
        { all: queued, of: (visit) => ahead.find(visit) ?? current.find(visit) },
        { player, clock, words },
        {
          openVisit: (visit) => {
            selection.select(visit);
            openVisit(visit);
          },
          openContact: (visit) => {
            selection.select(visit);
            openContact(visit);
          },
        },
      )
    : null;

  function refresh(): void {
    queue?.update();
    queue?.mark(selection.visit);
    const pressing = queue?.pressing ?? 0;
    const counts = count(shown.bars(), player);
    showCounts({ ...counts, contacts: pressing });
    // Without a bar to stand on, the keys that scroll need the board itself.
    (grid as HTMLElement).tabIndex = counts.total ? -1 : 0;
    document.getElementById("no-visits")?.toggleAttribute("hidden", counts.total > 0);
    showInTitle(pressing);
  }
  const refreshSoon = oncePerFrame(refresh);

  const tracks = (): Iterable<Element> => grid.getElementsByClassName("track");
  const showBusy = (some: Iterable<Element>): void => showBusyBays(some, player, (clock.now() - midnight) / 60_000);

  player.settle();
  showBusy(tracks());
  refresh();
  player.onChange((changes) => {
    for (const { bar } of changes) filters.fit(bar);
    showBusy(new Set(changes.flatMap(({ bar }) => bar.closest(".track") ?? [])));
    refreshSoon();
  });
  player.onChange((changes) => alerts.tell(changes.filter(({ bar }) => current.find(Number(bar.dataset["visit"])) === bar), clock.now()));
  showMoved(shown);
  /** The window of a new visit closes before its bar has come over the line. */
  let awaited: { visit: number; from: Element | null } | null = null;
  shown.onDrawn((bar) => {
    view.fit(bar);
    filters.fit(bar);
    if (awaited?.visit !== Number(bar.dataset["visit"])) return;
    if (document.activeElement === awaited.from && !windows.isCovered) selection.goTo(awaited.visit);
    awaited = null;
  });
  shown.onRowChanged((row) => {
    showLoad(row);
    showBusy(row.getElementsByClassName("track"));
  });
  selection.onChange((visit) => queue?.mark(visit));
  selection.settle(firstBar(grid));
  filters.onApplied(() => selection.settle(firstBar(grid)));

  windows.onClosed((visit) => {
    if (visit !== null && selection.goTo(visit)) return;
    (grid.querySelector<HTMLElement>(".bar[tabindex='0']") ?? grid).focus();
    awaited = visit === null ? null : { visit, from: document.activeElement };
  });

  const isCovered = (): boolean => windows.isCovered || document.querySelector("dialog:modal") !== null;
  const byHand = new ByHand(grid, {
    day: shown,
    view,
    midnight,
    zone,
    isCovered,
    apply: (event) => takeBars(event),
    select: (visit) => void selection.select(visit),
  });
  startKeyboard(grid, selection, { openVisit, openContact, carry: (visit) => void byHand.carry(visit), run, isCovered });

  function run(command: Command): void {
    switch (command) {
      case "next": return next();
      case "now": return view.scrollToNow("smooth");
      case "search": return document.getElementById("search")?.focus();
      case "zoom-day": return view.zoom("day");
      case "zoom-nine": return view.zoom("nine");
      case "zoom-four": return view.zoom("four");
      case "day-back": return document.getElementById("day-back")?.click();
      case "day-forward": return document.getElementById("day-forward")?.click();
      case "undo": return undoLast();
      case "week": return document.getElementById("to-week")?.click();
      case "waitlist": return document.getElementById("to-waitlist")?.click();
      case "booking": return document.querySelector<HTMLElement>("[data-window=booking]")?.click();
      default:
    }
  }

  /** The first of the queue, and after the selected one the one that follows. */
  function next(): void {
    const order = queue?.order() ?? [];
    const place = selection.visit === null ? -1 : order.indexOf(selection.visit);
    const visit = order[(place + 1) % order.length];
    if (visit === undefined) return;
    if (!selection.goTo(visit)) list?.querySelector<HTMLElement>(`[data-visit="${visit}"] .qo`)?.focus();
  }

  let shownTime = clockText(clock.now(), zone);
  const clocks = document.querySelectorAll("[data-clock]");
  ticker.onTick(() => {
    player.tick();
    queue?.tick();
    view.tick();
    const time = clockText(clock.now(), zone);
    if (time !== shownTime) {
      showBusy(tracks());
      byHand.refresh();
    }
    shownTime = time;
    for (const place of [...clocks, ...(grid.querySelector(".hours")?.querySelectorAll(".nowp") ?? [])]) if (place.textContent !== time) place.textContent = time;
    if (clock.now() >= todayEnds) {
      banners.show("day", { text: texts.newDay, action: { text: texts.openToday, run: () => location.assign(`/${branch}/`) } });
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) player.run();
  });

  const resync = new Resync(`${location.pathname}?day=${day}`, days, {
    done: (fresh) => {
      view.refit();
      for (const bar of grid.querySelectorAll<HTMLElement>(".bar")) view.fit(bar);
      filters.take(fresh);
      filters.apply();
      player.settle();
      for (const visit of windows.visits) {
        const bar = shown.find(visit) ?? current.find(visit) ?? ahead.find(visit);
        windows.visitChanged(visit, bar ? Number(bar.dataset["version"]) : Number.POSITIVE_INFINITY);
      }
      clock.anchor({ now: Number(fresh.dataset["now"]), speed: Number(fresh.dataset["speed"] ?? 1) });
      if (fresh.dataset["today"] === today) todayEnds = Number(fresh.dataset["todayEnds"]);
      banners.hide("lost");
      if (fresh.dataset["zone"] !== zone) showZone();
    },
    signedOut: () => showBye(),
  });

  let heardAt = clock.now();
  live.onMessage((message) => take(message));
  live.start(
    { url: `${feedUrl}${feedUrl.includes("?") ? "&" : "?"}branch=${encodeURIComponent(branch)}&language=${language}`, cursor, drawnAt: Number(main.dataset["now"]) },
    worker ? { url: worker, name: `${user}:${build}` } : null,
  );

  function take(message: FeedMessage): void {
    switch (message.kind) {
      case "bars": return takeBars(message.data);
      case "hello":
      case "beat":
        clock.anchor(message.data);
        heardAt = clock.now();
        main.classList.remove("is-lost");
        setLine(texts.online, true);
        if (message.kind === "beat") showWatch(message.data.watch_ok);
        else if (message.data.build && build && message.data.build !== build) showBuild();
        break;
      case "calls": return showCounts({ calls: message.data.count });
      case "lost": return showLost();
      case "back":
        if (message.wasSilent) void dropDumbLines();
        return void resync.run();
      case "resync": return void resync.run();
      case "bye": return showBye();
      default:
    }
  }

  function takeBars(event: BarsEvent): void {
    heardAt = clock.now();
    if (resync.hold(event)) return;
    for (const one of days) one.apply(event);
    player.settle();
    windows.visitChanged(event.visit, event.version);
    const bar = shown.find(event.visit);
    if (bar && view.cuts(bar)) void resync.run(); // the board has more hours now
  }

  function showLost(): void {
    if (main.classList.contains("is-lost")) return; // told already, and since when
    main.classList.add("is-lost");
    setLine(texts.offline, false);
    const now = clockSeconds(clock.now(), zone);
    banners.show("lost", { text: texts.lost(now, clockSeconds(heardAt, zone)) });
  }

  function showWatch(isRunning: boolean): void {
    if (isRunning) banners.hide("watch");
    else banners.show("watch", { text: texts.watchStands });
  }

  /** Every time on the page is of the old clock: it is drawn anew, but not from under the hands of somebody. */
  function showZone(): void {
    if (!windows.isCovered) return location.reload();
    banners.show("zone", { text: texts.zoneChanged });
    // The window that closes may be followed by the next.
    windows.onClosed(() => setTimeout(() => windows.isCovered || location.reload()));
  }

  function showBuild(): void {
    banners.show("build", { text: texts.newBuild, action: { text: texts.reload, run: () => location.reload() } });
  }

  function showBye(): void {
    setLine(texts.over, false);
    banners.hide("lost");
    banners.show("bye", { text: texts.signInAgain, action: { text: texts.signIn, run: () => location.reload() } });
  }

  function setLine(text: string, isOn: boolean): void {
    const line = document.getElementById("line");
    if (!line || line.textContent === text) return;
    line.textContent = text;
    line.classList.remove("waiting");
    line.classList.toggle("off", !isOn);
  }

  drawRowsInTime(grid, seen);
  view.scrollToBeginning();
  return { goTo: (visit) => void selection.goTo(visit), carry: (visit) => byHand.carry(visit) };
}

/** Where Tab first comes to the board: the most pressing bar, else the first of the day, of those the filters show. */
function firstBar(grid: HTMLElement): HTMLElement | null {
  const shown = ".row:not([hidden]) .bar:not(.off)";
  return grid.querySelector<HTMLElement>(`${shown}:is(.s-overdue, .s-retry_due, .s-late)`) ?? grid.querySelector<HTMLElement>(shown);
}
