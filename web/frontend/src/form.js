/**
 * A task's form, drawn by form-js inside the page's own <form>.
 *
 *   <form method="post" …>
 *     <div data-form-schema="#schema" data-form-data='{"lead.need": "…"}'
 *          data-form-errors='{"outcome": "Please choose."}' data-label="First call"></div>
 *     <button type="submit">Complete</button>
 *   </form>
 *
 * What was filled in is posted as JSON in the field `answers`, with flat keys (`lead.need`). A button
 * with `formnovalidate` posts it unchecked; data-form-readonly shows the form without letting it change.
 */
import "@bpmn-io/form-js-viewer/dist/assets/form-js.css";
import { Form } from "@bpmn-io/form-js-viewer";
import flatpickr from "flatpickr";
import { Italian } from "flatpickr/dist/esm/l10n/it.js";

import { readJson } from "./json.js";
import { FORM_TEXTS, fill, language } from "./texts.js";

export async function mount(element) {
  const schema = readJson(element, "formSchema");
  const data = readJson(element, "formData", {});
  const messages = readJson(element, "formErrors", {});
  if (language() === "it") flatpickr.localize(Italian);

  const form = new Form({
    container: element,
    additionalModules: [{ translate: ["value", translate] }],
    properties: {
      readOnly: "formReadonly" in element.dataset,
      ariaLabel: element.dataset.label,
    },
  });
  await form.importSchema(schema, nested(data));
  keepMessages(form, messages);

  const takeDown = connect(element, form);
  return () => {
    takeDown();
    form.destroy();
  };
}

function translate(template, values = {}) {
  return fill(FORM_TEXTS[language()]?.[template] ?? template, values);
}

/** Tie form-js to the <form> around it: check first, then post the answers with it. */
function connect(element, form) {
  const outer = element.closest("form");
  if (!outer) return () => {};
  const check = (event) => {
    if (event.target !== outer) return;
    answersOf(outer).value = JSON.stringify(flat(form._getSubmitData()));
    if (event.submitter?.formNoValidate) return;
    if (Object.keys(form.validate()).length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    requestAnimationFrame(() => focusOnMessage(element));
  };
  // form-js draws a <form> of its own; what it submits is submitted by the page's form instead.
  const forward = (event) => {
    event.preventDefault();
    event.stopPropagation();
    outer.requestSubmit();
  };
  // Capturing, so that the check comes before htmx sends anything.
  outer.addEventListener("submit", check, { capture: true });
  element.addEventListener("submit", forward);
  return () => {
    outer.removeEventListener("submit", check, { capture: true });
    element.removeEventListener("submit", forward);
  };
}

function answersOf(outer) {
  const existing = outer.querySelector(':scope > input[name="answers"]');
  if (existing) return existing;
  const made = document.createElement("input");
  made.type = "hidden";
  made.name = "answers";
  outer.append(made);
  return made;
}

/**
 * The server's messages at their fields, until a field is edited. form-js checks fields by itself (when
 * it has drawn them, when one is left), and would wipe out what it has not found: so they are put back.
 */
function keepMessages(form, messages) {
  const pending = {};
  for (const field of form.get("formFieldRegistry").getAll()) {
    const path = form.get("pathRegistry").getValuePath(field);
    const message = messages[field.key] ?? messages[path?.join(".")];
    if (field.key && message) pending[field.id] = [message].flat();
  }
  const show = () => {
    const { errors } = form._getState();
    if (Object.keys(pending).some((id) => errors[id] === undefined)) {
      form._setState({ errors: { ...pending, ...errors } });
    }
  };
  form.on("field.updated", ({ fieldInstance }) => delete pending[fieldInstance.id]);
  form.on("changed", show);
  show();
}

function focusOnMessage(element) {
  const field = element.querySelector(".fjs-has-errors");
  const input = field?.querySelector("input, select, textarea, button, [tabindex]");
  (input ?? field)?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: "center" });
}

/** `{"lead.need": 1}` → `{"lead": {"need": 1}}`, the way form-js keeps its data. */
function nested(data) {
  const result = {};
  for (const [key, value] of Object.entries(data)) {
    const path = key.split(".");
    const last = path.pop();
    let place = result;
    for (const part of path) place = place[part] ??= {};
    if (isPlain(value)) place[last] = Object.assign(place[last] ?? {}, nested(value));
    else place[last] = value;
  }
  return result;
}

/** `{"lead": {"need": 1}}` → `{"lead.need": 1}`, the way the server names its fields. */
function flat(data, prefix = "") {
  const result = {};
  for (const [key, value] of Object.entries(data)) {
    if (isPlain(value)) Object.assign(result, flat(value, `${prefix}${key}.`));
    else result[prefix + key] = value;
  }
  return result;
}

function isPlain(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
