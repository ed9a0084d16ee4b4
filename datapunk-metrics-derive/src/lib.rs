//! The macros of `datapunk-metrics`. Use them through that crate, whose documentation describes them.

#![forbid(unsafe_code)]

extern crate proc_macro;

mod attr;
mod debug;
mod diag;
mod expand;
#[cfg(feature = "rules")]
mod include_rules;
mod instrument;
mod label;
mod metric_set;
mod organisation;
mod revision;
mod series;
mod words;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Derives [`LabelValue`](trait.LabelValue.html) for an enum without fields.
///
/// - `#[label(rename_all = "…")]`: how variants are spelled; `snake_case` unless given. Also `lowercase`,
///   `UPPERCASE`, `camelCase`, `PascalCase`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`.
/// - `#[label(sparse)]`: the type is wide; a series with it appears when it is first touched.
/// - `#[label(crate = path)]`: the path of `datapunk_metrics`, where it is not `::datapunk_metrics`.
/// - on a variant, `#[label(rename = "…")]` or `#[label(rename = 404)]`: its value.
#[proc_macro_derive(LabelValue, attributes(label))]
pub fn derive_label_value(input: TokenStream) -> TokenStream {
    derive("LabelValue", input, label::derive_label_value)
}

/// Derives [`LabelSet`](trait.LabelSet.html) for a struct whose fields are label values.
///
/// - `#[label(from = HttpCall)]`: how `#[instrument_metrics(set = …)]` makes it from the labels of a call: fields are
///   taken over by name, and those of type `StatusCode`, `StatusClass` and `Outcome` tell how the call ended.
/// - `#[label(crate = path)]`: the path of `datapunk_metrics`, where it is not `::datapunk_metrics`.
/// - on a field, `#[label(rename = "…")]`: the label's name.
/// - on a field, `#[label(allow(rule, reason = "…"))]`: a rule that does not apply.
#[proc_macro_derive(LabelSet, attributes(label))]
pub fn derive_label_set(input: TokenStream) -> TokenStream {
    derive("LabelSet", input, label::derive_label_set)
}

/// Derives [`StateValue`](trait.StateValue.html) for an enum without fields.
///
/// - `#[state(crate = path)]`: the path of `datapunk_metrics`, where it is not `::datapunk_metrics`.
/// - on a variant, `#[state(value = 2)]`: the number that is exposed, where it is not the discriminant.
#[proc_macro_derive(StateValue, attributes(state))]
pub fn derive_state_value(input: TokenStream) -> TokenStream {
    derive("StateValue", input, label::derive_state_value)
}

/// Derives [`MetricSet`](trait.MetricSet.html) for a struct whose fields are metrics, or sets of metrics.
///
/// A field's name is the metric's name, the first paragraph of its doc comment the help text. On the struct,
/// `#[metrics(…)]` takes
///
/// - `namespace = "lake"`: what every name begins with, as `lake_`. Names of nested sets are not prefixed again.
/// - `profile = datapunk` (the default: the metrics standard) or `prometheus` (promlint and OpenMetrics alone).
/// - `retention = compliance`: how long the samples of its metrics are kept, unless one says otherwise:
///   `high_frequency` (15 days, the default), `medium_frequency` (30), `low_frequency` (90) or `compliance` (365).
/// - `labels = HttpCall`: the labels of a call, for `#[instrument_metrics(set = …)]`.
/// - `unlinked`: the set is exposed only where it is asked for, by a set that holds it or by `register`. For a library
///   whose users choose: a program that does not ask may have metrics of its own with these names.
/// - `crate = path`: the path of `datapunk_metrics`, where it is not `::datapunk_metrics`.
///
/// On a field, `#[metric(…)]` takes
///
/// - `name = "…"`: a name instead of the field's; the namespace is put before it.
/// - `buckets = […]` or `buckets = PATH` (histograms): upper bounds in the unit of the metric, rising, without `+Inf`.
/// - `initial = …` (gauges: a number; states: a variant; both: `absent`): the value that every series has from the
///   start.
/// - `max_series = 5000`: how many lines an exposition may have for the metric, 1,000 unless given. All combinations
///   of label values count, and for a histogram all its lines.
/// - `zero = [200, "GET"]` (counters, histograms): values of sparse labels to show from the start. The first increment
///   of a series that appears late is invisible to `rate()`.
/// - `role = calls | duration | in_flight | request_size`: what the metric is to `#[instrument_metrics(set = …)]` and to
///   the HTTP layer, which alone knows sizes.
/// - `ratio_of = counter, numerator(label = Value), window = "5m"` (ratios): the counter's field, the share that is
///   shown, the window.
/// - `labels(name = value)`: labels with a fixed value, which an info needs.
/// - `read = path` (counters, gauges): a function that is called at each scrape, `fn() -> T`, `fn() -> Option<T>` or,
///   with labels, `fn(&mut Readings<Labels, T>)`.
/// - `retention = compliance`: how long its samples are kept.
/// - `renamed_from = "…", until = "2.0.0"`: its former name, whole, under which it is exposed as well. Version 2.0.0 of
///   the crate that declares it does not compile before both keys are removed.
/// - `deprecated = "…", until = "2.0.0"`: it goes, and what to use instead; ends up in its help. Version 2.0.0 of the
///   crate does not compile before the field is removed.
/// - `slo(objective = 99.9, …)`: a service level objective, the share of good events in percent, from which
///   [`ObjectiveRules`](rules/struct.ObjectiveRules.html) writes alerts. A histogram takes `threshold = 0.1`, the bucket
///   bound up to which an event is good; a counter `errors(label = [Value, …])`, its bad events, which a label of
///   outcomes or of status codes tells by itself; a ratio nothing, its numerator is good.
/// - `allow(rule, reason = "…")`: a rule that does not apply, and why.
#[proc_macro_derive(MetricSet, attributes(metrics, metric))]
pub fn derive_metric_set(input: TokenStream) -> TokenStream {
    derive("MetricSet", input, metric_set::derive_metric_set)
}

