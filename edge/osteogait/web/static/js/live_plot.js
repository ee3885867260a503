// The trace: a ring of the last seconds for every channel, drawn at most once an animation frame.
const SECONDS = 10;
const STAMP_BYTES = 8;
const FEW = 3;
// Never drawn larger than this, else the noise of a still sensor looks like a storm: m/s2, rad/s.
const LEAST = { acc: [-3, 12], gyr: [-1, 1] };

export class Trace {
  // channels: names; rate: samples a second
  constructor(channels, rate) {
    this.channels = channels;
    this.rate = rate;
    this.length = Math.ceil(SECONDS * rate);
    this.time = new Float64Array(this.length).fill(NaN);
    this.rows = channels.map(() => new Float32Array(this.length).fill(NaN));
    this.next = 0;
    this.last = 0;
  }

  // One frame: float64 time of its first row, then float32 rows.
  take(buffer) {
    const count = this.channels.length;
    const first = new DataView(buffer).getFloat64(0, true);
    const values = new Float32Array(buffer.slice(STAMP_BYTES));
    const n = values.length / count;
    if (this.next > 0 && first - this.last > 1.5 / this.rate) this.#put(first - 1 / this.rate, null, 0); // a hole, not a line over it
    for (let row = 0; row < n; row += 1) this.#put(first + row / this.rate, values, row * count);
    this.last = first + (n - 1) / this.rate;
  }

  #put(time, values, at) {
    const place = this.next % this.length;
    this.time[place] = time;
    for (let channel = 0; channel < this.rows.length; channel += 1) {
      this.rows[channel][place] = values ? values[at + channel] : NaN;
    }
    this.next += 1;
  }

  // Time and the channels wanted, oldest first, as uPlot takes them.
  table(wanted) {
    const full = this.next >= this.length;
    const start = full ? this.next % this.length : 0;
    const size = full ? this.length : this.next;
    const turned = (ring) => {
      const out = new Array(size);
      for (let i = 0; i < size; i += 1) {
        const value = ring[(start + i) % this.length];
        out[i] = Number.isNaN(value) ? null : value;
      }
      return out;
    };
    return [turned(this.time), ...wanted.map((channel) => turned(this.rows[channel]))];
  }
}

export class Plot {
  constructor(place, trace, wanted, kind) {
    const least = LEAST[kind];
    this.place = place;
    this.trace = trace;
    this.wanted = wanted;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px sans-serif" };
    // told apart by more than colour where there are few; many dashed lines are too slow to draw
    const dashes = wanted.length <= FEW ? [[], [8, 3], [2, 3]] : [[]];
    this.chart = new uPlot({
      ...this.#size(),
      legend: { show: false }, cursor: { show: false }, pxAlign: false,
      scales: { x: { time: false, auto: false }, y: { range: (_, low, high) => [Math.min(least[0], low ?? 0), Math.max(least[1], high ?? 0)] } },
      axes: [{ ...axis, size: 22, values: (_, ticks) => ticks.map((tick) => `${tick} s`) }, { ...axis, size: 44 }],
      series: [{}, ...wanted.map((_, i) => ({ stroke: colour(`--series-${(i % 6) + 1}`), width: wanted.length <= FEW ? 1.5 : 1, dash: dashes[i % dashes.length], points: { show: false } }))],
    }, [[], ...wanted.map(() => [])], place);
    new ResizeObserver(() => this.chart.setSize(this.#size())).observe(place);
  }

  #size() {
    return { width: Math.max(120, this.place.clientWidth), height: Math.max(80, this.place.clientHeight) };
  }

  draw() {
    const end = Math.max(SECONDS, this.trace.last);
    this.chart.setData(this.trace.table(this.wanted), false);
    this.chart.setScale("x", { min: end - SECONDS, max: end });
  }
}
