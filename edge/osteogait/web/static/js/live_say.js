// Words spoken: the box's own voice, else the browser's, else a line that says that nothing speaks.
export async function speak(address, words, lang) {
  try {
    const sound = new Audio(address);
    await sound.play();
    return true;
  } catch {
    return byBrowser(words, lang);
  }
}

function byBrowser(words, lang) {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  const local = voices.filter((voice) => voice.localService && voice.lang.slice(0, 2) === lang.slice(0, 2));
  if (!local.length) return false;
  const said = new SpeechSynthesisUtterance(words);
  [said.voice] = local;
  said.lang = lang;
  said.rate = 0.9;
  speechSynthesis.cancel();
  speechSynthesis.speak(said);
  return true;
}

for (const button of document.querySelectorAll("[data-speak]")) {
  button.addEventListener("click", async () => {
    const heard = await speak(button.dataset.speak, button.dataset.words, button.dataset.lang);
    button.parentElement.querySelector("[data-speak-silent]").hidden = heard;
  });
}
