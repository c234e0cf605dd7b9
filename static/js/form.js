// A form[data-once] is sent once, and its button shows that it is busy. A form[data-unsaved] asks before changes are lost, a
// refused form starts at its first refused field. A select[data-filter-by] shows what belongs to the other select's choice.

const PATIENCE_MS = 300;

const buttons = (forms) => [...forms].flatMap(({ elements }) => [...elements]).filter(({ type }) => type === "submit");
const values = (form) => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));

let end; // Undoes the busy look of a form that was sent.

function begin(form, submitter) {
  // A dialog may close on its answer.
  const pressed = [submitter, ...buttons([form])].find((button) => button?.checkVisibility());
  const others = buttons(document.querySelectorAll("[data-once]")).filter(
    (button) => button !== pressed && button !== submitter && !button.disabled,
  );
  const label = [...pressed.childNodes];
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.role = "status";
  pressed.after(status);
  pressed.ariaDisabled = true; // Disabled, it would lose the focus.
  for (const button of others) button.disabled = true;
  const timer = setTimeout(() => {
    pressed.ariaBusy = true;
    if (pressed.dataset.busy) pressed.replaceChildren(pressed.dataset.busy);
    status.textContent = pressed.textContent;
  }, PATIENCE_MS);
  end = () => {
    clearTimeout(timer);
    status.remove();
    pressed.ariaBusy = pressed.ariaDisabled = null;
    pressed.replaceChildren(...label);
    for (const button of others) button.disabled = false;
    end = null;
  };
}

document.addEventListener("submit", (event) => {
  const { target, defaultPrevented, submitter } = event;
  if (defaultPrevented || !target.matches("[data-once]")) return;
  if (end) event.preventDefault();
  else begin(target, submitter);
});
// in_place.js sent the form itself and has its answer.
document.addEventListener("answered", () => end?.());
// Back in the history the page may come as it was left.
window.addEventListener("pageshow", ({ persisted }) => persisted && end?.());

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
