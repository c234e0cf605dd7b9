// Asks the device for a passkey when a form[data-passkey] is sent: an existing one ("get") or a new one ("create"). What
// it has to sign is in data-options, or else the address of the form answers it. Until this runs the form is hidden: sent
// without a passkey it could only be refused.

// Passkeys belong to a host name, and the browser refuses an address of numbers.
const hasName = !/^[\d.]+$|^\[/.test(location.hostname);
const { PublicKeyCredential } = window;
const isPossible = hasName && PublicKeyCredential?.parseRequestOptionsFromJSON && PublicKeyCredential.parseCreationOptionsFromJSON;

async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
  const body = new URLSearchParams({ csrfmiddlewaretoken: form.csrfmiddlewaretoken.value });
  const answer = await fetch(form.action, { method: "POST", body, redirect: "error" });
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()).publicKey;
}

async function ask(form) {
  const options = await optionsOf(form);
  const isNew = form.dataset.passkey === "create";
  const publicKey = isNew
    ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
    : PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials[isNew ? "create" : "get"]({ publicKey });
  form.elements.credential.value = JSON.stringify(credential);
}

function serve(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  let isAsking = false;
  document.querySelector("[data-passkey-none]")?.remove();
  form.hidden = false;
  form.querySelector("[autofocus]")?.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    failed.hidden = true;
    try {
      await ask(form);
      form.submit();
    } catch {
      // The person cancelled, the time is up, or the device has none.
      failed.hidden = false;
    }
    isAsking = false;
  });
}

if (isPossible) document.querySelectorAll("[data-passkey]").forEach(serve);
