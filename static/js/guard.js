// Opens each dialog[data-keep], which shows a secret that nothing can show again. Closing it or leaving its page asks first,
// unless the whole secret was copied or saved.

const isWhole = ({ selectionStart, selectionEnd, value }) => selectionEnd - selectionStart >= value.trim().length;

function guard(dialog) {
  let mayLeave = false;
  const ask = () => (mayLeave ||= confirm(dialog.dataset.keep));
  const close = (event) => ask() || event.preventDefault();
  const keep = () => (mayLeave = true);
  // If nobody has touched the page, Chromium closes a dialog on Esc without a cancelable event. So listen to the key.
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
    if (!mayLeave) return dialog.showModal(); // Something closed it without asking.
    window.removeEventListener("keydown", escape, true);
    window.removeEventListener("beforeunload", leave);
    dialog.remove();
  });
  window.addEventListener("keydown", escape, true);
  window.addEventListener("beforeunload", leave);
}

function wake() {
  for (const dialog of document.querySelectorAll("dialog[data-keep][open]:not(:modal)")) {
    guard(dialog);
    dialog.removeAttribute("open"); // showModal() refuses a dialog that is open already.
    dialog.showModal();
    dialog.querySelector(".dialog-body :is(input, textarea)")?.focus();
  }
}

document.addEventListener("fragment", wake);
wake();
