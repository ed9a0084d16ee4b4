//! One panel as Grafana has it.

use core::fmt::Write;

use serde_json::{Value, json};

use super::alerts::Alert;
use super::units::amount;
use crate::artifacts::catalogue::State;

/// What a panel draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    TimeSeries,
    Heatmap,
    StateTimeline,
    Stat,
    BarGauge,
    Table,
}

/// A panel before it has a place.
pub(super) struct Panel {
    pub(super) kind: Type,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) unit: &'static str,
    /// Queries, each with what its series are called.
    pub(super) queries: Vec<(String, String)>,
    /// Whether values are whole, so that an axis has no parts of them.
    pub(super) is_whole: bool,
    /// The ends of the axis, where they are known.
    pub(super) range: (Option<f64>, Option<f64>),
    /// Values from which on it is coloured; the first one is from below all.
    pub(super) steps: Vec<(Option<f64>, &'static str)>,
    pub(super) states: Vec<State>,
    /// Titles and addresses.
    pub(super) links: Vec<(String, String)>,
}

impl Panel {
    pub(super) fn new(kind: Type, title: impl Into<String>, description: &str) -> Self {
        Self {
            kind,
            title: title.into(),
            description: description.to_owned(),
            unit: "short",
            queries: Vec::new(),
            is_whole: false,
            range: (None, None),
            steps: Vec::new(),
            states: Vec::new(),
            links: Vec::new(),
        }
    }

