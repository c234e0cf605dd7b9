// Posts a form and swaps the fragments of the answer into the page: a form[data-refresh] after load and every minute, a
// form[data-in-place] when it is sent, with the one-time dialog of its answer. A browser lets only a page that was touched
// ask before it is left, so that dialog opens in the page of the form.

const AGAIN_MS = 60_000; // The server decides whether anything is due.

async function post(form, address) {
  const answer = await fetch(address, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Requested-With": "fetch" },
    redirect: "error",
  });
  // 204: nothing new.
  return answer.status === 200 && new DOMParser().parseFromString(await answer.text(), "text/html");
}

function swap(fresh) {
  const stale = document.getElementById(fresh.id);
  // What the person is working in stays as it is.
  if (!stale?.hasAttribute("data-fragment") || stale.contains(document.activeElement)) return;
  // The element itself stays: only so does role="status" announce its new content.
  for (const { name } of [...stale.attributes]) if (!fresh.hasAttribute(name)) stale.removeAttribute(name);
  for (const { name, value } of fresh.attributes) stale.setAttribute(name, value);
  stale.replaceChildren(...document.importNode(fresh, true).childNodes);
}

function show(page) {
  page.querySelectorAll("[id][data-fragment]").forEach(swap);
  document.dispatchEvent(new CustomEvent("fragment"));
}

async function refresh(form) {
  const page = await post(form, form.dataset.refresh);
  if (page) show(page);
}

async function send(form) {
  const buttons = [...form.elements].filter((element) => element.type === "submit");
  buttons.forEach((button) => (button.disabled = true));
  const page = await post(form, form.action);
  const dialog = page && page.querySelector("dialog[data-keep]");
  if (!dialog) throw new Error("The answer has nothing to keep.");
  buttons.forEach((button) => (button.disabled = false));
  document.body.append(dialog);
  document.activeElement.blur(); // The dialog takes the focus.
  show(page);
}

for (const form of document.querySelectorAll("form[data-refresh]")) {
  const ask = () => refresh(form).catch(() => {}); // The stored state stays on show; the page says how old it is.
  ask();
  setInterval(() => document.hidden || ask(), AGAIN_MS);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-in-place]")) return;
  event.preventDefault();
  // Any other answer is a page of its own. Nothing is made twice: the form's token is good for one key.
  send(form).catch(() => form.submit());
});
