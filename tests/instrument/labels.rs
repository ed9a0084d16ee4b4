//! Labels from arguments, results and errors.

use super::*;

#[derive(Clone, Copy, Debug, LabelValue)]
enum Model {
    Bert,
    Gpt,
}

#[derive(Clone, Copy, Debug, LabelValue)]
enum FaultKind {
    Disk,
    Network,
}

#[derive(Debug)]
struct Fault(FaultKind);

struct Request {
    model: Model,
}

#[instrument_metrics(
    system = "labelled",
    labels(model: Model = request.model, cached = cached, r#type = Model::Gpt, fault: FaultKind = |fault| fault.0)
)]
fn infer(request: &Request, cached: bool, fails: Option<FaultKind>) -> Result<(), Fault> {
    fails.map_or(Ok(()), |kind| Err(Fault(kind)))
}

#[test]
fn labels_come_from_constants_arguments_and_errors() {
    let request = Request { model: Model::Bert };
    infer(&request, true, None).expect("no fault");
    infer(&request, true, Some(FaultKind::Disk)).expect_err("a fault");
    infer(&request, false, Some(FaultKind::Network)).expect_err("a fault");
    let calls = |cached, fault, outcome| {
        value(&format!(
            "labelled_infer_calls_total{{model=\"bert\",cached=\"{cached}\",type=\"gpt\",fault=\"{fault}\",outcome=\"{outcome}\"}}"
        ))
    };
    assert_eq!(calls(true, "none", "ok"), 1.0);
    assert_eq!(calls(true, "disk", "error"), 1.0);
    assert_eq!(calls(false, "network", "error"), 1.0);
    assert_eq!(
        calls(false, "disk", "error"),
        0.0,
        "shown though it never happened"
    );
    let started = "model=\"bert\",cached=\"true\",type=\"gpt\"";
    assert_eq!(
        value(&format!(
            "labelled_infer_duration_seconds_count{{{started}}}"
        )),
        2.0
    );
    assert_eq!(
        value(&format!("labelled_infer_in_flight_current{{{started}}}")),
        0.0
    );
}
