/**
 * A chart whose ECharts option the server writes as JSON.
 *
 *   <div class="chart" data-chart data-label="Close rate by week">
 *     <script type="application/json">{…}</script>
 *   </div>
 */
import { BarChart, BoxplotChart, FunnelChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import langIT from "echarts/lib/i18n/langIT.js";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

import { readJson } from "./json.js";
import { language } from "./texts.js";

echarts.use([
  BarChart,
  BoxplotChart,
  FunnelChart,
  HeatmapChart,
  LineChart,
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LabelLayout,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  SVGRenderer,
]);
echarts.registerLocale("IT", langIT);

const INK = "#3d4653";
const FAINT = "#e3e6ea";

const THEME = {
  color: ["#4c6fdc", "#b3d335", "#4f5273", "#ff974d", "#16a5df", "#d6455d", "#7d5fc4"],
  textStyle: { color: INK, fontFamily: "inherit" },
  categoryAxis: axis(),
  valueAxis: axis(),
  timeAxis: axis(),
  line: { symbolSize: 6, lineStyle: { width: 2 } },
};

export async function mount(element) {
  const option = readJson(element, "chart");
  const chart = echarts.init(element, THEME, { renderer: "svg", locale: language().toUpperCase() });
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.setAttribute("role", "img");
  chart.on("rendered", () => describe(element));
  chart.setOption({
    ...option,
    animation: calm ? false : (option.animation ?? true),
    aria: { enabled: true, ...option.aria },
  });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);
  return () => {
    observer.disconnect();
    chart.dispose();
  };
}

/** ECharts puts the figures into words each time it draws; the label given by the page comes first. */
function describe(element) {
  const { label } = element.dataset;
  const words = element.getAttribute("aria-label") ?? "";
  if (label && !words.startsWith(label)) element.setAttribute("aria-label", `${label}. ${words}`.trim());
}

function axis() {
  return {
    axisLabel: { color: INK },
    axisLine: { lineStyle: { color: "#9aa3af" } },
    splitLine: { lineStyle: { color: FAINT } },
  };
}
