// Says below a private key field what was pasted, before it is saved: the server reads it and keeps nothing.

const PAUSE_MS = 400;
const LONGEST_API_KEY = 40; // In the other field, only what is longer can hold a private key.

function watch(status) {
  const { form } = document.getElementById(`${status.dataset.environment}_private_key`);
  const [apiKey, privateKey] = ["api_key", "private_key"].map((half) => form[`${status.dataset.environment}_${half}`]);
  let pause;
  let request;

  function show(partial) {
    const { body } = new DOMParser().parseFromString(partial.trim(), "text/html");
    status.replaceChildren(...document.importNode(body, true).childNodes);
  }

  async function ask() {
    request = new AbortController();
    const { signal } = request;
    const answer = await fetch(status.dataset.checkKey, {
      method: "POST",
      body: new URLSearchParams({
        csrfmiddlewaretoken: form.csrfmiddlewaretoken.value,
        environment: status.dataset.environment,
        api_key: apiKey.value,
        private_key: privateKey.value,
      }),
      headers: { "X-Requested-With": "fetch" },
      redirect: "error",
      signal,
    });
    const partial = answer.ok ? await answer.text() : "";
    if (!signal.aborted) show(partial);
  }

  function change() {
    clearTimeout(pause);
    request?.abort();
    show(""); // The last answer is about the text before.
    if (!privateKey.value.trim() && apiKey.value.trim().length <= LONGEST_API_KEY) return;
    pause = setTimeout(() => ask().catch(() => {}), PAUSE_MS); // Without an answer, saving says it.
  }

  for (const field of [apiKey, privateKey]) field.addEventListener("input", change);
  // The first paste is what loads this script, so it is already in the field.
  if (privateKey.value || apiKey.value !== apiKey.defaultValue) change();
}

document.querySelectorAll("[data-check-key]").forEach(watch);
