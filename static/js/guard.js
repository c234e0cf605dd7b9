// A dialog with data-keep shows what nothing can show again: closing it and leaving its page ask, unless all of it was
// copied or saved. It is shown above the page once it is guarded.

const isWhole = ({ selectionStart, selectionEnd, value }) => selectionEnd - selectionStart >= value.trim().length;

function guard(dialog) {
  let mayLeave = false;
  const ask = () => (mayLeave ||= confirm(dialog.dataset.keep));
  const close = (event) => ask() || event.preventDefault();
  const keep = () => (mayLeave = true);
  // Chromium closes a dialog on Esc without a cancelable event where nobody touched it, so the key itself is taken.
  const escape = (event) => {
    const other = event.target.closest?.("dialog");
    if (event.key !== "Escape" || (other && other !== dialog)) return;
    event.preventDefault();
    // A key that is held down would answer its own question.
    if (!event.repeat && ask()) dialog.close();
  };
  const leave = (event) => {
    if (!mayLeave) event.preventDefault();
  };
  dialog.addEventListener("copy", ({ target }) => target.matches("textarea") && isWhole(target) && keep());
  dialog.addEventListener("kept", keep);
  dialog.addEventListener("submit", close);
  dialog.addEventListener("cancel", close);
  dialog.addEventListener("close", () => {
    if (!mayLeave) return show(dialog); // Closed by something that asked nobody.
    window.removeEventListener("keydown", escape, true);
    window.removeEventListener("beforeunload", leave);
    dialog.remove();
  });
  window.addEventListener("keydown", escape, true);
  window.addEventListener("beforeunload", leave);
}

// dialog.js shows it.
function show(dialog) {
  dialog.setAttribute("data-modal", "");
  dialog.open = true;
  document.dispatchEvent(new CustomEvent("fragment"));
}

function wake() {
  for (const dialog of document.querySelectorAll("dialog[data-keep]:not([data-modal])")) {
    guard(dialog);
    show(dialog);
  }
}

document.addEventListener("fragment", wake);
wake();
