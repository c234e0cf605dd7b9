// A form[data-once] is sent once, and its button shows what takes long. A form[data-unsaved] asks before changes are lost, a
// refused form starts at its first refused field. A select[data-filter-by] shows what belongs to the other select's choice.

const PATIENCE_MS = 300;

const buttonsOf = (forms) => [...forms].flatMap(({ elements }) => [...elements]).filter(({ type }) => type === "submit");
const values = (form) => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));

let recover = null; // Takes back what the page shows while a form is on its way.

// The text of data-busy is read aloud too, so its element has to be there before the text is.
function announce(button) {
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  button.after(status);
  return status;
}

function begin(form, submitter) {
  // A dialog may close when it is answered: then the button behind it shows the progress.
  const pressed = [submitter, ...buttonsOf([form])].find((button) => button?.checkVisibility()) ?? submitter;
  const others = buttonsOf(document.querySelectorAll("[data-once]")).filter(
    (button) => ![pressed, submitter].includes(button) && !button.disabled,
  );
  others.forEach((button) => (button.disabled = true));
  if (!pressed) return () => others.forEach((button) => (button.disabled = false));
  const label = [...pressed.childNodes];
  const status = announce(pressed);
  // Disabled, it would lose the focus.
  pressed.setAttribute("aria-disabled", "true");
  const timer = setTimeout(() => {
    pressed.setAttribute("aria-busy", "true");
    if (pressed.dataset.busy) pressed.replaceChildren(pressed.dataset.busy);
    status.textContent = pressed.textContent.trim();
  }, PATIENCE_MS);
  return () => {
    clearTimeout(timer);
    status.remove();
    pressed.removeAttribute("aria-disabled");
    pressed.removeAttribute("aria-busy");
    pressed.replaceChildren(...label);
    others.forEach((button) => (button.disabled = false));
  };
}

function end() {
  recover?.();
  recover = null;
}

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-once]")) return;
  if (recover) event.preventDefault();
  else recover = begin(event.target, event.submitter);
});
// A script that sent the form itself has the answer.
document.addEventListener("answered", end);
// Back in the history the page may come as it was left.
window.addEventListener("pageshow", ({ persisted }) => persisted && end());

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
