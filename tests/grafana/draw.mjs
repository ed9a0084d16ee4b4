// Draws the panels of all dashboards with what a running Prometheus answers to their queries: one page, for a person to
// look at. Not Grafana: what it shows is that each query has the shape, unit and legend that its panel needs.
//     node draw.mjs http://127.0.0.1:9090 page.html
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [prometheus, page] = process.argv.slice(2);
if (!page) throw new Error("usage: node draw.mjs <address of Prometheus> <page to write>");
const folder = join(import.meta.dirname, "../../examples/deploy/grafana/dashboards");
const minutes = 8;
const step = 15;
const end = Math.floor(Date.now() / 1000);

async function ask(path, parameters) {
  const answer = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  if (!answer.headers.get("content-type")?.includes("json")) throw new Error(`${prometheus}: ${answer.status} ${await answer.text()}`);
  const body = await answer.json();
  if (body.status !== "success") throw new Error(`${parameters.query}: ${body.error}`);
  return body.data.result;
}

async function series(panel) {
  const found = [];
  for (const target of panel.targets) {
    const query = target.expr.replaceAll("$__rate_interval", "1m").replaceAll("$service", ".*").replaceAll("$instance", ".*");
    const result = target.instant ? await ask("query", { query, time: end }) : await ask("query_range", { query, start: end - minutes * 60, end, step });
    for (const one of result) {
      const name = target.legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label) => one.metric[label] ?? "");
      const values = (one.values ?? [one.value]).map(([time, value]) => [time * 1000, Number(value)]);
      found.push({ name, metric: one.metric, values });
    }
  }
  return found;
}

const panels = [];
for (const file of readdirSync(folder).sort()) {
  const dashboard = JSON.parse(readFileSync(join(folder, file), "utf8"));
  panels.push({ type: "heading", title: dashboard.title, description: dashboard.description });
  for (const panel of dashboard.panels.filter((panel) => panel.type !== "row")) {
    const defaults = panel.fieldConfig.defaults;
    panels.push({
      type: panel.type, isWide: panel.gridPos.w === 24, decimals: defaults.decimals, title: panel.title, description: panel.description, unit: defaults.unit, min: defaults.min, max: defaults.max,
      steps: defaults.thresholds?.steps ?? [], states: defaults.mappings?.[0]?.options ?? {}, series: await series(panel),
    });
  }
}
const empty = panels.filter((panel) => panel.type !== "heading" && panel.series.length === 0).map((panel) => panel.title);
if (empty.length > 0) throw new Error(`no data: ${empty.join(", ")}`);

const require = createRequire(import.meta.url);
const library = readFileSync(require.resolve("echarts/dist/echarts.min.js"), "utf8");
const script = readFileSync(join(import.meta.dirname, "page.js"), "utf8");
writeFileSync(page, `<!doctype html><meta charset="utf-8"><title>Panels</title>
<style>body{font:13px sans-serif;margin:12px;display:grid;grid-template-columns:1fr 1fr;gap:12px}h2{grid-column:1/3;margin:8px 0 0}
section{border:1px solid #ccc;padding:6px}section b{display:block}section small{color:#666;white-space:pre-line}.plot{height:230px}td,th{padding:1px 8px;text-align:left}</style>
<script>${library}</script><script>const panels = ${JSON.stringify(panels)};\n${script}</script>`);
// A heading and the panel beside an empty place, and panels with three lines of text above the plot.
const heights = panels.map((panel) => (panel.type === "heading" ? 250 : panel.isWide ? 320 : 160));
console.log(heights.reduce((all, height) => all + height, 0));
