// Buttons that print the page, and forms that take a while: what the page says meanwhile is named by data-busy.
for (const button of document.querySelectorAll("[data-prints]")) button.addEventListener("click", () => print());
for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    document.getElementById(form.dataset.busy).hidden = false;
    for (const button of document.querySelectorAll(`button[form="${form.id}"], #${form.id} button`)) button.disabled = true;
  });
}
