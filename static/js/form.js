// A form[data-once] is sent once, a form[data-unsaved] asks before changes are lost, a refused form starts at its first
// refused field. A select[data-filter-by] shows what belongs to the other select's choice.

const buttons = (form) => [...form.elements].filter((element) => element.type === "submit");
const values = (form) => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (defaultPrevented || !target.matches("[data-once]")) return;
  // After this event, so that the pressed button's own name and value still go with the form.
  setTimeout(() => buttons(target).forEach((button) => (button.disabled = true)));
});

// Back in the history the page may come as it was left.
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const form of document.querySelectorAll("[data-once]")) {
    buttons(form).forEach((button) => (button.disabled = false));
  }
});

function guard(form) {
  // What was refused is not saved yet: data-unsaved says so.
  const saved = form.dataset.unsaved ? "" : values(form);
  let isSent = false;
  form.addEventListener("submit", () => (isSent = true));
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && values(form) !== saved) event.preventDefault();
  });
}

function start(refused) {
  for (let box = refused.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (!document.querySelector("dialog[open]")) refused.focus();
}

function filter(select, chooser) {
  const chosen = select.value;
  for (const option of select.querySelectorAll("option[data-value]")) {
    const belongs = option.dataset.value === chooser.value;
    option.hidden = !belongs;
    option.disabled = !belongs;
    const group = option.closest("optgroup");
    if (group) group.hidden = !group.querySelector("option:not([hidden])");
  }
  if (select.selectedOptions[0]?.disabled) select.value = "";
  if (select.value !== chosen) select.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const select of document.querySelectorAll("select[data-filter-by]")) {
  const chooser = document.getElementById(select.dataset.filterBy);
  chooser?.addEventListener("change", () => filter(select, chooser));
  if (chooser) filter(select, chooser);
}
document.querySelectorAll("form[data-unsaved]").forEach(guard);
// A mistake in a stored value is not a refusal of this form, so it does not take the focus.
const refused = document.querySelector('form [aria-invalid="true"]:not(dialog *, [data-stored])');
if (refused) start(refused);
