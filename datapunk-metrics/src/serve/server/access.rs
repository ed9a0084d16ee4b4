//! The access file: what Prometheus' web configuration has no place for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::yaml;
use crate::descriptor::SetDescriptor;
use crate::serve::selection::is_named;

/// The file as it is written. Keys that it does not know are refused.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AccessFile {
    tokens: Option<Vec<TokenConfig>>,
    principals: Option<BTreeMap<String, Option<PrincipalConfig>>>,
    audit: Option<AuditConfig>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenConfig {
    principal: String,
    sha256: String,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PrincipalConfig {
    sets: Option<Vec<String>>,
    paths: Option<Vec<String>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AuditConfig {
    file: Option<PathBuf>,
    on_failure: Option<OnFailure>,
}

/// What happens while the audit can't be written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum OnFailure {
    /// Requests are answered; what was not written is counted.
    #[default]
    Continue,
    /// Requests are answered with 503.
    Refuse,
}

/// Where the audit goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AuditSettings {
    pub(super) file: Option<PathBuf>,
    pub(super) on_failure: OnFailure,
}

/// What the access file says.
#[derive(Clone, Debug, Default)]
pub(super) struct Access {
    pub(super) tokens: Vec<Token>,
    /// Without it, everybody who is known sees everything.
    principals: Option<BTreeMap<String, Grant>>,
    pub(super) audit: AuditSettings,
}

/// A token, by its hash. A token is random and long, so a plain hash of it can't be guessed backwards.
#[derive(Clone, Debug)]
pub(super) struct Token {
    principal: String,
    sha256: [u8; 32],
}

/// What a principal may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Grant {
    /// The sets; all without it.
    pub(super) sets: Option<Arc<[String]>>,
    /// The paths; all without it.
    paths: Option<Vec<String>>,
}

impl Access {
    /// `sets` are those that there are: a name that none of them has is a mistake.
    pub(super) fn parse(
        text: &str,
        folder: &Path,
        sets: &[&SetDescriptor],
    ) -> Result<Self, String> {
        let file: AccessFile = yaml::read(text)?;
        let mut tokens = Vec::new();
        for token in file.tokens.unwrap_or_default() {
            tokens.push(Token::read(token)?);
        }
        let principals = match file.principals {
            None => None,
            Some(principals) => {
                let mut grants = BTreeMap::new();
                for (name, config) in principals {
                    let grant = Grant::read(&name, config.unwrap_or_default(), sets)?;
                    grants.insert(name, grant);
                }
                Some(grants)
            }
        };
        let audit = file.audit.unwrap_or_default();
        if audit.file.is_none() && audit.on_failure.is_some() {
            return Err("`audit`: `on_failure` needs a `file`".to_owned());
        }
        Ok(Self {
            tokens,
            principals,
            audit: AuditSettings {
                file: audit.file.map(|file| folder.join(file)),
                on_failure: audit.on_failure.unwrap_or_default(),
            },
        })
    }

    /// What `principal` may see; none if nothing.
    pub(super) fn of(&self, principal: Option<&str>) -> Option<Grant> {
        match &self.principals {
            None => Some(Grant::default()),
            Some(principals) => principals.get(principal?).cloned(),
        }
    }

    /// The principal that a token belongs to. It takes the same time for every token of a length.
    pub(super) fn principal_of(&self, token: &[u8]) -> Option<&str> {
        let hash = ring::digest::digest(&ring::digest::SHA256, token);
        let mut principal = None;
        for known in &self.tokens {
            if bool::from(known.sha256.as_slice().ct_eq(hash.as_ref())) {
                principal = Some(known.principal.as_str());
            }
        }
        principal
    }
}

