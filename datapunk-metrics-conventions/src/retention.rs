//! How long samples are kept.

/// The class of a metric by how long its samples are kept.
///
/// A Prometheus server keeps all samples equally long, so a class is a receiver of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Retention {
    /// 15 days, the default: what dashboards and alert rules look at.
    #[default]
    HighFrequency,
    /// 30 days: what is compared from week to week.
    MediumFrequency,
    /// 90 days: what capacity is planned by.
    LowFrequency,
    /// 365 days: what has to be shown to an auditor.
    Compliance,
}

impl Retention {
    /// Every class, the shortest first.
    pub const ALL: [Self; 4] = [
        Self::HighFrequency,
        Self::MediumFrequency,
        Self::LowFrequency,
        Self::Compliance,
    ];

    /// The word that selects the class, and the value of its label.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::HighFrequency => "high_frequency",
            Self::MediumFrequency => "medium_frequency",
            Self::LowFrequency => "low_frequency",
            Self::Compliance => "compliance",
        }
    }

    /// The class that `name` selects.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// For how many days samples are kept.
    #[must_use]
    pub const fn days(&self) -> u32 {
        match self {
            Self::HighFrequency => 15,
            Self::MediumFrequency => 30,
            Self::LowFrequency => 90,
            Self::Compliance => 365,
        }
    }
}
