// Copies the text or value of the element that data-copy names, and says so on the button.

const SAID_MS = 2500;

function text(source) {
  // A list of facts is copied as lines of name and value.
  const names = [...source.querySelectorAll("dt")];
  const seen = (element) => element.textContent.trim().replace(/\s+/g, " ");
  if (names.length) return names.map((name) => `${seen(name)}: ${seen(name.nextElementSibling)}`).join("\n");
  return source.value ?? source.textContent.trim();
}

function mark(source) {
  if (source.select) source.select();
  else getSelection().selectAllChildren(source);
}

function say(button) {
  const label = [...button.childNodes];
  const status = button.nextElementSibling;
  button.textContent = `${label[0].textContent.trim()} ✓`;
  status.textContent = button.textContent;
  setTimeout(() => {
    button.replaceChildren(...label);
    status.textContent = "";
  }, SAID_MS);
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const isSaying = Boolean(button.nextElementSibling?.textContent);
  if (!source || isSaying) return;
  try {
    await navigator.clipboard.writeText(text(source));
    if (source.matches("textarea")) source.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
    say(button);
  } catch {
    mark(source); // No permission, or no secure origin: the person's own key copies what is marked.
  }
}

function wake() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) {
    const status = document.createElement("span");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    button.after(status);
    button.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
document.addEventListener("fragment", wake);
wake();
