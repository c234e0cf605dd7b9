// Warns in every tab before the session ends, and asks the server for more time.

const KEY = "session-ends";
const dialog = document.querySelector("[data-session]");
const form = document.getElementById("stay");
const lead = dialog.dataset.lead * 1000;
let ends = 0;
let shown = "";

function tell(seconds) {
  ends = Date.now() + seconds * 1000;
  localStorage.setItem(KEY, ends);
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
  if (left <= 0) state = "ended";
  if (state !== shown) show(state);
}

async function stay(event) {
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "error" });
    if (answer.ok) tell(Number(dialog.dataset.lasts));
    else ends = 0;
  } catch {
    ends = Math.min(ends, Date.now()); // Signed out meanwhile, or the server is away.
  }
  check();
}

form.addEventListener("submit", stay);
// After signing in, back to where this is.
dialog.querySelector("a").search = new URLSearchParams({ next: location.pathname + location.search });
window.addEventListener("storage", ({ key, newValue }) => {
  if (key === KEY && newValue) ends = Number(newValue);
});
tell(Number(form.dataset.endsIn));
setInterval(check, 1000);
