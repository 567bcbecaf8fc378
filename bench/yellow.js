// Runs in the page before anything of it: notes when a bar that turned late is on the screen, by the wall clock.
(() => {
  const bench = (window.bench = { late: {}, rendered: null });
  const wall = () => performance.timeOrigin + performance.now();

  /** Calls back when the frame with what was just changed is painted. */
  const painted = (then) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = then;
      channel.port2.postMessage(null);
    });

  document.addEventListener("DOMContentLoaded", () => painted(() => (bench.rendered = wall())));

  const note = (bar) => {
    const visit = bar.dataset.visit;
    if (visit in bench.late) return;
    bench.late[visit] = null;
    painted(() => (bench.late[visit] = wall()));
  };

  // By its own clock a bar changes its class; told by the server it is another element, late from the beginning.
  new MutationObserver((records) => {
    if (bench.rendered === null) return;
    for (const { type, target, oldValue, addedNodes } of records) {
      if (type === "childList") for (const added of addedNodes) if (added.matches?.(".bar.s-late")) note(added);
      if (type === "attributes" && target.matches(".s-late") && !oldValue?.includes("s-late")) note(target);
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["class"], attributeOldValue: true });

  /** What a timer of the browser alone makes of it: boxes of a plain page, each at its instant. */
  bench.plan = (instants) => {
    const boxes = document.querySelectorAll("button");
    instants.forEach(([visit, at], index) => {
      boxes[index].dataset.visit = visit;
      setTimeout(() => (boxes[index].className = "s-late"), at - wall());
    });
  };
})();