    pub(super) fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    pub(super) fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }

    pub(super) fn query(mut self, query: impl Into<String>, legend: impl Into<String>) -> Self {
        self.queries.push((query.into(), legend.into()));
        self
    }

    pub(super) fn from(mut self, least: f64) -> Self {
        self.range.0 = Some(least);
        self
    }

    pub(super) fn to(mut self, most: f64) -> Self {
        self.range.1 = Some(most);
        self
    }

    pub(super) fn steps(mut self, steps: &[(Option<f64>, &'static str)]) -> Self {
        self.steps = steps.to_vec();
        self
    }

    /// Takes over what the alerts say: thresholds, their names and runbooks.
    pub(super) fn alerts<'a>(mut self, alerts: impl Iterator<Item = &'a Alert>) -> Self {
        let mut above = Vec::new();
        let mut below = Vec::new();
        for alert in alerts {
            if let Some(threshold) = alert.threshold() {
                let side = if threshold.above {
                    &mut above
                } else {
                    &mut below
                };
                side.push(threshold.value);
                let side = if threshold.above { "above" } else { "below" };
                // A text takes everything that is written to it.
                let _ = write!(
                    self.description,
                    "\n\nAlert `{}` fires {side} {}.",
                    alert.name,
                    amount(threshold.value, self.unit)
                );
            }
            if let Some(url) = &alert.runbook_url {
                self.links
                    .push((format!("Runbook of {}", alert.name), url.clone()));
            }
        }
        let most = below.iter().copied().reduce(f64::max);
        let least = above.iter().copied().reduce(f64::min);
        let lowest = if most.is_some() { "red" } else { "green" };
        if most.is_some() || least.is_some() {
            self.steps = vec![(None, lowest)];
            self.steps.extend(most.map(|value| (Some(value), "green")));
            self.steps.extend(least.map(|value| (Some(value), "red")));
        }
        self
    }

    pub(super) fn to_json(&self, id: u32, place: &Value) -> Value {
        let mut panel = json!({
            "id": id,
            "type": self.type_name(),
            "title": self.title,
            "description": self.description,
            "gridPos": place,
            "datasource": {"type": "prometheus", "uid": "${datasource}"},
            "targets": self.targets(),
            "fieldConfig": {"defaults": self.field_defaults(), "overrides": []},
            "options": self.options(),
        });
        if !self.links.is_empty() {
            let links = self.links.iter().map(|(title, url)| {
                json!({
                    "title": title, "url": url, "type": "link", "targetBlank": true, "icon": "external link",
                    "tooltip": "", "tags": [], "asDropdown": false, "includeVars": false, "keepTime": false,
                })
            });
            panel["links"] = links.collect();
        }
        if self.kind == Type::Table {
            panel["transformations"] = json!([{
                "id": "organize",
                "options": {"excludeByName": {"Time": true, "Value": true, "__name__": true}},
            }]);
        }
        panel
    }

    fn type_name(&self) -> &'static str {
        match self.kind {
            Type::TimeSeries => "timeseries",
            Type::Heatmap => "heatmap",
            Type::StateTimeline => "state-timeline",
            Type::Stat => "stat",
            Type::BarGauge => "bargauge",
            Type::Table => "table",
        }
    }

    fn targets(&self) -> Vec<Value> {
        let names = ('A'..='Z')
            .map(String::from)
            .chain((1..).map(|number| format!("A{number}")));
        let targets = self
            .queries
            .iter()
            .zip(names)
            .map(|((query, legend), name)| {
                let mut target = json!({
                    "refId": name, "expr": query, "legendFormat": legend,
                    "datasource": {"type": "prometheus", "uid": "${datasource}"},
                });
                match self.kind {
                    Type::Heatmap => target["format"] = json!("heatmap"),
                    Type::Table => {
                        target["format"] = json!("table");
                        target["instant"] = json!(true);
                    }
                    Type::Stat | Type::BarGauge => target["instant"] = json!(true),
                    Type::TimeSeries | Type::StateTimeline => {}
                }
                target
            });
        targets.collect()
    }

    fn field_defaults(&self) -> Value {
        let mut defaults = json!({"unit": self.unit});
        if self.is_whole {
            defaults["decimals"] = json!(0);
        }
        if let Some(least) = self.range.0 {
            defaults["min"] = json!(least);
        }
        if let Some(most) = self.range.1 {
            defaults["max"] = json!(most);
        }
        if !self.steps.is_empty() {
            let steps = self
                .steps
                .iter()
                .map(|(value, colour)| json!({"value": value, "color": colour}));
            defaults["thresholds"] =
                json!({"mode": "absolute", "steps": steps.collect::<Vec<_>>()});
        }
        if !self.states.is_empty() {
            let options = self.states.iter().enumerate().map(|(at, state)| {
                (
                    state.value.to_string(),
                    json!({"text": state.name, "index": at}),
                )
            });
            defaults["mappings"] = json!([{
                "type": "value", "options": options.collect::<serde_json::Map<_, _>>(),
            }]);
        }
        match self.kind {
            Type::TimeSeries => {
                let style = if self.steps.is_empty() {
                    "off"
                } else {
                    "dashed"
                };
                defaults["custom"] = json!({
                    "drawStyle": "line", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never",
                    "thresholdsStyle": {"mode": style},
                });
            }
            Type::StateTimeline => defaults["custom"] = json!({"fillOpacity": 80, "lineWidth": 0}),
            Type::Stat | Type::BarGauge => defaults["color"] = json!({"mode": "thresholds"}),
            Type::Heatmap | Type::Table => {}
        }
        defaults
    }

    fn options(&self) -> Value {
        match self.kind {
            Type::TimeSeries => json!({
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }),
            // The buckets are counted by Prometheus; Grafana takes the differences between them.
            Type::Heatmap => json!({
                "calculate": false,
                "yAxis": {"unit": self.unit},
                "rowsFrame": {"layout": "auto"},
                "color": {"mode": "scheme", "scheme": "Oranges", "scale": "exponential", "exponent": 0.5, "steps": 64, "reverse": false, "fill": "dark-orange"},
                "cellGap": 1, "filterValues": {"le": 1e-9}, "legend": {"show": true},
                "showValue": "never",
                "tooltip": {"mode": "single", "yHistogram": false, "showColorScale": true},
                "exemplars": {"color": "rgba(255,0,255,0.7)"},
            }),
            Type::StateTimeline => json!({
                "mergeValues": true, "showValue": "auto", "alignValue": "left", "rowHeight": 0.9,
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []},
                "tooltip": {"mode": "single", "sort": "none"},
            }),
            Type::Stat => json!({
                "reduceOptions": {"calcs": ["lastNotNull"], "values": false},
                "orientation": "auto", "textMode": "auto", "colorMode": "value", "graphMode": "none",
                "justifyMode": "auto", "wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard",
            }),
            Type::BarGauge => json!({
                "reduceOptions": {"calcs": ["lastNotNull"], "values": false},
                "orientation": "horizontal", "displayMode": "basic", "valueMode": "color", "namePlacement": "auto",
                "showUnfilled": true, "sizing": "auto", "minVizWidth": 8, "minVizHeight": 16, "maxVizHeight": 300,
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": false, "calcs": []},
            }),
            Type::Table => json!({"showHeader": true, "frameIndex": 0, "cellHeight": "sm"}),
        }
    }
}
