// Remembers in this browser which sections are open, and opens the one that the address leads to.

const key = (section) => `section:${location.pathname}:${section.id}`;
const sections = document.querySelectorAll("details.section[id]");

for (const section of sections) {
  const kept = localStorage.getItem(key(section));
  const isNeeded = section.querySelector('[aria-invalid="true"]');
  if (isNeeded || kept) section.open = Boolean(isNeeded) || kept === "open";
  section.addEventListener("toggle", () => localStorage.setItem(key(section), section.open ? "open" : "closed"));
}

function lead() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const section = target.closest("details.section");
  if (section) section.open = true;
  target.scrollIntoView({ block: section === target ? "start" : "center" });
  const field = section === target ? target.querySelector(":is(input, select, textarea):enabled") : target;
  field?.focus({ preventScroll: true });
}

window.addEventListener("hashchange", lead);
lead();
