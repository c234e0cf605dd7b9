// Warns in every tab before the session ends, and asks the server for more time where it gives some.

const KEY = "session-ends";
const dialog = document.querySelector("[data-session]");
const form = document.getElementById("stay");
const lead = dialog.dataset.lead * 1000;
// When it ends if nobody does anything, and whatever anybody does.
let ends = 0;
let endsAtLast = 0;
let shown = "";

function tell(seconds, secondsAtLast) {
  ends = Date.now() + seconds * 1000;
  endsAtLast = Date.now() + secondsAtLast * 1000;
  localStorage.setItem(KEY, JSON.stringify([ends, endsAtLast]));
}

function show(state) {
  shown = state;
  for (const part of dialog.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== state;
  dialog.setAttribute("aria-labelledby", `session-${state}`);
  if (!state) dialog.close();
  else if (!dialog.open) dialog.showModal();
}

function check() {
  // The wall clock counts, since timers stop while a computer sleeps.
  const left = ends - Date.now();
  let state = left <= lead ? "warned" : "";
  if (state && ends >= endsAtLast) state = "last";
  if (left <= 0) state = "ended";
  if (state !== shown) show(state);
}

async function stay(event) {
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "error" });
    if (answer.ok) {
      const { in_s, at_last_in_s } = await answer.json();
      tell(in_s, at_last_in_s);
    } else ends = 0;
  } catch {
    ends = Math.min(ends, Date.now()); // Signed out meanwhile, or the server is away.
  }
  check();
}

form.addEventListener("submit", stay);
// After signing in, back to where this is.
dialog.querySelector("a").search = new URLSearchParams({ next: location.pathname + location.search });
window.addEventListener("storage", ({ key, newValue }) => {
  if (key === KEY && newValue) [ends, endsAtLast] = JSON.parse(newValue);
});
tell(Number(form.dataset.endsIn), Number(form.dataset.atLastIn));
setInterval(check, 1000);
