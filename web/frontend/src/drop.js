/**
 * A form for files: what is dropped on it, or chosen in its field, is sent at once.
 *
 *   <form data-drop …><div class="drop-zone"><input type="file" name="files" multiple>
 *     <p data-drop-busy hidden>Checking…</p></div></form>
 *
 * Without this script the form has its button, and works the same.
 */

export async function mount(form) {
  const zone = form.querySelector(".drop-zone");
  const field = form.querySelector('input[type="file"]');
  const busy = form.querySelector("[data-drop-busy]");

  const over = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.add("drop-over");
  };
  const away = () => zone.classList.remove("drop-over");
  const drop = (event) => {
    away();
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    field.files = event.dataTransfer.files;
    send();
  };
  const send = () => {
    if (!field.files.length) return;
    busy.hidden = false;
    form.requestSubmit();
  };
  // Coming back with the browser's own button finds the field as it was, and the form at rest.
  const rest = () => {
    busy.hidden = true;
  };

  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", away);
  zone.addEventListener("drop", drop);
  field.addEventListener("change", send);
  window.addEventListener("pageshow", rest);
  return () => window.removeEventListener("pageshow", rest);
}
