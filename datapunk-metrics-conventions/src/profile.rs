//! What a metric is, and which standard it is held to.

/// The standard that a metric set is held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// The whole standard, the default.
    #[default]
    Datapunk,
    /// The rules of promlint and of the exposition formats alone, for teams that have other names.
    Prometheus,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Datapunk, Self::Prometheus];

    /// The word that selects the profile.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Datapunk => "datapunk",
            Self::Prometheus => "prometheus",
        }
    }

    /// The profile that `name` selects.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == name)
    }
}

/// What a metric measures; decides how its name ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A total that only goes up.
    Counter,
    /// A value now.
    Gauge,
    /// A distribution.
    Histogram,
    /// A share, calculated from counters.
    Ratio,
    /// One of the values of an enum.
    State,
    /// Facts as labels; the value is 1.
    Info,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Counter,
        Self::Gauge,
        Self::Histogram,
        Self::Ratio,
        Self::State,
        Self::Info,
    ];

    /// The kind as a word, in lower case.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Ratio => "ratio",
            Self::State => "state",
            Self::Info => "info",
        }
    }
}
