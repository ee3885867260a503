// The kiosk: large keys, numbers set by touch, and a screen that wipes itself when nobody is there any more.
for (const keys of document.querySelectorAll("[data-keys]")) {
  const field = document.getElementById(keys.dataset.keys);
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) field.value = key === "back" ? field.value.slice(0, -1) : field.value + key;
  });
}

for (const stepper of document.querySelectorAll("[data-stepper]")) {
  const field = stepper.querySelector("input");
  stepper.addEventListener("click", (event) => {
    const by = Number(event.target.closest("[data-by]")?.dataset.by ?? 0);
    if (by) field.value = Math.min(Number(field.max), Math.max(Number(field.min), Number(field.value) + by));
  });
}

// who has asked once to hear a page hears all that follow; where the box cannot speak the browser may
const listen = document.querySelector("[data-say]");
const speak = () => {
  const words = () => {
    const said = new SpeechSynthesisUtterance(document.querySelector("main").innerText);
    said.lang = document.documentElement.lang;
    globalThis.speechSynthesis?.speak(said);
  };
  const sound = new Audio(listen.dataset.say);
  sound.addEventListener("error", words);
  sound.play().catch(() => {});
};
listen?.addEventListener("click", () => { sessionStorage.setItem("listen", "yes"); speak(); });
if (listen && sessionStorage.getItem("listen")) speak();
if (!document.body.dataset.wipeAfter) sessionStorage.removeItem("listen");

const home = document.querySelector("[data-home]")?.dataset.home;
if (home) setTimeout(() => location.replace(home), 15000);

const WARNED_S = 15;
const HEARD_MS = 20000;
let heard = Date.now();
const after = Number(document.body.dataset.wipeAfter ?? 0);
if (after > 0) {
  const dialog = document.querySelector("[data-still]");
  const left = document.querySelector("[data-still-left]");
  const leave = document.querySelector("[data-leave]");
  let last = Date.now(), wiped = false;
  const touched = () => { if (!dialog.open) last = Date.now(); };
  for (const name of ["pointerdown", "keydown", "touchstart"]) addEventListener(name, touched, { passive: true });
  dialog.querySelector("[data-still-yes]").addEventListener("click", () => {
    dialog.close();
    last = Date.now();
    // the box hears that somebody is there
    fetch(location.href, { credentials: "same-origin", cache: "no-store" });
  });
  setInterval(() => {
    // a test under way is somebody being there, and the box hears of it
    if (document.querySelector("[data-busy]")) {
      if (Date.now() - heard > HEARD_MS) { heard = Date.now(); fetch(location.href, { credentials: "same-origin", cache: "no-store" }); }
      last = Date.now();
      return;
    }
    const seconds = after - Math.round((Date.now() - last) / 1000);
    // once: a second submit would break off the first on a slow box
    if (seconds <= 0 && !wiped) { wiped = true; leave.submit(); }
    else if (seconds <= WARNED_S) {
      if (!dialog.open) dialog.showModal();
      left.textContent = String(seconds);
    }
  }, 500);
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

// what goes on below the edge of its box is offered by a key that can be touched; at the end the key is gone
const more = document.querySelector("[data-more]");
if (more) {
  const text = document.querySelector(more.dataset.more);
  const left = () => { more.hidden = text.scrollTop + text.clientHeight >= text.scrollHeight - 4; };
  more.addEventListener("click", () => text.scrollBy({ top: text.clientHeight * 0.8 }));
  text.addEventListener("scroll", left, { passive: true });
  new ResizeObserver(left).observe(text);
}
