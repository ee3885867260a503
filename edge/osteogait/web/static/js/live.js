// The test under way: what the box tells over the socket, shown, sounded and drawn. Nothing is sent back.
import { Cues } from "./cues.js";
import { Plot, Trace } from "./live_plot.js";
import { speak } from "./live_say.js";

const OVER = ["review", "failed", "ready"];
const AGAIN_MS = 500;
const SPOKEN_MS = 1200;

class Panel {
  constructor(root) {
    this.root = root;
    this.cues = new Cues(root.querySelector("[data-live-mute]") !== null);
    this.words = Object.fromEntries(
      [...root.querySelector("[data-live-words]").content.children].map((one) => [one.dataset.word, one.textContent]),
    );
    this.plots = [];
    this.waiting = false;
    this.#sound();
    this.#connect();
  }

  part(name) {
    return this.root.querySelector(`[data-live-${name}]`);
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const asked = new URLSearchParams({ trial: this.root.dataset.trial, lang: this.root.dataset.lang });
    this.socket = new WebSocket(`${scheme}://${location.host}/live?${asked}`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (message) => this.#heard(message.data);
    this.socket.onopen = () => { this.part("hint").textContent = ""; };
    this.socket.onclose = (event) => this.#gone(event.code);
  }

  #gone(code) {
    if (this.leaving) return;
    if (code >= 1000 && code !== 1006) { this.#load(); return; }
    // the test goes on without this page
    this.part("hint").textContent = this.words.lost;
    this.failures = (this.failures ?? 0) + 1;
    if (this.failures > 6) this.#load();
    else setTimeout(() => this.#connect(), AGAIN_MS * this.failures);
  }

  #heard(data) {
    this.failures = 0;
    if (data instanceof ArrayBuffer) {
      this.trace?.take(data);
      this.#drawSoon();
      return;
    }
    const told = JSON.parse(data);
    this[`on_${told.type}`]?.(told);
  }

  on_stream({ channels, rate_hz: rate }) {
    if (this.trace) return;
    this.trace = new Trace(channels, rate);
    for (const place of this.root.querySelectorAll("[data-live-plot]")) {
      const kind = place.dataset.livePlot;
      const wanted = channels.map((name, i) => [name, i]).filter(([name]) => name.startsWith(kind)).map(([, i]) => i);
      this.plots.push(new Plot(place, this.trace, wanted, kind));
    }
  }

  on_state({ state, message }) {
    this.root.dataset.phase = state;
    this.part("phase").textContent = this.words[state] ?? state;
    if (state !== "countdown" && state !== "recording") this.#number("–", "");
    if (message) this.on_sensor({ trouble: true, message });
    if (OVER.includes(state)) this.#load();
  }

  on_sensor({ trouble, message }) {
    this.part("trouble").hidden = !trouble;
    this.root.querySelector("[data-live-trouble-text]").textContent = trouble ? this.words.trouble ?? message : "";
  }

  on_cue({ cue }) {
    this.cues.play(cue);
    if (cue === "moved") this.part("hint").textContent = this.words.moved;
    if (cue === "end" && !this.cues.muted) {
      const { sayDone, wordsDone } = this.root.dataset;
      setTimeout(() => speak(sayDone, wordsDone, document.documentElement.lang), 800);
      this.speaking = true;
    }
    const silent = !this.cues.muted && !this.cues.audible;
    this.part("silent").hidden = !silent;
  }

  on_picture({ left_s: left, since_s: since, steps, rises }) {
    const phase = this.root.dataset.phase;
    if (phase === "countdown") this.#number(String(Math.max(1, Math.ceil(left ?? 0))), "");
    if (phase === "recording" && left !== null) this.#number(String(Math.ceil(left)), this.words.left);
    if (phase === "recording" && left === null) this.#number(String(Math.floor(since)), this.words.since);
    const count = this.part("count");
    const counted = ["risen", "counted"].includes(this.root.dataset.counts) ? rises : steps;
    if (count) count.textContent = String(counted ?? 0);
  }

  #number(text, unit) {
    const place = this.part("number");
    // spoken by a screen reader in the countdown alone: a number every second would drown the rest
    place.setAttribute("aria-live", this.root.dataset.phase === "countdown" ? "assertive" : "off");
    if (place.textContent !== text) place.textContent = text;
    this.part("unit").textContent = unit || "\u00a0";
  }

  #drawSoon() {
    if (this.waiting || !this.plots.length) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      for (const plot of this.plots) plot.draw();
    });
  }

  #sound() {
    const button = this.part("mute");
    if (!button) return;
    const show = () => {
      button.setAttribute("aria-pressed", String(this.cues.muted));
      button.textContent = this.cues.muted ? this.words["sound-on"] : this.words["sound-off"];
    };
    button.addEventListener("click", () => { this.cues.mute(!this.cues.muted); show(); });
    show();
  }

  // The page as it is after the test; a last word is let out.
  #load() {
    if (this.leaving) return;
    this.leaving = true;
    setTimeout(() => location.reload(), this.speaking ? SPOKEN_MS : 0);
  }
}

for (const root of document.querySelectorAll("[data-live]")) new Panel(root);
