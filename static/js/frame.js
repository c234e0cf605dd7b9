// Menus are popovers. This adds the arrow keys, says which menu is open and gives the focus back. What an open menu shows
// counts as seen. The action bar shows the title when stuck.

const STEPS = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 };

const inside = (menu) => [...menu.querySelectorAll("a, button")].filter((item) => item.checkVisibility());

function move(event, items) {
  const at = items.indexOf(document.activeElement);
  let next = at + STEPS[event.key];
  if (event.key === "Home") next = 0;
  if (event.key === "End") next = items.length - 1;
  if (at < 0 || Number.isNaN(next)) return;
  event.preventDefault();
  items[(next + items.length) % items.length].focus();
}

function enter(event, menu) {
  if (!menu.matches(":popover-open") || !["ArrowRight", "ArrowDown"].includes(event.key)) return false;
  event.preventDefault();
  menu.querySelector("a, form button")?.focus();
  return true;
}

async function see(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Requested-With": "fetch" },
    redirect: "error",
  });
  if (answer.ok) document.querySelectorAll("[data-unseen]").forEach((mark) => mark.remove());
}

function wire(button) {
  const menu = document.getElementById(button.getAttribute("popovertarget"));
  if (!menu || button.getAttribute("popovertargetaction") === "hide") return;
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", menu.id);
  menu.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    const unseen = newState === "open" && menu.querySelector("form[data-unseen]");
    if (unseen) see(unseen).catch(() => {}); // The counter stays; the form still works.
    // A click on nothing leaves the focus on the page's body or main part.
    const isLost = document.activeElement.matches("body, main") || menu.contains(document.activeElement);
    if (newState === "closed" && isLost) button.focus({ preventScroll: true });
  });
  button.addEventListener("keydown", (event) => {
    if (enter(event, menu)) event.stopPropagation();
  });
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (menu.id === "sidebar") move(event, inside(menu).filter((item) => !item.closest(".flyout")));
    else move(event, inside(menu).filter((item) => !item.matches(".flyout-close")));
  });
}

function watch(mark) {
  const bar = mark.nextElementSibling;
  bar.querySelector(".actionbar-title").textContent = document.querySelector(".page-title").textContent.trim();
  new IntersectionObserver(([entry]) => {
    bar.classList.toggle("is-stuck", !entry.isIntersecting && entry.boundingClientRect.top < 0);
  }).observe(mark);
}

// As in the model, a slash leads to the search.
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable], dialog");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
  const field = [...document.querySelectorAll("[data-search]")].find((input) => input.checkVisibility());
  if (!field) return;
  event.preventDefault();
  field.select();
});

document.querySelectorAll("[popovertarget]").forEach(wire);
document.querySelectorAll("[data-stick]").forEach(watch);
