// Posts each form[data-refresh] after load and every minute, and swaps the fragments of the answer into the page.

const AGAIN_MS = 60_000; // The server decides whether anything is due.

function swap(fresh) {
  const stale = document.getElementById(fresh.id);
  // Leave a fragment alone while somebody works in it.
  if (!stale?.hasAttribute("data-fragment") || stale.contains(document.activeElement)) return;
  // What somebody has opened or closed stays so.
  for (const { id, open } of [stale, ...stale.querySelectorAll("[id]")].filter((box) => box.matches("details"))) {
    (id === fresh.id ? fresh : fresh.querySelector(`#${id}`))?.toggleAttribute("open", open);
  }
  // The element itself stays: only so does role="status" announce its new content.
  for (const { name } of [...stale.attributes]) if (!fresh.hasAttribute(name)) stale.removeAttribute(name);
  for (const { name, value } of fresh.attributes) stale.setAttribute(name, value);
  stale.replaceChildren(...document.importNode(fresh, true).childNodes);
}

async function refresh(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Requested-With": "fetch" },
    redirect: "error",
  });
  const busy_s = Number(answer.headers.get("Retry-After"));
  if (busy_s) setTimeout(ask, busy_s * 1000, form); // Another request asks the gateway at this moment.
  if (answer.status !== 200) return; // 204: nothing new.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.querySelectorAll("[id][data-fragment]").forEach(swap);
  document.dispatchEvent(new CustomEvent("fragment"));
}

// When it fails, the stored state stays on show; the page says how old it is.
const ask = (form) => refresh(form).catch(() => {});

for (const form of document.querySelectorAll("form[data-refresh]")) {
  ask(form);
  setInterval(() => document.hidden || ask(form), AGAIN_MS);
}
