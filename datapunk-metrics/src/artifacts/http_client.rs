//! How the servers' configurations say how another server is reached.

use serde::Serialize;

use super::deployment::{Access, BasicAuth, Tls};

/// The fields that Prometheus has for it in jobs and remote writes, and Alertmanager below `http_config`.
#[derive(Serialize)]
pub(super) struct HttpClient {
    #[serde(skip_serializing_if = "Option::is_none")]
    basic_auth: Option<BasicAuth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<Authorization>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_config: Option<TlsConfig>,
}

#[derive(Serialize)]
struct Authorization {
    credentials_file: String,
}

#[derive(Serialize)]
struct TlsConfig {
    #[serde(flatten)]
    tls: Tls,
    min_version: &'static str,
}

impl HttpClient {
    pub(super) fn of(access: &Access) -> Self {
        let token = access.bearer_token_file.clone();
        Self {
            basic_auth: access.basic_auth.clone(),
            authorization: token.map(|credentials_file| Authorization { credentials_file }),
            tls_config: access.tls.clone().map(|tls| TlsConfig {
                tls,
                min_version: "TLS12",
            }),
        }
    }
}

/// The scheme of a target.
pub(super) fn scheme(access: &Access) -> &'static str {
    if access.tls.is_some() {
        "https"
    } else {
        "http"
    }
}
