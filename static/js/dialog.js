// Opens dialogs in the page, above everything: those the server sent open, and those that a link with data-opens names,
// which are fetched from its address where the page does not have them.

const FIRST =
  "[autofocus], .dialog-body :is(input:not([type=hidden], [type=radio]:not(:checked)), select, textarea), " +
  ".dialog-actions :is(a, .button)";

function show(dialog) {
  dialog.removeAttribute("open"); // showModal() refuses a dialog that is open already.
  dialog.showModal();
  // Else the first thing in it would have the focus: the button that closes it.
  (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector(FIRST))?.focus();
}

const isWhole = ({ selectionStart, selectionEnd, value }) => selectionEnd - selectionStart >= value.trim().length;

// A dialog with data-keep shows what nothing can show again: closing it and leaving its page ask, unless all of it was
// copied or saved.
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

function wake() {
  for (const dialog of document.querySelectorAll("dialog[data-modal][open]:not(:modal)")) {
    if (dialog.dataset.keep) guard(dialog);
    show(dialog);
  }
}

async function bring(link) {
  const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = page.getElementById(link.dataset.opens);
  // Opened once more it is fetched once more, as it is then.
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  document.dispatchEvent(new CustomEvent("fragment"));
}

let isOnItsWay = false;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = document.getElementById(link.dataset.opens);
  if (dialog) return show(dialog);
  if (isOnItsWay) return;
  isOnItsWay = true;
  // At its own address the page says why there is no dialog, or asks to sign in first.
  bring(link)
    .catch(() => location.assign(link.href))
    .finally(() => (isOnItsWay = false));
});
document.addEventListener("fragment", wake);
wake();
