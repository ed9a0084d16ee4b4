// Writes generated/dashboards.ts: every dashboard as a literal of the type that Grafana publishes, so that the compiler
// finds a key that does not exist, a value that no enum has, and options of another panel.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? join(import.meta.dirname, "../../examples/deploy/grafana/dashboards");
const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
if (files.length === 0) throw new Error(`no dashboards in ${folder}`);

// The panels that Grafana has types of; `graph` and other retired ones are not among them.
const types = { timeseries: "TimeSeries", heatmap: "Heatmap", "state-timeline": "StateTimeline", stat: "Stat", bargauge: "BarGauge", table: "Table" };
const imports = Object.entries(types).map(([type, name]) => {
  const path = `@grafana/schema/dist/esm/raw/composable/${type.replace("-", "")}/panelcfg/x/${name}PanelCfg_types.gen`;
  return `import type * as ${name} from ${JSON.stringify(path)};`;
});

let text = `${imports.join("\n")}
import type { DataQuery, Panel, RowPanel } from "@grafana/schema";
import type { Dashboard, VariableModel } from "@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen";

// A type as JSON has it: an enum of texts is its texts, an enum of numbers its numbers.
type Json<T> = T extends string ? \`\${T}\` : T extends number ? number extends T ? number : \`\${T}\` extends \`\${infer N extends number}\` ? N : never
  : T extends readonly (infer U)[] ? Json<U>[] : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
// What every query of Prometheus has, beyond what every query has.
type Query = DataQuery & { expr: string; legendFormat: string; format?: "heatmap" | "table"; instant?: boolean; datasource: { type: "prometheus"; uid: string } };
type Drawn<Type extends string, Options, Custom = {}> = Json<Omit<Panel, "type" | "options" | "fieldConfig" | "targets">> & {
  type: Type; targets: Json<Query>[]; options: Json<Partial<Options>>;
  fieldConfig: Json<Omit<NonNullable<Panel["fieldConfig"]>, "defaults">> & { defaults: Json<Omit<NonNullable<Panel["fieldConfig"]>["defaults"], "custom">> & { custom?: Json<Partial<Custom>> } };
};
type AnyPanel =
  | Drawn<"timeseries", TimeSeries.Options, TimeSeries.FieldConfig>
  | Drawn<"heatmap", Heatmap.Options, Heatmap.FieldConfig>
  | Drawn<"state-timeline", StateTimeline.Options, StateTimeline.FieldConfig>
  | Drawn<"stat", Stat.Options>
  | Drawn<"bargauge", BarGauge.Options>
  | Drawn<"table", Table.Options>
  | Json<RowPanel>;
type Generated = Json<Omit<Dashboard, "panels" | "templating">> & { schemaVersion: 42; panels: AnyPanel[]; templating: { list: Json<VariableModel>[] } };

`;
for (const [at, file] of files.entries()) {
  const dashboard = JSON.parse(readFileSync(join(folder, file), "utf8"));
  for (const panel of dashboard.panels) {
    if (panel.type !== "row" && !(panel.type in types)) throw new Error(`${file}: panel type ${panel.type}`);
  }
  text += `// ${file}\nexport const dashboard${at}: Generated = ${JSON.stringify(dashboard, null, 1)};\n`;
}
mkdirSync(join(import.meta.dirname, "generated"), { recursive: true });
writeFileSync(join(import.meta.dirname, "generated/dashboards.ts"), text);
console.log(`${files.length} dashboards`);
