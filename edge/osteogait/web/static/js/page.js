// What every page does: HTMX sends the proof of origin, and a screen that nobody touches locks itself.
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
document.body.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = csrf;
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  // a refusal is shown where the answer would have been
  if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
});

const HEARD_MS = 30000;
const after = Number(document.body.dataset.lockAfter ?? 0);
if (after > 0) {
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(lock, after * 1000 + 500);
  };
  const lock = () => {
    // a test under way is somebody being there
    if (document.querySelector("[data-busy]")) wait();
    else location.replace(document.body.dataset.lockUrl);
  };
  setInterval(() => {
    if (document.querySelector("[data-busy]")) fetch(location.href, { credentials: "same-origin", cache: "no-store" });
  }, HEARD_MS);
  for (const name of ["pointerdown", "keydown", "touchstart"]) addEventListener(name, wait, { passive: true });
  wait();
}
