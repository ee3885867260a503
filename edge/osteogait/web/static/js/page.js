// What every page does: HTMX sends the proof of origin, and a screen that nobody touches locks itself.
const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";
document.body.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = csrf;
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  // a refusal is shown where the answer would have been
  if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
});

const after = Number(document.body.dataset.lockAfter ?? 0);
const HEARD_MS = Math.min(30000, after * 250);
if (after > 0) {
  let timer, heard = performance.now();
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(lock, after * 1000 + 500);
  };
  const lock = () => {
    // a test under way is somebody being there
    if (document.querySelector("[data-busy]")) wait();
    else document.querySelector("form[data-lock]").submit();
  };
  setInterval(() => {
    if (document.querySelector("[data-busy]")) fetch(location.href, { credentials: "same-origin", cache: "no-store" });
  }, HEARD_MS);
  // who fills in a long form or reads a long page sends nothing meanwhile: the box must hear that somebody is there,
  // at once and then once more for what came since, so that it never locks before this screen does
  let toTell;
  const tell = () => {
    toTell = undefined;
    heard = performance.now();
    fetch(document.body.dataset.awakeUrl, { method: "HEAD", credentials: "same-origin", cache: "no-store" }).catch(() => {});
  };
  const stirred = () => {
    wait();
    toTell ??= setTimeout(tell, Math.max(0, heard + HEARD_MS - performance.now()));
  };
  for (const name of ["pointerdown", "keydown", "touchstart", "wheel"]) addEventListener(name, stirred, { passive: true });
  wait();
}
