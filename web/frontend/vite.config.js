/** Builds the pages' scripts and styles into web/static/built, with a manifest for web/assets.py. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig } from "vite";

const require = createRequire(import.meta.url);

export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [iconSprite(), testingTools()],
  build: {
    outDir: "../static/built",
    emptyOutDir: true,
    manifest: true,
    // The licences of all that is bundled travel with it.
    license: { fileName: "licences.md" },
    target: "es2022",
    assetsInlineLimit: 0,
    // ECharts and bpmn-js are large, and loaded only by the pages that show a chart or a diagram.
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      input: { app: "src/app.js" },
      // htmx holds an eval for attributes that we switch off (allowEval in app.js).
      checks: { eval: false },
    },
  },
});

/** The icons of icons.json as one file of symbols: `icons.svg` in the manifest. */
function iconSprite() {
  return {
    name: "percorso-icon-sprite",
    generateBundle() {
      const names = JSON.parse(readFileSync("icons.json", "utf-8"));
      const symbols = names.map((name) => {
        const drawing = readFileSync(require.resolve(`@tabler/icons/outline/${name}.svg`), "utf-8");
        const shapes = drawing
          .slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.lastIndexOf("</svg>"))
          .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
          .replace(/\s*\n\s*/g, "");
        return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
      });
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
      });
    },
  };
}

/** What only the browser tests use: kept apart, so that the wheel leaves it out. */
function testingTools() {
  return {
    name: "percorso-testing-tools",
    generateBundle() {
      this.emitFile({
        type: "asset",
        fileName: "testing/axe.min.js",
        source: readFileSync(require.resolve("axe-core/axe.min.js")),
      });
    },
  };
}
