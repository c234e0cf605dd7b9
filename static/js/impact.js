// Shows what a change costs as soon as it is made, and asks for the name that confirms it before anything is sent: a
// pasted private key stays where it is. It asks in the same way before the environment is switched.

const now = (form, name) => form.elements[name]?.value.trim() ?? "";

// As the server compares them.
const plain = (text) => text.normalize("NFKC").replace(/\p{Cf}/gu, "").trim().replace(/\s+/g, " ").toLowerCase();

// Where `asks` returns true, nothing is sent and no other script sees the submit event.
function hold(form, asks) {
  document.addEventListener(
    "submit",
    (event) => {
      if (event.target !== form || !asks(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
}

function watch(box) {
  const form = box.closest("form");
  const field = box.querySelector("input");
  const costs = [...box.querySelectorAll("[data-cost]")];

  const isMade = (cost) =>
    [...cost.querySelectorAll("data")].some(({ value, dataset }) => now(form, dataset.of) !== value);

  function update() {
    for (const cost of costs) cost.hidden = !isMade(cost);
    box.hidden = costs.every((cost) => cost.hidden) && !field.matches("[aria-invalid=true]");
    field.required = !box.hidden;
  }

  const isTyped = () => plain(field.value) === plain(box.dataset.impact);

  form.addEventListener("input", update);
  form.addEventListener("change", update);
  field.addEventListener("input", () => field.setCustomValidity(""));
  hold(form, () => {
    if (!field.required || isTyped()) return false;
    field.setCustomValidity(box.dataset.ask);
    field.focus();
    return !field.reportValidity();
  });
  update();
}

function guard(dialog) {
  const form = document.getElementById("configuration");

  hold(form, ({ submitter }) => {
    const isAnswered = dialog.contains(submitter);
    const asks = !isAnswered && now(form, "active_environment") === dialog.dataset.switch;
    if (isAnswered) dialog.close();
    if (asks) dialog.showModal();
    return asks;
  });
}

document.querySelectorAll("[data-impact]").forEach(watch);
document.querySelectorAll("[data-switch]").forEach(guard);