impl Token {
    fn read(config: TokenConfig) -> Result<Self, String> {
        let principal = config.principal;
        let sha256 = unhex(&config.sha256).ok_or_else(|| {
            format!(
                "`tokens`: the `sha256` of `{}` is not the SHA-256 of a token in 64 hexadecimal digits",
                principal.escape_default()
            )
        })?;
        if principal.is_empty() {
            return Err("`tokens`: a `principal` is empty".to_owned());
        }
        Ok(Self { principal, sha256 })
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

impl Grant {
    fn read(
        principal: &str,
        config: PrincipalConfig,
        known: &[&SetDescriptor],
    ) -> Result<Self, String> {
        let principal = principal.escape_default();
        for name in config.sets.iter().flatten() {
            if !known.iter().any(|set| is_named(set, name)) {
                let names: Vec<&str> = known.iter().map(|set| set.name).collect();
                return Err(format!(
                    "`principals`: `{principal}` has the set `{}`, which is not there; the sets are {}",
                    name.escape_default(),
                    names.join(", ")
                ));
            }
        }
        if let Some(path) = config
            .paths
            .iter()
            .flatten()
            .find(|path| !path.starts_with('/'))
        {
            return Err(format!(
                "`principals`: `{principal}` has the path `{}`, which does not begin with `/`",
                path.escape_default()
            ));
        }
        Ok(Self {
            sets: config.sets.map(Arc::from),
            paths: config.paths,
        })
    }

    /// Whether it has a path, by itself or as one below another that ends in `/*`.
    pub(super) fn has_path(&self, path: &str) -> bool {
        let Some(paths) = &self.paths else {
            return true;
        };
        paths.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(above) if above.ends_with('/') => path.starts_with(above),
            _ => path == allowed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Access, String> {
        Access::parse(text, Path::new("/etc"), &[])
    }

    const OTHER: &str = "00000000000000000000000000000000000000000000000000000000000000ff";

    #[test]
    fn a_token_belongs_to_its_principal() {
        let hash =
            super::super::tls::hex(ring::digest::digest(&ring::digest::SHA256, b"tiger").as_ref());
        let text = format!(
            "tokens:\n- {{principal: one, sha256: {OTHER}}}\n- {{principal: two, sha256: {hash}}}\n"
        );
        let access = parse(&text).unwrap();
        assert_eq!(access.principal_of(b"tiger"), Some("two"));
        assert_eq!(access.principal_of(b"lion"), None);
        assert_eq!(access.principal_of(b""), None);
    }

    #[test]
    fn who_is_not_listed_sees_nothing() {
        let access = parse("principals: {one: {}, two: {paths: [/metrics, /status/*]}}").unwrap();
        assert_eq!(access.of(Some("three")), None);
        assert_eq!(access.of(None), None);
        assert_eq!(access.of(Some("one")), Some(Grant::default()));
        let two = access.of(Some("two")).unwrap();
        for (path, expected) in [
            ("/metrics", true),
            ("/metrics/", false),
            ("/metricsx", false),
            ("/status/", true),
            ("/status/a/b", true),
            ("/status", false),
            ("/", false),
        ] {
            assert_eq!(two.has_path(path), expected, "{path}");
        }
        assert!(parse("").unwrap().of(None).is_some());
    }

    #[test]
    fn mistakes_are_named_in_one_line() {
        for (text, expected) in [
            ("tokns: []", "unknown field `tokns`"),
            (
                "tokens: [{principal: a, sha256: tiger}]",
                "the `sha256` of `a` is not",
            ),
            (
                "tokens: [{principal: a, token: tiger}]",
                "unknown field `token`",
            ),
            ("tokens: [{principal: a}]", "missing field `sha256`"),
            (
                "principals: {a: {sets: [Nothing]}}",
                "has the set `Nothing`, which is not there",
            ),
            (
                "principals: {a: {paths: [metrics]}}",
                "does not begin with `/`",
            ),
            ("principals: {a: {}, a: {}}", "duplicate"),
            ("audit: {on_failure: refuse}", "`on_failure` needs a `file`"),
            ("audit: {file: a, on_failure: panic}", "panic"),
            ("tokens: tiger", "expected sequence"),
            ("[", ""),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains('\n') && !error.contains("tiger"), "{error}");
        }
    }
}
