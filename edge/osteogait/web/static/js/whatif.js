// Beside each slider the value where it stands, while it is moved.
addEventListener("input", (event) => {
  const slider = event.target;
  if (!(slider instanceof HTMLInputElement) || slider.type !== "range") return;
  const shown = document.querySelector(`output[for="${slider.id}"]`);
  if (shown) shown.textContent = `${slider.value} ${shown.dataset.unit}`.trim();
});
