// Fetches the modules that a page names in its head, each only where an element needs it. One with data-when waits for
// that event.

// The policy of the pages lets no text become HTML or a script, except here: what this server sends becomes a document of
// its own, in which no script runs.
const createHTML = (text, _, sink) => (sink.startsWith("DOMParser") ? text : null);
window.trustedTypes?.createPolicy("default", { createHTML });

const names = document.querySelectorAll('meta[name="module"]');

function load() {
  for (const { content, dataset } of names) {
    if (!document.querySelector(dataset.for)) continue;
    if (dataset.when) document.addEventListener(dataset.when, () => import(content), { once: true });
    else import(content);
  }
}

load();
// A refreshed fragment may bring the first element of its kind.
document.addEventListener("fragment", load);
