//! The web configuration file of Prometheus' exporter-toolkit, which Prometheus and its exporters take as
//! `--web.config.file`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use super::limits::Rate;
use super::password::PasswordHash;
use super::yaml;

/// The file as it is written. Keys that it does not know are refused.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebConfig {
    tls_server_config: Option<TlsConfig>,
    http_server_config: Option<HttpConfig>,
    basic_auth_users: Option<BTreeMap<String, String>>,
    rate_limit: Option<RateConfig>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TlsConfig {
    cert: Option<String>,
    key: Option<String>,
    client_ca: Option<String>,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    client_ca_file: Option<PathBuf>,
    pub(super) client_auth_type: Option<String>,
    pub(super) client_allowed_sans: Option<Vec<String>>,
    pub(super) min_version: Option<String>,
    pub(super) max_version: Option<String>,
    pub(super) cipher_suites: Option<Vec<String>>,
    pub(super) prefer_server_cipher_suites: Option<bool>,
    pub(super) curve_preferences: Option<Vec<String>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct HttpConfig {
    /// Accepted, as every file of Prometheus may have it; the server speaks HTTP/1.1, which every scraper does.
    #[serde(rename = "http2")]
    _http2: Option<bool>,
    headers: Option<BTreeMap<String, Option<String>>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RateConfig {
    interval: Option<String>,
    burst: Option<u32>,
}

/// Where a part of the TLS configuration is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pem {
    Inline(String),
    File(PathBuf),
}

impl WebConfig {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        yaml::read(text)
    }

    /// The TLS configuration; none if it is missing or has no key that turns TLS on.
    pub(super) fn tls(&self) -> Option<&TlsConfig> {
        self.tls_server_config.as_ref().filter(|tls| tls.is_on())
    }

    pub(super) fn users(&self) -> Result<BTreeMap<String, PasswordHash>, String> {
        let mut users = BTreeMap::new();
        if self
            .basic_auth_users
            .as_ref()
            .is_some_and(BTreeMap::is_empty)
        {
            return Err(
                "`basic_auth_users` has no user; without the key nobody is asked for a password"
                    .to_owned(),
            );
        }
        for (name, hash) in self.basic_auth_users.iter().flatten() {
            if name.contains(':') {
                return Err(format!(
                    "`basic_auth_users`: the name `{}` has a colon, which ends a name in basic authentication",
                    name.escape_default()
                ));
            }
            let hash = PasswordHash::parse(hash).map_err(|reason| {
                format!(
                    "`basic_auth_users`: the value of `{}` {reason}",
                    name.escape_default()
                )
            })?;
            users.insert(name.clone(), hash);
        }
        Ok(users)
    }

    pub(super) fn rate(&self) -> Result<Option<Rate>, String> {
        let Some(rate) = &self.rate_limit else {
            return Ok(None);
        };
        let text = rate.interval.as_deref().unwrap_or("0");
        let interval = yaml::duration(text)
            .ok_or("`rate_limit`: `interval` is not a duration such as `1s` or `250ms`")?;
        if interval.is_zero() {
            return Ok(None);
        }
        let burst = rate.burst.unwrap_or_default();
        if burst == 0 {
            return Err(
                "`rate_limit`: without a `burst` of 1 or more no request gets through".to_owned(),
            );
        }
        Ok(Some(Rate { interval, burst }))
    }

    /// Headers that every answer gets. Which ones there may be, with which values, is the toolkit's list.
    pub(super) fn headers(&self) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        let configured = self
            .http_server_config
            .iter()
            .flat_map(|http| &http.headers);
        for (name, value) in configured.flatten() {
            let allowed: Option<&[&str]> = match name.as_str() {
                "Content-Security-Policy" | "Strict-Transport-Security" | "X-XSS-Protection" => {
                    None
                }
                "X-Content-Type-Options" => Some(&["nosniff"]),
                "X-Frame-Options" => Some(&["deny", "sameorigin"]),
                _ => {
                    return Err(format!(
                        "`headers`: `{}` is none of Content-Security-Policy, Strict-Transport-Security, \
                         X-Content-Type-Options, X-Frame-Options and X-XSS-Protection",
                        name.escape_default()
                    ));
                }
            };
            // Blank means that it is not sent.
            let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
                continue;
            };
            if let Some(allowed) = allowed
                && !allowed.iter().any(|one| one.eq_ignore_ascii_case(value))
            {
                return Err(format!(
                    "`headers`: the value of `{name}` is none of {}",
                    allowed.join(", ")
                ));
            }
            let value = HeaderValue::from_str(value)
                .map_err(|_| format!("`headers`: the value of `{name}` is not ASCII text"))?;
            // It is one of the five above.
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                headers.insert(name, value);
            }
        }
        Ok(headers)
    }
}

impl TlsConfig {
    /// The toolkit's own rule.
    fn is_on(&self) -> bool {
        let texts = [
            &self.cert,
            &self.key,
            &self.client_ca,
            &self.client_auth_type,
        ];
        let files = [&self.cert_file, &self.key_file, &self.client_ca_file];
        texts.into_iter().flatten().any(|text| !text.is_empty())
            || files
                .into_iter()
                .flatten()
                .any(|path| !path.as_os_str().is_empty())
    }

    pub(super) fn certificate(&self, folder: &Path) -> Result<Pem, String> {
        one_of(("cert", &self.cert), ("cert_file", &self.cert_file), folder)?.ok_or_else(|| {
            "`tls_server_config`: there is neither `cert_file` nor `cert`".to_owned()
        })
    }

    pub(super) fn key(&self, folder: &Path) -> Result<Pem, String> {
        one_of(("key", &self.key), ("key_file", &self.key_file), folder)?
            .ok_or_else(|| "`tls_server_config`: there is neither `key_file` nor `key`".to_owned())
    }

    pub(super) fn client_ca(&self, folder: &Path) -> Result<Option<Pem>, String> {
        one_of(
            ("client_ca", &self.client_ca),
            ("client_ca_file", &self.client_ca_file),
            folder,
        )
    }
}

/// A part that is given in the file itself or as a file beside it, not both.
fn one_of(
    (text_key, text): (&str, &Option<String>),
    (file_key, file): (&str, &Option<PathBuf>),
    folder: &Path,
) -> Result<Option<Pem>, String> {
    let text = text.as_ref().filter(|text| !text.is_empty());
    let file = file.as_ref().filter(|file| !file.as_os_str().is_empty());
    match (text, file) {
        (Some(_), Some(_)) => Err(format!(
            "`tls_server_config`: there are both `{text_key}` and `{file_key}`"
        )),
        (Some(text), None) => Ok(Some(Pem::Inline(text.clone()))),
        (None, Some(file)) => Ok(Some(Pem::File(folder.join(file)))),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests;
