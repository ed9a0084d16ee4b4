//! The rules by name, and what one of them found.

/// A rule of the standard. `docs/rules.md` has a row for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A metric name that the exposition formats refuse, or to which they give another meaning.
    Format,
    /// The form of a name: `snake_case`, number of segments, no metric type.
    Naming,
    /// Base units only.
    Unit,
    /// How a name of a kind ends.
    Suffix,
    /// Every metric has a help text.
    Help,
    /// Label names and values that scrapers refuse or overwrite.
    Label,
    /// Labels that hold secrets or personal data.
    PersonalData,
    /// Bucket bounds.
    Buckets,
    /// The number of series of a metric.
    Cardinality,
    /// One name, one metric; one name, one label.
    Duplicate,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 10] = [
        Self::Format,
        Self::Naming,
        Self::Unit,
        Self::Suffix,
        Self::Help,
        Self::Label,
        Self::PersonalData,
        Self::Buckets,
        Self::Cardinality,
        Self::Duplicate,
    ];

    /// The word that names the rule in a waiver.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Naming => "naming",
            Self::Unit => "unit",
            Self::Suffix => "suffix",
            Self::Help => "help",
            Self::Label => "label",
            Self::PersonalData => "personal_data",
            Self::Buckets => "buckets",
            Self::Cardinality => "cardinality",
            Self::Duplicate => "duplicate",
        }
    }

    /// The rule that `id` names.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.id() == id)
    }

    /// Whether a metric or label may be excepted, with a written reason.
    ///
    /// A rule that is about words can be wrong about one. A rule that keeps a scrape from breaking cannot, and a limit
    /// that is too low is raised with its own key instead (`max_series`).
    #[must_use]
    pub const fn waivable(&self) -> bool {
        matches!(
            self,
            Self::Naming | Self::Unit | Self::Suffix | Self::PersonalData | Self::Duplicate
        )
    }
}

/// One mistake, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Rule,
    /// The fact, in one line.
    pub message: String,
    /// Why it is a mistake.
    pub notes: Vec<String>,
    /// The whole name to write instead, if there is one. It passes every rule.
    pub fix: Option<String>,
    /// Other advice.
    pub help: Option<String>,
}

impl Finding {
    pub(crate) fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            notes: Vec::new(),
            fix: None,
            help: None,
        }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
