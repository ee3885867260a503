// The kiosk: large keys, pages that speak, and a screen that wipes itself when nobody is there any more.
const { wipeAfter, first } = document.body.dataset;
const main = document.querySelector("main");
const leave = document.querySelector("form[data-leave]");

// --- touching: a shaking hand touches twice, and must not answer the page that comes next
const SETTLE_MS = 400;
main.classList.add("settling");
setTimeout(() => main.classList.remove("settling"), SETTLE_MS);
for (const form of document.forms) {
  if (form === leave) continue;
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// a page that the browser had put aside is asked for anew: the box says whether it is still somebody's
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

for (const keys of document.querySelectorAll("[data-keys]")) {
  const field = document.getElementById(keys.dataset.keys);
  keys.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  const typed = { back: () => field.value.slice(0, -1), clear: () => "" };
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    field.value = key in typed ? typed[key]() : (field.value + key).slice(0, field.maxLength);
    field.dispatchEvent(new Event("input"));
  });
}

// the year as an age, so that a wrong digit is seen
for (const place of document.querySelectorAll("[data-age]")) {
  const field = document.getElementById(place.dataset.age);
  const show = () => {
    const age = Number(place.dataset.thisYear) - Number(field.value);
    place.textContent = /^\d{4}$/.test(field.value) && age > 0 && age < 120 ? place.dataset.words.replace("{}", age) : "";
  };
  field.addEventListener("input", show);
  show();
}

// --- speaking: who has asked once to hear a page hears all that follow; where the box cannot speak the browser may
const listen = document.querySelector("[data-say]");
let sound;
const isSpeaking = () => Boolean(sound && !sound.paused && !sound.ended) || Boolean(globalThis.speechSynthesis?.speaking);
const silence = () => { sound?.pause(); globalThis.speechSynthesis?.cancel(); };
// only a voice of this computer: others send the words away
const byBrowser = (words) => {
  const lang = document.documentElement.lang;
  const voice = globalThis.speechSynthesis?.getVoices().find((one) => one.localService && one.lang.slice(0, 2) === lang.slice(0, 2));
  if (!voice) return;
  const said = new SpeechSynthesisUtterance(words);
  Object.assign(said, { voice, lang, rate: 0.9 });
  speechSynthesis.speak(said);
};
const speak = (address, words) => {
  silence();
  sound = new Audio(address);
  sound.addEventListener("error", () => byBrowser(words()));
  sound.play().catch(() => {});
};
const speakPage = () => speak(listen.dataset.say, () => main.innerText);
listen?.addEventListener("click", () => {
  if (isSpeaking()) { silence(); sessionStorage.removeItem("listen"); return; }
  sessionStorage.setItem("listen", "yes");
  speakPage();
});
if (!wipeAfter) sessionStorage.removeItem("listen");
else if (listen && sessionStorage.getItem("listen")) speakPage();

// --- leaving
const home = document.querySelector("[data-home]")?.dataset.home;
if (home) setTimeout(() => location.replace(home), 15000);

let wiped = false;
const wipe = () => {
  if (wiped) return; // once: a second submit would break off the first on a slow box
  wiped = true;
  silence();
  sessionStorage.clear();
  main.replaceChildren(); // at once, also where the box is slow to answer
  if (leave) leave.submit();
  else location.replace(first);
};

const sure = document.querySelector("[data-sure]");
leave?.addEventListener("submit", (event) => { event.preventDefault(); sure.showModal(); });
sure?.querySelector("[data-sure-yes]").addEventListener("click", wipe);
sure?.querySelector("[data-sure-no]").addEventListener("click", () => sure.close());

// --- nobody there: the screen asks, then it is wiped
class Watch {
  #last = performance.now();
  #heard = performance.now();
  #toTell;

  constructor(afterS, still) {
    this.afterS = afterS;
    this.warnS = Math.min(20, afterS / 2); // who is slow needs 20 s to answer (WCAG 2.2, 2.2.1)
    this.still = still;
    for (const name of ["pointerdown", "keydown", "touchstart"]) addEventListener(name, () => this.#touched(), { passive: true });
    still.addEventListener("close", () => { silence(); this.#here(); });
    still.querySelector("[data-still-yes]").addEventListener("click", () => still.close());
    setInterval(() => this.#look(), 500);
  }

  #touched() {
    if (!this.still.open) this.#here();
  }

  // Somebody is there; the box hears of it, at once and then once more for what came since, so that it never ends the
  // visit before this screen does.
  #here() {
    this.#last = performance.now();
    if (!leave) return;
    const everyMs = Math.min(15000, this.afterS * 250);
    this.#toTell ??= setTimeout(() => this.#tell(), Math.max(0, this.#heard + everyMs - this.#last));
  }

  #tell() {
    this.#toTell = undefined;
    this.#heard = performance.now();
    fetch(first, { method: "HEAD", credentials: "same-origin", cache: "no-store" }).catch(() => {});
  }

  #look() {
    // a test under way, or a page being read aloud, is somebody being there
    if (document.querySelector("[data-busy]") || (isSpeaking() && !this.still.open)) { this.#here(); return; }
    const seconds = this.afterS - Math.round((performance.now() - this.#last) / 1000);
    if (seconds <= 0) wipe();
    else if (seconds <= this.warnS) this.#ask(seconds);
  }

  #ask(seconds) {
    if (!this.still.open) {
      sure?.close();
      this.still.showModal();
      speak(this.still.dataset.sayStill, () => this.still.innerText);
    }
    this.still.querySelector("[data-still-left]").textContent = String(seconds);
  }
}
if (wipeAfter) new Watch(Number(wipeAfter), document.querySelector("[data-still]"));

// --- the result
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
