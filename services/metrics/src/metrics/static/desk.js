// Fetches the figures again and again; says so when the service cannot be reached.
"use strict";
(() => {
  const board = document.getElementById("board");
  const offline = document.querySelector("#offline > span");
  const pause = document.getElementById("pause");
  const everyMs = Number(board.dataset.refreshS) * 1000;
  let paused = false;
  let failures = 0;

  const failed = () => {
    failures += 1;
    // one lost answer is no outage
    offline.hidden = failures < 2;
  };
  board.addEventListener("htmx:after:swap", () => {
    failures = 0;
    offline.hidden = true;
  });
  board.addEventListener("htmx:error", failed);
  board.addEventListener("htmx:response:error", failed);

  const refresh = () => {
    if (!paused && !document.hidden) {
      htmx.trigger(board, "refresh");
    }
  };
  setInterval(refresh, everyMs);
  document.addEventListener("visibilitychange", refresh);

  // what moves by itself must be stoppable (WCAG 2.2, 2.2.2)
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? pause.dataset.resume : pause.dataset.pause;
    refresh();
  });
})();
