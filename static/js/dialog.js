// Opens dialogs in the page, above everything: those the server sent open, and those a link with data-opens names.

const FIRST =
  "[autofocus], .dialog-body :is(input:not([type=hidden], [type=radio]:not(:checked)), select, textarea), " +
  ".dialog-actions :is(a, .button)";

function show(dialog) {
  dialog.removeAttribute("open"); // showModal() refuses a dialog that is open already.
  dialog.showModal();
  // Else the first thing in it would have the focus: the button that closes it.
  (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector(FIRST))?.focus();
}

// A dialog with data-keep shows what nothing can show again: closing it and leaving its page ask, unless it was copied
// or saved.
function guard(dialog) {
  let isKept = false;
  const ask = (event) => {
    if (!isKept && !confirm(dialog.dataset.keep)) event.preventDefault();
  };
  dialog.addEventListener("copy", (event) => (isKept ||= event.target.matches("textarea"))); // Not the public key.
  dialog.addEventListener("click", (event) => (isKept ||= Boolean(event.target.closest("[data-keeps]"))));
  dialog.addEventListener("cancel", ask);
  dialog.addEventListener("submit", ask);
  dialog.addEventListener("close", () => dialog.remove());
  window.addEventListener("beforeunload", (event) => {
    if (!isKept && dialog.isConnected) event.preventDefault();
  });
}

function wake() {
  document.querySelectorAll("dialog[data-modal][open]:not(:modal)").forEach(show);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(dialog);
});
document.addEventListener("fragment", wake);
document.querySelectorAll("dialog[data-keep]").forEach(guard);
wake();
