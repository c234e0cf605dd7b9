// Saves the value of the element that data-download names as the file data-filename. Nothing is sent anywhere.

function save(button) {
  const source = document.getElementById(button.dataset.download);
  if (!source) return;
  const address = URL.createObjectURL(new Blob([source.value ?? source.textContent], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = button.dataset.filename || "file.txt";
  link.click();
  URL.revokeObjectURL(address);
  button.dispatchEvent(new CustomEvent("kept", { bubbles: true }));
}

function wake() {
  document.querySelectorAll("[data-download][hidden]").forEach((button) => (button.hidden = false));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-download]");
  if (button) save(button);
});
document.addEventListener("fragment", wake);
wake();
