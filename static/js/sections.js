// Remembers in this browser which sections a person opened and closed, and opens what the address leads to. A
// details[data-replace] opens the field of a new value: closed again, it sends none.

const key = (section) => `section:${location.pathname}:${section.id}`;

for (const section of document.querySelectorAll("details.section[id]")) {
  const kept = localStorage.getItem(key(section));
  const isNeeded = section.querySelector('[aria-invalid="true"]');
  if (isNeeded || kept) section.open = Boolean(isNeeded) || kept === "open";
}

// Not on toggle, because a page or a script opens sections too. A click on the head comes before the section changes.
// On the document, because a refresh replaces heads.
document.addEventListener("click", ({ target }) => {
  const section = target.closest("details.section[id] > summary")?.parentElement;
  if (section) localStorage.setItem(key(section), section.open ? "closed" : "open");
});

for (const box of document.querySelectorAll("details[data-replace]")) {
  const field = box.querySelector("textarea");
  box.querySelector("summary").addEventListener("click", () => {
    if (!box.open) return setTimeout(() => field.focus());
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function lead() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const isSection = target.matches("details.section");
  target.scrollIntoView({ block: isSection ? "start" : "center" });
  const field = isSection ? target.querySelector(":is(input, select, textarea):enabled") : target;
  field?.focus({ preventScroll: true });
}

window.addEventListener("hashchange", lead);
// The address may lead there already.
document.addEventListener("click", ({ target }) => target.closest("a")?.hash === location.hash && lead());
lead();
