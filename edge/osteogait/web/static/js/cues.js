// What is heard: short tones for the countdown, a high one to begin, two falling ones at the end.
const KEPT = "osteogait.mute";
const TONES = {
  three: [[440, 0.15, 0]], two: [[440, 0.15, 0]], one: [[440, 0.15, 0]],
  go: [[880, 0.6, 0]], end: [[660, 0.25, 0], [440, 0.5, 0.28]], moved: [[330, 0.3, 0]],
};
const LOUD = 0.35;

export class Cues {
  #context = null;

  // whether somebody may switch the sound off here, and has
  constructor(switchable) {
    this.muted = switchable && localStorage.getItem(KEPT) === "yes";
  }

  // False when the browser lets nothing be heard.
  get audible() {
    return this.#sound()?.state === "running";
  }

  mute(on) {
    this.muted = on;
    localStorage.setItem(KEPT, on ? "yes" : "no");
    if (!on) this.#sound()?.resume();
  }

  play(name) {
    const sound = this.#sound();
    if (this.muted || !sound) return;
    for (const [hertz, seconds, after] of TONES[name] ?? []) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      const begin = sound.currentTime + after;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(LOUD, begin);
      volume.gain.exponentialRampToValueAtTime(0.001, begin + seconds);
      tone.connect(volume).connect(sound.destination);
      tone.start(begin);
      tone.stop(begin + seconds);
    }
  }

  #sound() {
    const Kind = window.AudioContext;
    if (!this.#context && Kind) {
      this.#context = new Kind();
      this.#context.resume();
    }
    return this.#context;
  }
}
