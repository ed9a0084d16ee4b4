// Whole words are compared: parts of words, and names that end in a word that makes them safe, are none of the listed ones.
use datapunk_metrics::privacy::{Bucket, Network, Truncate};
use datapunk_metrics::{Counter, LabelSet, MetricSet};

#[derive(Clone, Copy, LabelSet)]
struct Neighbours<'a> {
    tokens: &'a str,
    prompt_tokens: &'a str,
    company: &'a str,
    pan_european_kind: &'a str,
    description: &'a str,
    pancake: &'a str,
    platform: &'a str,
    latency: &'a str,
    longest: &'a str,
    streets_count: &'a str,
    login_method: &'a str,
    cookie_policy: &'a str,
    recipe: &'a str,
    lone: &'a str,
    slat: &'a str,
    span_kind: &'a str,
    usergroup: &'a str,
    curl: &'a str,
    urls_count: &'a str,
    ipv: &'a str,
    topic: &'a str,
    tokens_type: &'a str,
    companion: &'a str,
    japan: &'a str,
    panel: &'a str,
    expand: &'a str,
    spin: &'a str,
    shipping: &'a str,
    zip: &'a str,
    tip: &'a str,
    equip: &'a str,
    uniform: &'a str,
    token_type: &'a str,
    token_kind: &'a str,
    token_status: &'a str,
    token_state: &'a str,
    token_count: &'a str,
    token_class: &'a str,
    token_reason: &'a str,
    token_result: &'a str,
    token_provider: &'a str,
    token_algorithm: &'a str,
    token_version: &'a str,
    token_method: &'a str,
    token_scheme: &'a str,
    token_issuer: &'a str,
    token_policy: &'a str,
    token_error: &'a str,
    token_present: &'a str,
    token_enabled: &'a str,
    token_required: &'a str,
    token_mode: &'a str,
    token_format: &'a str,
    token_group: &'a str,
    token_family: &'a str,
}

// Identifiers where the values are closed, or less than what they were made from.
#[derive(Clone, Copy, LabelSet)]
struct Reduced<'a> {
    user: bool,
    users: Bucket<4>,
    customer: Truncate<'a>,
    customers: bool,
    user_id: Bucket<4>,
    uid: Truncate<'a>,
    customer_id: bool,
    client_id: Bucket<4>,
    account_id: Truncate<'a>,
    member_id: bool,
    patient_id: Bucket<4>,
    employee_id: Truncate<'a>,
    device_id: bool,
    session_id: Bucket<4>,
    request_id: Truncate<'a>,
    trace_id: bool,
    span_id: Bucket<4>,
    correlation_id: Truncate<'a>,
    transaction_id: bool,
    order_id: Bucket<4>,
    message_id: Truncate<'a>,
    event_id: bool,
    job_id: Bucket<4>,
    uuid: Truncate<'a>,
    guid: bool,
    ip: Bucket<4>,
    ip_address: Truncate<'a>,
    client_ip: bool,
    remote_addr: Bucket<4>,
    client_address: Truncate<'a>,
    x_forwarded_for: bool,
    referer: Bucket<4>,
    url: Truncate<'a>,
    uri: bool,
    query_string: Bucket<4>,
    full_path: Truncate<'a>,
    raw_path: bool,
    sql: Bucket<4>,
    query_text: Truncate<'a>,
    stacktrace: bool,
    timestamp: Bucket<4>,
    nonce: Truncate<'a>,
}

#[derive(Clone, Copy, LabelSet)]
struct ClientLabels<'request> {
    client_ip: Truncate<'request>,
    user_id: Bucket<16>,
}

#[derive(MetricSet)]
struct DoorMetrics {
    /// Connections refused, by network.
    door_refusals_total: Counter<ClientLabels<'static>>,
}

fn main() {
    let network = Network::of([192, 0, 2, 1].into());
    let labels = ClientLabels { client_ip: network.label(), user_id: Bucket::of("17") };
    DoorMetrics::METRICS.door_refusals_total.with(labels).inc();
}
