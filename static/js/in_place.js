// Sends a form[data-in-place] and shows the one-time dialog of the answer in this page: a browser lets a page ask before it
// is left only if somebody has interacted with it.

async function send(form) {
  const body = new FormData(form);
  const answer = await fetch(form.action, { method: "POST", body });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = page.querySelector("dialog[data-keep]");
  if (!dialog) throw new Error("Nothing to keep.");
  form.dispatchEvent(new CustomEvent("answered", { bubbles: true }));
  for (const fresh of page.querySelectorAll("main [data-fragment]")) {
    document.getElementById(fresh.id)?.replaceWith(fresh);
  }
  document.body.append(dialog);
  document.dispatchEvent(new CustomEvent("fragment"));
}

// On the window, so after form.js on the document, which stops a second click.
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-in-place]")) return;
  event.preventDefault();
  // Any other answer is a page of its own. Nothing is made twice: the form's token is good for one key.
  send(form).catch(() => form.submit());
});
