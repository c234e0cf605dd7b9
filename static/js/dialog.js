// Opens dialogs in the page, above everything: those the server sent open, except those that guard.js opens, and those
// that a link with data-opens names, which are fetched from its address where the page does not have them.

const FIRST =
  "[autofocus], .dialog-body :is(input:not([type=hidden], [type=radio]:not(:checked)), select, textarea), " +
  ".dialog-actions :is(a, .button)";

function show(dialog) {
  dialog.removeAttribute("open"); // showModal() refuses a dialog that is open already.
  dialog.showModal();
  // Else the first thing in it would have the focus: the button that closes it.
  (dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector(FIRST))?.focus();
}

function wake() {
  document.querySelectorAll("dialog[data-modal][open]:not(:modal, [data-keep])").forEach(show);
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
