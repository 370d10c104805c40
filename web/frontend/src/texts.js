/** What the islands themselves say, in Italian and English; everything else comes from the server. */

const TEXTS = {
  en: {
    cannotShow: "This part of the page cannot be shown:",
    offline: "The server does not answer. Nothing was lost; try again in a moment.",
    diagram: "Diagram",
    canvas: "Drawing: arrow keys move it",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    wholeDiagram: "Show the whole diagram",
    noDiagram: "the diagram could not be loaded ({status}).",
    badDiagram: "the diagram cannot be drawn ({reason}).",
  },
  it: {
    cannotShow: "Questa parte della pagina non può essere mostrata:",
    offline: "Il server non risponde. Nulla è andato perso; riprova tra un momento.",
    diagram: "Diagramma",
    canvas: "Disegno: le frecce lo spostano",
    zoomIn: "Ingrandisci",
    zoomOut: "Rimpicciolisci",
    wholeDiagram: "Mostra tutto il diagramma",
    noDiagram: "il diagramma non può essere caricato ({status}).",
    badDiagram: "il diagramma non può essere disegnato ({reason}).",
  },
};

/** form-js' own sentences; English ones stay as they are. */
export const FORM_TEXTS = {
  it: {
    "Field is required.": "Il campo è obbligatorio.",
    "Field must be a valid email.": "Scrivi un indirizzo e-mail valido.",
    "Field must be a valid international phone number. (e.g. +4930664040900)":
      "Scrivi un numero di telefono internazionale valido (per esempio +390612345678).",
    "Field must have maximum length of {value}.": "Al massimo {value} caratteri.",
    "Field must have minimum length of {value}.": "Almeno {value} caratteri.",
    "Field must have maximum value of {value}.": "Il valore può essere al massimo {value}.",
    "Field must have minimum value of {value}.": "Il valore deve essere almeno {value}.",
    "Field must match pattern {value}.": "Il testo deve avere la forma {value}.",
    "Value is not a number.": "Scrivi un numero.",
    "Value is expected to be an integer.": "Scrivi un numero intero.",
    "Value is expected to have at most 1 decimal digit.": "Al massimo una cifra decimale.",
    "Value is expected to have at most {value} decimal digits.": "Al massimo {value} cifre decimali.",
    "Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}.":
      "Il valore non è ammesso; i più vicini sono {previousValue} e {nextValue}.",
    "Max validation value is not a valid number.": "Il massimo previsto non è un numero.",
    "Min validation value is not a valid number.": "Il minimo previsto non è un numero.",
    "Date and time must both be entered.": "Servono sia la data sia l'ora.",
    "All values selected": "Tutti i valori sono scelti",
    "No results": "Nessun risultato",
    "Nothing to show.": "Niente da mostrare.",
    "No content to show.": "Niente da mostrare.",
    "No files selected": "Nessun file scelto",
    "{value} files selected": "{value} file scelti",
    "{page} of {total}": "{page} di {total}",
    "Add new": "Aggiungi",
    "Collapse": "Riduci",
    "Decrement": "Diminuisci",
    "Expand all ({value})": "Mostra tutti ({value})",
    "Increment": "Aumenta",
    "Next page": "Pagina seguente",
    "Previous page": "Pagina precedente",
    "Remove tag": "Togli l'etichetta",
    "Search": "Cerca",
    "Skip to search": "Vai alla ricerca",
    "Click to remove sorting": "Togli l'ordinamento",
    "Click to sort by {value} ascending": "Ordina per {value} crescente",
    "Click to sort by {value} descending": "Ordina per {value} decrescente",
  },
};

/** The language of the page, as its <html lang> says. */
export function language() {
  const given = document.documentElement.lang.slice(0, 2).toLowerCase();
  return given in TEXTS ? given : "en";
}

/** The sentence of that name in the page's language. */
export function say(name, values = {}) {
  return fill(TEXTS[language()][name], values);
}

export function fill(template, values = {}) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
