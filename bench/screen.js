// Runs in the page before anything of it: notes when frames are painted, and keeps the page's end of the feed.
(() => {
  delete window.SharedWorker; // the page then holds its feed itself, where an event can be put into it
  const Feed = window.EventSource;
  const bench = (window.bench = { rendered: null });
  window.EventSource = class extends Feed {
    constructor(...given) {
      super(...given);
      bench.feed = this;
    }
  };

  /** Calls back when the frame with what was just changed is painted. */
  const painted = (then) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = then;
      channel.port2.postMessage(null);
    });

  // Scripts of the page have run by now: bars are played, fitted, filtered, the queue is drawn.
  document.addEventListener("DOMContentLoaded", () => painted(() => (bench.rendered = performance.now())));

  /** Milliseconds from the arrival of these events to the frame that shows them. */
  bench.apply = (events) =>
    new Promise((resolve) => {
      setTimeout(() => {
        const began = performance.now();
        for (const event of events) bench.feed.dispatchEvent(new MessageEvent("bars", { data: event }));
        painted(() => resolve(performance.now() - began));
      }, 20 + Math.random() * 20);
    });

  /** The same for a change that costs nothing: what a frame takes on this machine. */
  bench.frame = () =>
    new Promise((resolve) => {
      setTimeout(() => {
        const began = performance.now();
        document.body.dataset.frame = String(began);
        painted(() => resolve(performance.now() - began));
      }, 20 + Math.random() * 20);
    });

  /** Frames in a second while an element, if there is one, is scrolled all over; and the longest of them. */
  bench.frames = (selector, seconds) =>
    new Promise((resolve) => {
      const board = selector ? document.querySelector(selector) : null;
      const times = [];
      const turn = (at) => {
        times.push(at);
        const since = at - times[0];
        if (board) {
          const way = (since / 1000) * 900;
          board.scrollTop = triangle(way, board.scrollHeight - board.clientHeight);
          board.scrollLeft = triangle(way, board.scrollWidth - board.clientWidth);
        }
        if (since < seconds * 1000) requestAnimationFrame(turn);
        else resolve({ rate: ((times.length - 1) * 1000) / since, longest: longest(times) });
      };
      requestAnimationFrame(turn);
    });

  /** The same while the mouse is moved from outside: begun, and asked for later. */
  bench.count = (seconds) => {
    bench.counted = bench.frames(null, seconds);
  };

  const triangle = (way, room) => (room > 0 ? Math.abs(((way + room) % (2 * room)) - room) : 0);
  const longest = (times) => Math.max(...times.slice(1).map((at, index) => at - times[index]));
})();
