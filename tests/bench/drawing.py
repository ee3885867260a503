"""Cost of the live plot in the browser: 24 channels at 100 Hz into the page's own script, in Debian's Chromium."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from web import RowValues, running

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
CHANNELS, SECONDS = 24, 10
FRAME_MS = 1000.0 / 60.0
SCRIPT = """async ([channels, seconds]) => {
  const { Plot, Trace } = await import('/static/js/live_plot.js');
  const names = Array.from({ length: channels }, (_, i) => (i < channels / 2 ? 'acc_' : 'gyr_') + i);
  const trace = new Trace(names, 100), half = channels / 2;
  const places = ['acc', 'gyr'].map((kind) => {
    const place = document.createElement('div');
    place.style.cssText = 'width:600px;height:220px';
    document.body.append(place);
    return new Plot(place, trace, names.map((_, i) => i).filter((i) => (i < half) === (kind === 'acc')), kind);
  });
  const send = (first, n) => {
    const buffer = new ArrayBuffer(8 + 4 * n * channels);
    new DataView(buffer).setFloat64(0, first / 100, true);
    const values = new Float32Array(n * channels).map((_, i) => Math.sin((first + i) / 17 + (i % channels)));
    new Uint8Array(buffer).set(new Uint8Array(values.buffer), 8);
    trace.take(buffer);
  };
  send(0, 1000);  // ten seconds are on the screen
  let sent = 1000, pictures = 0, spent = 0;
  const begun = performance.now();
  while (performance.now() - begun < 1000 * seconds) {
    await new Promise((done) => requestAnimationFrame(done));
    const due = 1000 + Math.floor((performance.now() - begun) / 50) * 5;
    if (due > sent) { send(sent, due - sent); sent = due; }
    const at = performance.now();
    for (const plot of places) plot.draw();
    await null;  // uPlot draws in a microtask
    spent += performance.now() - at;
    pictures += 1;
  }
  return [pictures / seconds, spent / pictures];
}"""


def measured() -> list[RowValues]:
    """Every animation frame drawn anew, with ten seconds of every channel on the screen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as box,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(bypass_csp=True)
        page.goto(f"{box.address}/sign-in")
        page.add_script_tag(url="/static/vendor/uPlot.iife.min.js")
        rate, cost_ms = page.evaluate(SCRIPT, [CHANNELS, SECONDS])
        browser.close()
    return [
        (
            f"live plot, {CHANNELS} channels at 100 Hz: one picture, script of the page",
            cost_ms, "ms", FRAME_MS, f"{rate:.1f} pictures a second",
        )
    ]  # fmt: skip
