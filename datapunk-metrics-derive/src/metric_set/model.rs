//! A metric set as the rules and the expansion see it: names, spans and types, no attribute tokens.

use datapunk_metrics_conventions::{Kind, Profile, Retention};
use proc_macro2::Span;
use syn::{Expr, Ident, Path, Type};

use super::lifecycle::Lifecycle;
use super::objective::Objective;
use crate::attr::Waiver;
use crate::expand::CratePath;

pub(crate) struct SetModel {
    pub(crate) ident: Ident,
    /// What it is called where it is described.
    pub(crate) name: String,
    pub(crate) crate_path: CratePath,
    pub(crate) help: String,
    pub(crate) namespace: Option<(String, Span)>,
    pub(crate) profile: Profile,
    /// How long samples are kept, unless a metric says otherwise.
    pub(crate) retention: Option<Retention>,
    /// The labels of a call, for `#[instrument_metrics(set = …)]`.
    pub(crate) call_labels: Option<Path>,
    /// Whether it is exposed only where it is asked for.
    pub(crate) unlinked: bool,
    pub(crate) metrics: Vec<MetricModel>,
    pub(crate) nested: Vec<NestedModel>,
}

/// A field that is a set of its own.
pub(crate) struct NestedModel {
    pub(crate) field: Ident,
    pub(crate) ty: Type,
}

pub(crate) struct MetricModel {
    pub(crate) field: Ident,
    pub(crate) ty: Type,
    pub(crate) kind: Kind,
    /// The final name.
    pub(crate) name: String,
    /// The namespace that is part of the name, with its underscore.
    pub(crate) prefix: String,
    pub(crate) name_span: Span,
    /// Whether the name is that of an attribute, not of the field.
    pub(crate) is_named: bool,
    pub(crate) help: String,
    /// The type of a histogram's unit.
    pub(crate) unit: Option<Type>,
    /// The type of the labels; none for `()`.
    pub(crate) labels: Option<Type>,
    pub(crate) buckets: Option<Buckets>,
    pub(crate) initial: Option<Initial>,
    pub(crate) max_series: Option<Expr>,
    pub(crate) zero: Vec<(String, Span)>,
    pub(crate) role: Option<(Role, Span)>,
    pub(crate) ratio: Option<RatioModel>,
    pub(crate) constant_labels: Vec<ConstantLabel>,
    pub(crate) read: Option<Path>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) objective: Option<Objective>,
    pub(crate) waivers: Vec<Waiver>,
    /// The keys of its attributes, with their places.
    pub(crate) keys: Vec<(String, Span)>,
    /// Keys whose values could not be read, which is reported already.
    pub(crate) unread: Vec<String>,
}

pub(crate) enum Buckets {
    /// Literals with their places.
    Listed(Vec<(f64, Span)>, Span),
    /// A constant.
    Path(Path),
}

pub(crate) enum Initial {
    Absent,
    /// A number, or the variant of a state.
    Value(Expr),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Calls,
    Duration,
    InFlight,
    RequestSize,
}

pub(crate) struct RatioModel {
    /// The counter's field.
    pub(crate) counter: Ident,
    pub(crate) numerator: Numerator,
    pub(crate) window_seconds: u64,
}

/// Labels with their values (variants or exposed texts) and the places of these.
pub(crate) type Numerator = Vec<(Ident, Vec<(String, Span)>)>;

pub(crate) struct ConstantLabel {
    pub(crate) name: Ident,
    pub(crate) value: Expr,
}

impl Role {
    /// The word that selects it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Duration => "duration",
            Self::InFlight => "in_flight",
            Self::RequestSize => "request_size",
        }
    }
}

impl MetricModel {
    /// Where a key is written, or else the field.
    pub(crate) fn place_of(&self, key: &str) -> Span {
        self.keys
            .iter()
            .find(|(known, _)| known == key)
            .map_or(self.field.span(), |(_, span)| *span)
    }

    /// Whether a key is given, but could not be read.
    pub(crate) fn is_unread(&self, key: &str) -> bool {
        self.unread.iter().any(|unread| unread == key)
    }

    /// Whether it counts what is in flight, and so starts at 0.
    pub(crate) fn in_flight(&self) -> bool {
        self.kind == Kind::Gauge
            && (self.name.ends_with("_in_flight_current")
                || matches!(self.role, Some((Role::InFlight, _))))
    }

    /// Whether every series has a value from the start.
    pub(crate) fn starts(&self) -> bool {
        self.in_flight() || matches!(self.initial, Some(Initial::Value(_)))
    }
}
