// Copies what data-copy names, and says so on the button. Saves what data-download names as the file data-filename.

const SAID_MS = 2500;

const announce = (source) => source.dispatchEvent(new CustomEvent("kept", { bubbles: true }));

function text(source) {
  // A list of facts as lines of name and value.
  const names = [...source.querySelectorAll("dt")];
  const seen = (element) => element.textContent.trim().replace(/\s+/g, " ");
  if (names.length) return names.map((name) => `${seen(name)}: ${seen(name.nextElementSibling)}`).join("\n");
  return source.value ?? source.textContent.trim();
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

async function copy(button, source) {
  if (button.nextElementSibling.textContent) return; // It still says so.
  try {
    await navigator.clipboard.writeText(text(source));
    if (source.matches("textarea")) announce(source);
    say(button);
  } catch {
    // No permission, or no secure origin: the person's own key copies what is marked.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
  }
}

function save(button, source) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text(source)], { type: "text/plain" }));
  link.download = button.dataset.filename;
  link.click();
  URL.revokeObjectURL(link.href);
  announce(source);
}

function wake() {
  for (const button of document.querySelectorAll("[data-copy][hidden], [data-download][hidden]")) {
    button.hidden = false;
    if (!button.dataset.copy) continue;
    const status = document.createElement("span");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    button.after(status);
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy], [data-download]");
  const source = button && document.getElementById(button.dataset.copy ?? button.dataset.download);
  if (source) (button.dataset.copy ? copy : save)(button, source);
});
document.addEventListener("fragment", wake);
wake();
