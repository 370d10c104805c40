/**
 * A BPMN diagram to look at.
 *
 *   <div data-bpmn-url="/…/offer.bpmn" data-label="Offer"
 *        data-marks='{"Task_1": {"class": "current", "badge": "3 · 1.2 d"}}'></div>
 *
 * `class` is one or more of current, done, stalled, incident, heat-0 … heat-4, found-error …; `badge` is a
 * short text under the element; data-zoom="off" leaves the buttons out. `finding` puts a sign at the
 * element that leads to a line of the page: {"sign": "!", "severity", "text", "target": "finding-3"}. The
 * other way round, a button with data-shows="Task_1" data-diagram="<id of this element>" shows the element.
 */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import { readJson } from "./json.js";
import { language, say } from "./texts.js";

const PADDING = 24;
const WATERMARK = 44; // Kept free below the drawing, so that nothing lies under bpmn.io's mark.
const READABLE = 0.6; // Below this scale names cannot be read: better to show only a part.

export async function mount(element) {
  const xml = await load(element.dataset.bpmnUrl);
  const marks = readJson(element, "marks", {});
  const viewer = new NavigatedViewer({ container: element, zoomScroll: { enabled: false } });
  try {
    await viewer.importXML(xml);
  } catch (reason) {
    viewer.destroy();
    throw new Error(say("badDiagram", { reason: reason.message }));
  }
  name(element, viewer);
  mark(viewer, marks);
  const refit = () => fit(element, viewer, marks);
  refit();
  if (element.dataset.zoom !== "off") element.append(buttons(viewer, refit));

  const answer = showing(element, viewer);

  let width = element.clientWidth;
  const observer = new ResizeObserver(() => {
    if (element.clientWidth === width || element.clientWidth === 0) return;
    width = element.clientWidth;
    refit();
  });
  observer.observe(element);
  const wheel = (event) => zoomByWheel(event, viewer);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    observer.disconnect();
    document.removeEventListener("click", answer);
    element.removeEventListener("wheel", wheel);
    viewer.destroy();
    element.replaceChildren();
  };
}

async function load(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(say("noDiagram", { status: answer.status }));
  return answer.text();
}

/** Names for those who do not see the drawing. */
function name(element, viewer) {
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", element.dataset.label || say("diagram"));
  const svg = viewer.get("canvas").getContainer().querySelector("svg");
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", say("canvas"));
  svg.setAttribute("lang", language());
}

function mark(viewer, marks) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  for (const [id, wish] of Object.entries(marks)) {
    const shape = registry.get(id);
    if (!shape) continue;
    for (const kind of (wish.class ?? "").split(/\s+/).filter(Boolean)) {
      canvas.addMarker(id, `mark-${kind}`);
    }
    if (wish.finding) {
      const position = shape.waypoints ? { top: -10, left: -10 } : { top: -11, right: 11 };
      overlays.add(id, "finding", { position, html: sign(wish.finding) });
    }
    if (wish.badge) overlays.add(id, "badge", { position: { bottom: 7, left: -4 }, html: badge(wish) });
  }
}

/** The sign of a finding: for the mouse only, since the list beside the diagram says and does the same. */
function sign(finding) {
  const made = document.createElement("button");
  made.type = "button";
  made.tabIndex = -1;
  made.className = `diagram-sign ${finding.severity}`;
  made.title = finding.text;
  made.setAttribute("aria-label", finding.text);
  made.textContent = finding.sign;
  made.addEventListener("click", () => {
    const line = document.getElementById(finding.target);
    line?.closest("details")?.setAttribute("open", "");
    line?.scrollIntoView({ block: "center" });
    line?.focus({ preventScroll: true });
  });
  return made;
}

/** Let the buttons of the page that show an element of this diagram work; others of them stay hidden. */
function showing(element, viewer) {
  const registry = viewer.get("elementRegistry");
  const canvas = viewer.get("canvas");
  for (const button of document.querySelectorAll(`[data-diagram="${element.id}"][data-shows]`)) {
    const shape = registry.get(button.dataset.shows);
    button.hidden = !shape || !shape.parent;
  }
  let shown;
  const answer = (event) => {
    const button = event.target.closest?.("[data-shows]");
    if (!button || !element.id || button.dataset.diagram !== element.id) return;
    const shape = registry.get(button.dataset.shows);
    if (!shape) return;
    if (shown) canvas.removeMarker(shown, "mark-shown");
    shown = shape.id;
    const root = canvas.findRoot(shape);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    centre(canvas, shape);
    canvas.addMarker(shape, "mark-shown");
    const box = element.getBoundingClientRect();
    if (box.top < 0 || box.bottom > window.innerHeight) element.scrollIntoView({ block: "center" });
  };
  document.addEventListener("click", answer);
  return answer;
}

