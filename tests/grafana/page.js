// Runs in the page that draw.mjs writes: one plot for each panel.
const units = {
  s: (value) => (value >= 1 || value === 0 ? `${+value.toFixed(2)} s` : value >= 1e-3 ? `${+(value * 1e3).toFixed(2)} ms` : `${+(value * 1e6).toFixed(1)} µs`),
  bytes: (value) => { const at = Math.min(4, Math.max(0, Math.floor(Math.log2(Math.abs(value) || 1) / 10))); return `${+(value / 1024 ** at).toFixed(1)} ${["B", "KiB", "MiB", "GiB", "TiB"][at]}`; },
  percentunit: (value) => `${+(value * 100).toFixed(2)} %`,
  reqps: (value) => `${+value.toFixed(2)} req/s`,
  cps: (value) => `${+value.toFixed(2)} c/s`,
  Bps: (value) => `${units.bytes(value)}/s`,
  dateTimeFromNow: (value) => `${Math.round((Date.now() - value) / 60000)} minutes ago`,
  short: (value) => `${+value.toFixed(3)}`,
  "suffix: s/s": (value) => `${+value.toFixed(4)} s/s`,
};
const colours = { green: "#3a9d4d", orange: "#e08a1e", red: "#d44a3a" };
const palette = ["#5470c6", "#91cc75", "#ee6666", "#fac858", "#73c0de"];

window.addEventListener("load", () => {
  for (const panel of panels) {
    if (panel.type === "heading") {
      document.body.insertAdjacentHTML("beforeend", `<h2></h2>`);
      document.body.lastElementChild.textContent = `${panel.title}: ${panel.description || "(no text)"}`;
      continue;
    }
    const section = document.body.appendChild(document.createElement("section"));
    if (panel.isWide) section.style.gridColumn = "1 / 3";
    section.appendChild(document.createElement("b")).textContent = `${panel.title} (${panel.type})`;
    section.appendChild(document.createElement("small")).textContent = panel.description;
    const plot = section.appendChild(document.createElement("div"));
    plot.className = "plot";
    draw[panel.type](panel, plot);
  }
  document.title = "drawn";
});

function chart(plot, option) {
  echarts.init(plot, null, { renderer: "canvas" }).setOption({ animation: false, ...option });
}

const draw = {
  timeseries(panel, plot) {
    const lines = panel.steps.filter((step) => step.value !== null).map((step) => ({ yAxis: step.value, label: { formatter: ({ value }) => units[panel.unit](value), position: "insideEndTop" }, lineStyle: { color: colours[step.color], type: "dashed" } }));
    chart(plot, {
      grid: { left: 70, right: 16, top: 12, bottom: 58 },
      legend: { type: "scroll", bottom: 0 },
      xAxis: { type: "time" },
      yAxis: { type: "value", min: panel.min, max: panel.max, minInterval: panel.decimals === 0 ? 1 : 0, axisLabel: { formatter: units[panel.unit] } },
      series: panel.series.map((one, at) => ({ type: "line", name: one.name, showSymbol: false, data: one.values, ...(at === 0 ? { markLine: { symbol: "none", data: lines } } : {}) })),
    });
  },
  heatmap(panel, plot) {
    const bounds = panel.series.map((one) => one).sort((a, b) => Number(a.metric.le.replace("+Inf", "Infinity")) - Number(b.metric.le.replace("+Inf", "Infinity")));
    const times = [...new Set(bounds.flatMap((one) => one.values.map(([time]) => time)))].sort();
    const cells = [];
    bounds.forEach((one, row) => {
      const below = new Map(row > 0 ? bounds[row - 1].values : []);
      // Buckets are cumulative.
      for (const [time, value] of one.values) cells.push([times.indexOf(time), row, Math.max(0, value - (below.get(time) ?? 0))]);
    });
    chart(plot, {
      grid: { left: 70, right: 70, top: 12, bottom: 30 },
      xAxis: { type: "category", data: times.map((time) => new Date(time).toISOString().slice(11, 19)) },
      yAxis: { type: "category", data: bounds.map((one) => (one.metric.le === "+Inf" ? "more" : units[panel.unit](Number(one.metric.le)))) },
      visualMap: { min: 0, max: Math.max(...cells.map((cell) => cell[2]), 1e-9), right: 0, top: "middle", inRange: { color: ["#fff8f0", "#fdae6b", "#a63603"] }, precision: 2 },
      series: [{ type: "heatmap", data: cells }],
    });
  },
  "state-timeline"(panel, plot) {
    const name = (value) => panel.states[value]?.text ?? String(value);
    const spans = panel.series.flatMap((one, row) => one.values.map(([time, value], at) => [row, time, one.values[at + 1]?.[0] ?? time, value]));
    chart(plot, {
      grid: { left: 160, right: 16, top: 12, bottom: 30 },
      xAxis: { type: "time" },
      yAxis: { type: "category", data: panel.series.map((one) => one.name) },
      series: [{
        type: "custom", data: spans, encode: { x: [1, 2], y: 0 },
        renderItem: (_, api) => {
          const [left, middle] = api.coord([api.value(1), api.value(0)]);
          const [right] = api.coord([api.value(2), api.value(0)]);
          const height = api.size([0, 1])[1] * 0.8;
          const at = Number(panel.states[api.value(3)]?.index ?? 0);
          return { type: "rect", shape: { x: left, y: middle - height / 2, width: right - left, height }, style: { fill: palette[at], text: undefined } };
        },
      }],
      graphic: Object.values(panel.states).map((state, at) => ({ type: "text", left: 170 + at * 90, bottom: 0, style: { text: `■ ${state.text}`, fill: palette[state.index] } })),
    });
  },
  stat(panel, plot) {
    plot.style.cssText = "display:flex;gap:24px;flex-wrap:wrap;align-items:center";
    for (const one of panel.series) {
      const value = one.values.at(-1)[1];
      const step = panel.steps.filter((step) => step.value === null || value >= step.value).at(-1);
      const cell = plot.appendChild(document.createElement("div"));
      cell.innerHTML = `<small></small><div style="font-size:26px"></div>`;
      cell.children[0].textContent = one.name;
      cell.children[1].textContent = units[panel.unit](value);
      cell.children[1].style.color = colours[step?.color] ?? "#333";
    }
  },
  bargauge(panel, plot) {
    const rows = [...panel.series].reverse();
    const colour = (value) => colours[panel.steps.filter((step) => step.value === null || value >= step.value).at(-1)?.color];
    chart(plot, {
      grid: { left: 240, right: 60, top: 8, bottom: 24 },
      xAxis: { type: "value", min: panel.min, max: panel.max, axisLabel: { formatter: units[panel.unit] } },
      yAxis: { type: "category", data: rows.map((one) => one.name) },
      series: [{ type: "bar", data: rows.map((one) => ({ value: one.values.at(-1)[1], itemStyle: { color: colour(one.values.at(-1)[1]) } })), label: { show: true, position: "right", formatter: ({ value }) => units[panel.unit](value) } }],
    });
  },
  table(panel, plot) {
    const columns = Object.keys(panel.series[0].metric).filter((label) => label !== "__name__");
    const table = plot.appendChild(document.createElement("table"));
    for (const row of [Object.fromEntries(columns.map((column) => [column, column])), ...panel.series.map((one) => one.metric)]) {
      const line = table.insertRow();
      for (const column of columns) line.insertCell().textContent = row[column] ?? "";
    }
  },
};
