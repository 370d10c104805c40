/**
 * The script of every page: Tabler, htmx, and the islands that elements ask for by data-* attributes.
 *
 *   data-bpmn-url    a diagram           (diagram.js)
 *   data-form-schema a task's form       (form.js)
 *   data-chart       a chart             (chart.js)
 *   data-drop        a form for files    (drop.js)
 *
 * An island module exports `mount(element)`, which gives back a function that takes it down again.
 */
import "@tabler/core/dist/css/tabler.min.css";
import "./app.css";
import "@tabler/core/dist/js/tabler.esm.min.js";
import htmx from "htmx.org";

import { say } from "./texts.js";

const ISLANDS = {
  "[data-bpmn-url]": () => import("./diagram.js"),
  "[data-form-schema]": () => import("./form.js"),
  "[data-chart]": () => import("./chart.js"),
  "[data-drop]": () => import("./drop.js"),
};

/** For each mounted element, the promise of the function that takes it down. */
const mounted = new WeakMap();

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  // Pages hold names of customers: none of them is copied into the browser's storage.
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    // A form that is sent back with its messages is shown where the answer was expected.
    { code: "422", swap: true },
    // Any other refusal is a whole page that says what happened.
    { code: "[45]..", swap: true, error: true, target: "body", swapOverride: "innerHTML" },
  ],
});

htmx.onLoad((element) => {
  for (const [selector, load] of Object.entries(ISLANDS)) {
    const inside = [...element.querySelectorAll(selector)];
    for (const target of element.matches(selector) ? [element, ...inside] : inside) {
      mount(target, load);
    }
  }
});

document.addEventListener("htmx:beforeCleanupElement", (event) => unmount(event.target));

document.addEventListener("htmx:sendError", () => announce(say("offline")));

/** Show an island once; without the module the element says so in words. */
function mount(element, load) {
  if (mounted.has(element)) return;
  element.setAttribute("aria-busy", "true");
  const taken = load()
    .then((island) => island.mount(element))
    .catch((reason) => {
      explain(element, reason);
      return () => {};
    })
    .finally(() => {
      element.removeAttribute("aria-busy");
      element.dataset.ready = "true";
    });
  mounted.set(element, taken);
}

function unmount(element) {
  const taken = mounted.get(element);
  if (!taken) return;
  mounted.delete(element);
  taken.then((takeDown) => takeDown());
}

function explain(element, reason) {
  const box = document.createElement("div");
  box.className = "alert alert-danger m-3";
  box.setAttribute("role", "alert");
  box.textContent = `${say("cannotShow")} ${reason.message ?? reason}`;
  element.replaceChildren(box);
}

/** A sentence at the bottom of the page, read aloud by screen readers. */
function announce(text) {
  let place = document.getElementById("announcements");
  if (!place) {
    place = document.createElement("div");
    place.id = "announcements";
    place.setAttribute("role", "alert");
    document.body.append(place);
  }
  place.textContent = text;
  clearTimeout(place.timer);
  place.timer = setTimeout(() => place.replaceChildren(), 8000);
}