function centre(canvas, shape) {
  const { width, height } = canvas.viewbox();
  const points = shape.waypoints;
  const middle = points
    ? points[Math.floor(points.length / 2)]
    : { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 };
  canvas.viewbox({ x: middle.x - width / 2, y: middle.y - height / 2, width, height });
}

function badge(wish) {
  const label = document.createElement("div");
  label.className = `diagram-badge ${wish.class ?? ""}`;
  label.textContent = wish.badge;
  return label;
}

/**
 * Show the whole drawing in a height that suits it; where it would become too small to read (on a
 * phone), show the part around the first marked element, and let the reader move it.
 */
function fit(element, viewer, marks) {
  const canvas = viewer.get("canvas");
  canvas.resized(); // What was measured while the element was hidden (in a tab) no longer counts.
  const { inner } = canvas.viewbox();
  const width = element.clientWidth;
  if (!width || !inner.width) return;
  const whole = Math.min(1, (width - 2 * PADDING) / inner.width);
  const scale = Math.max(whole, READABLE);
  const most = Math.max(320, window.innerHeight * 0.75);
  const height = Math.min(most, Math.max(180, inner.height * scale + PADDING + WATERMARK));
  element.style.height = `${Math.round(height)}px`;
  canvas.resized();

  const used = Math.max(READABLE, Math.min(scale, (height - PADDING - WATERMARK) / inner.height));
  const seen = { width: width / used, height: height / used };
  const focus = focusOf(viewer, marks);
  const x = along(inner.x, inner.width, seen.width, PADDING / used, PADDING / used, focus?.x);
  const y = along(inner.y, inner.height, seen.height, PADDING / used, WATERMARK / used, focus?.y);
  canvas.viewbox({ x, y, ...seen });
}

/** Where the view starts on one axis: centred if all fits, else around the focus, else at the start. */
function along(start, length, seen, before, after, focus) {
  const room = seen - before - after;
  if (length <= room + 1) return start - before - (room - length) / 2;
  const first = start - before;
  const last = start + length + after - seen;
  return focus === undefined ? first : Math.min(last, Math.max(first, focus - seen / 2));
}

function focusOf(viewer, marks) {
  const registry = viewer.get("elementRegistry");
  for (const wanted of ["incident", "stalled", "current", "found-error", "found-question"]) {
    for (const [id, wish] of Object.entries(marks)) {
      const shape = registry.get(id);
      if (shape?.width && (wish.class ?? "").split(/\s+/).includes(wanted)) {
        return { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 };
      }
    }
  }
  return undefined;
}

/** The wheel scrolls the page; with Ctrl (or a pinch on a touch pad) it zooms the drawing. */
function zoomByWheel(event, viewer) {
  if (!event.ctrlKey) return;
  event.preventDefault();
  const box = event.currentTarget.getBoundingClientRect();
  const canvas = viewer.get("canvas");
  const wanted = canvas.zoom() * Math.exp(-event.deltaY / 300);
  canvas.zoom(Math.min(4, Math.max(0.2, wanted)), {
    x: event.clientX - box.left,
    y: event.clientY - box.top,
  });
}

function buttons(viewer, refit) {
  const group = document.createElement("div");
  group.className = "diagram-zoom btn-group";
  group.setAttribute("role", "group");
  const step = (by) => () => viewer.get("zoomScroll").stepZoom(by);
  group.append(
    button("zoomOut", "−", step(-1)),
    button("wholeDiagram", "⤢", refit),
    button("zoomIn", "+", step(1)),
  );
  return group;
}

function button(text, sign, work) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-icon btn-sm";
  made.title = say(text);
  made.setAttribute("aria-label", say(text));
  made.textContent = sign;
  made.addEventListener("click", work);
  return made;
}
