// Sends a form[data-in-place] and shows the answer's one-time dialog in the page that is open. A page that the person has
// worked in may ask before it is left; the one that a form leads to may not, until it is touched.

async function send(form) {
  const data = new FormData(form);
  const buttons = [...form.elements].filter((element) => element.type === "submit");
  buttons.forEach((button) => (button.disabled = true));
  const answer = await fetch(form.action, { method: "POST", body: data });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = page.querySelector("dialog[data-keep]");
  if (!dialog) throw new Error("The answer has nothing to keep.");
  buttons.forEach((button) => (button.disabled = false));
  for (const fresh of page.querySelectorAll("main [data-fragment]")) {
    document.getElementById(fresh.id)?.replaceWith(fresh);
  }
  document.body.append(dialog);
  document.dispatchEvent(new CustomEvent("fragment"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-in-place]")) return;
  event.preventDefault();
  // Any other answer is a page of its own. Nothing is made twice: the form's token is good for one key.
  send(form).catch(() => form.submit());
});
