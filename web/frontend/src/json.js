/** Reads the JSON that a page hands to an island. */

/**
 * The JSON of a data-* attribute: written in it, in the script element that it names
 * (`data-chart="#funnel"`), or, where the attribute is empty, in the script inside the element.
 */
export function readJson(element, attribute, otherwise = undefined) {
  const given = element.dataset[attribute];
  if (given === undefined) return otherwise;
  if (given !== "" && !given.startsWith("#")) return JSON.parse(given);
  const script = given
    ? document.getElementById(given.slice(1))
    : element.querySelector('script[type="application/json"]');
  return script ? JSON.parse(script.textContent) : otherwise;
}
