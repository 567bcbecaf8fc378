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

  new MutationObserver((records) => {
    for (const { target, oldValue } of records) {
      const visit = target.dataset.visit;
      if (!target.classList.contains("s-late") || oldValue?.includes("s-late") || visit in bench.late) continue;
      bench.late[visit] = null;
      painted(() => (bench.late[visit] = wall()));
    }
  }).observe(document, { subtree: true, attributeFilter: ["class"], attributeOldValue: true });

  /** What a timer of the browser alone makes of it: boxes of a plain page, each at its instant. */
  bench.plan = (instants) => {
    const boxes = document.querySelectorAll("button");
    instants.forEach(([visit, at], index) => {
      boxes[index].dataset.visit = visit;
      setTimeout(() => (boxes[index].className = "s-late"), at - wall());
    });
  };
})();