/// Records the calls of a function, or of the functions of an impl block: how many, how long, how many in flight.
///
/// Asynchronous functions, functions that end in `Box::pin(async move { … })` as `async_trait` writes them, generic
/// functions, methods and recursion are fine. A call ends as `ok`, `error` (it returned an `Err`, or an answer with the
/// status 5xx), `panicked` or `cancelled` (its future was dropped before it was done).
///
/// # Metrics of its own
///
/// - `system = "cortex"`: the function `infer` has `cortex_infer_calls_total` with the label `outcome`,
///   `cortex_infer_duration_seconds` and `cortex_infer_in_flight_current`.
/// - `name = "…"`: what they are named after instead of the function.
/// - `labels(model = Model::Bert, kind = request.kind, error: ErrorKind = |error| error.kind())`: labels from constants
///   and arguments, which all three have, and from the error, which the counter has (`none` without an error). The
///   type is written where the value does not show it.
/// - `buckets = […]`, `max_series = …`, `profile = …`: as with `#[derive(MetricSet)]`.
///
/// # Metrics of a set
///
/// - `set = HttpMetrics`: a metric set with roles, see [`Instrument`](trait.Instrument.html).
/// - `labels(…)`: the fields of the set's labels of a call. One that comes from the error is an `Option` there.
///
/// # Both
///
/// - `crate = path`: the path of `datapunk_metrics`, where it is not `::datapunk_metrics`.
/// - `skip`: on a function of an impl block with the attribute: it is not recorded.
#[proc_macro_attribute]
pub fn instrument_metrics(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let expansion = instrument::instrument_metrics(arguments.into(), item.into());
    debug::print(
        "instrument_metrics",
        &debug::item_name(&expansion),
        &expansion,
    );
    expansion.into()
}

/// The commit that the crate is built from, as a constant `&'static str`: what a build info has beside the version.
///
/// It is read from the files of the repository that the crate lies in (git is not run), or is what the registry wrote
/// into a published crate. A new commit or another checkout builds the crate anew, changes that are not committed do not
/// show. Where there is no repository, as in a container, the environment variable `DATAPUNK_METRICS_REVISION` says it to
/// the build, and wins everywhere; without both it is `unknown`, and the build does not fail.
#[proc_macro]
pub fn git_revision(input: TokenStream) -> TokenStream {
    revision::git_revision(input.into()).into()
}

/// What `datapunk_metrics::series!` expands to; it hands over the path of its crate.
#[doc(hidden)]
#[proc_macro]
pub fn series_of_literals(input: TokenStream) -> TokenStream {
    let expansion = series::series(input.into());
    debug::print("series", "series", &expansion);
    expansion.into()
}

/// Reads Prometheus rule files, and refuses those that do not fit the metrics.
///
/// An expression of the type [`RuleFiles`](rules/struct.RuleFiles.html), for a constant. It begins with the files, whose
/// paths start at the folder of `Cargo.toml`, or at that of the source file with `./` or `../`. Then it takes
///
/// - `sets = [HttpMetrics, lake::LakeMetrics]`: the metric sets that the rules may read.
/// - `external = { up: [], rabbitmq_queue_messages: [queue, vhost] }`: metrics of others, with their labels but those of
///   the target.
/// - `scrape_interval = "15s"`: windows are at least twice as long; 15 s unless given.
/// - `severities = [critical, warning, info]`: what the label `severity` of an alert may be; these unless given.
/// - `required_labels = [severity, team]`, `required_annotations = [summary]`: what every alert has; these unless given.
/// - `target_labels = [service, instance, job]`: the labels that every scraped series has; these unless given.
/// - `crate = path`: the path of `datapunk_metrics`, where it is not `::datapunk_metrics`.
///
/// `docs/alert-rules.md` lists what is checked.
#[cfg(feature = "rules")]
#[proc_macro]
pub fn include_rules(input: TokenStream) -> TokenStream {
    let expansion = include_rules::include_rules(input.into());
    debug::print("include_rules", "include_rules", &expansion);
    expansion.into()
}

fn derive(
    name: &str,
    input: TokenStream,
    derive: impl FnOnce(&DeriveInput) -> proc_macro2::TokenStream,
) -> TokenStream {
    let expansion = match syn::parse::<DeriveInput>(input) {
        Ok(input) => {
            let expansion = derive(&input);
            debug::print(name, &input.ident.to_string(), &expansion);
            expansion
        }
        Err(error) => error.into_compile_error(),
    };
    expansion.into()
}
