//! Where panels stand: two beside each other, under the heading of their row; one that is alone takes the width.

use serde_json::{Value, json};

use super::Row;

/// How many columns Grafana has.
const WIDTH: u32 = 24;
/// The size of a panel.
const PANEL: u32 = 12;
const HEIGHT: u32 = 8;

/// The panels of all rows with their places, and headings between them.
pub(super) fn lay_out(rows: &[Row]) -> Vec<Value> {
    let mut panels = Vec::new();
    let mut top = 0;
    let mut id = 0;
    for row in rows.iter().filter(|row| !row.panels.is_empty()) {
        id += 1;
        panels.push(json!({
            "id": id, "type": "row", "title": row.title, "collapsed": false, "panels": [],
            "gridPos": {"x": 0, "y": top, "w": WIDTH, "h": 1},
        }));
        top += 1;
        let mut left = 0;
        for (at, panel) in row.panels.iter().enumerate() {
            if left + PANEL > WIDTH {
                left = 0;
                top += HEIGHT;
            }
            let is_alone = left == 0 && at + 1 == row.panels.len();
            let width = if is_alone { WIDTH } else { PANEL };
            id += 1;
            panels.push(panel.to_json(id, &json!({"x": left, "y": top, "w": width, "h": HEIGHT})));
            left += width;
        }
        top += HEIGHT;
    }
    panels
}
