// The button in [data-shows-passwords] shows the passwords of its form, and hides them again, at the latest when they are
// sent.

for (const row of document.querySelectorAll("[data-shows-passwords]")) {
  const button = row.querySelector("button");
  const fields = [...button.form.elements].filter(({ type }) => type === "password");
  const label = button.textContent;
  const show = (isShown) => {
    for (const field of fields) {
      field.type = isShown ? "text" : "password";
      // A browser may ask another host about the spelling of a text.
      field.spellcheck = false;
    }
    button.textContent = isShown ? row.dataset.showsPasswords : label;
  };
  button.addEventListener("click", () => show(fields[0].type === "password"));
  button.form.addEventListener("submit", () => show(false));
  row.hidden = false;
}
