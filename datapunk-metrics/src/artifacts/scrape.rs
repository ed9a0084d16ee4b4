//! A live check: what a target exposes, against what its catalogue declares.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::catalogue::Catalogue;

/// How much of an exposition is read.
const MOST: u64 = 256 << 20;
/// How long an exposition may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What the toolkit's own metrics begin with; no set declares them.
const OWN: &str = "datapunk_metrics_";

/// A target, and how it is reached.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Endpoint {
    /// Address of the metrics, such as `https://lake-1:9464/metrics`
    url: String,
    /// File with a bearer token
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    token_file: Option<PathBuf>,
    /// User of basic authentication
    #[arg(long, value_name = "NAME", requires = "password_file")]
    user: Option<String>,
    /// File with that user's password
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// File with the certificates of authorities to trust, instead of the well-known ones
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// File with the client's certificate
    #[arg(long, value_name = "FILE", requires = "key_file")]
    cert_file: Option<PathBuf>,
    /// File with the client's key
    #[arg(long, value_name = "FILE", requires = "cert_file")]
    key_file: Option<PathBuf>,
}

/// One difference between a target and a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    pub(super) metric: String,
    pub(super) message: String,
}

impl Endpoint {
    /// The exposition in text format.
    pub(super) fn fetch(&self) -> Result<String, String> {
        let url = &self.url;
        check_address(url)?;
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(self.tls()?)
            .build()
            .new_agent();
        let mut request = agent.get(url).header("accept", "text/plain;version=0.0.4");
        if let Some(authorization) = self.authorization()? {
            request = request.header("authorization", authorization);
        }
        let failed = |error: &dyn core::fmt::Display| format!("can't scrape `{url}`: {error}");
        let mut response = request.call().map_err(|error| match error {
            ureq::Error::Io(error) if error.to_string().contains(NO_TLS) => {
                failed(&"it does not speak TLS, which `https://` asks for")
            }
            ureq::Error::Io(error) => failed(&error),
            error => failed(&error),
        })?;
        if response.status() != 200 {
            return Err(failed(&format!("status {}", response.status())));
        }
        let body = response.body_mut().with_config().limit(MOST);
        body.read_to_string().map_err(|error| failed(&error))
    }

    fn authorization(&self) -> Result<Option<String>, String> {
        if let Some(path) = &self.token_file {
            return Ok(Some(format!("Bearer {}", secret(path)?)));
        }
        let (Some(user), Some(path)) = (&self.user, &self.password_file) else {
            return Ok(None);
        };
        let both = STANDARD.encode(format!("{user}:{}", secret(path)?));
        Ok(Some(format!("Basic {both}")))
    }

    fn tls(&self) -> Result<TlsConfig, String> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = &self.ca_file {
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates(path)?));
        }
        if let (Some(certificate), Some(key)) = (&self.cert_file, &self.key_file) {
            let pem = read(key)?;
            let key = PrivateKey::from_pem(pem.as_bytes())
                .map_err(|error| format!("no key in `{}`: {error}", key.display()))?;
            let chain = certificates(certificate)?;
            tls = tls.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
        }
        Ok(tls.build())
    }
}

/// What rustls says of an answer without TLS.
const NO_TLS: &str = "corrupt message of type InvalidContentType";

/// An address that can be asked, and shown: what is wrong with it is said in messages.
fn check_address(url: &str) -> Result<(), String> {
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let Some(rest) = rest else {
        return Err(format!(
            "`{url}` is no address: it begins with `http://` or `https://`"
        ));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err(
            "the address has a secret in it: give `--user` and `--password-file` instead"
                .to_owned(),
        );
    }
    if host.is_empty() {
        return Err(format!("`{url}` is no address: it names no host"));
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("can't read `{}`: {error}", path.display()))
}

/// The first line of a file.
fn secret(path: &Path) -> Result<String, String> {
    let text = read(path)?;
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty()
        || !line
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        return Err(format!("no secret in `{}`", path.display()));
    }
    Ok(line.to_owned())
}

fn certificates(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let pem = read(path)?;
    let items: Result<Vec<_>, _> = parse_pem(pem.as_bytes()).collect();
    let items =
        items.map_err(|error| format!("no certificate in `{}`: {error}", path.display()))?;
    let certificates: Vec<_> = items
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err(format!("no certificate in `{}`", path.display()));
    }
    Ok(certificates)
}

/// A family of an exposition: its type, if it says one, and its number of lines.
#[derive(Default)]
struct Family<'a> {
    kind: Option<&'a str>,
    lines: usize,
}

/// The families of an exposition in text format. Only names, types and numbers of lines are read, which a line shows
/// without a look at its labels.
fn families(body: &str) -> BTreeMap<&str, Family<'_>> {
    let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
    for line in body.lines() {
        if let Some(described) = line.strip_prefix("# TYPE ") {
            if let Some((name, kind)) = described.split_once(' ') {
                families.entry(name).or_default().kind = Some(kind.trim());
            }
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let end = line.find(['{', ' ']).unwrap_or(line.len());
        let name = &line[..end];
        let of_histogram = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| {
            let name = name.strip_suffix(suffix)?;
            (families.get(name)?.kind == Some("histogram")).then_some(name)
        });
        families
            .entry(of_histogram.unwrap_or(name))
            .or_default()
            .lines += 1;
    }
    families
}

/// What of `body` differs from the catalogue: metrics that are missing or undeclared, of another type, over budget.
pub(super) fn compare(catalogue: &Catalogue, body: &str) -> Vec<Difference> {
    let families = families(body);
    let mut differences = Vec::new();
    let mut declared = Vec::new();
    for metric in catalogue.metrics() {
        let former = metric.renamed_from.iter().map(|former| &former.name);
        for name in core::iter::once(&metric.name).chain(former) {
            declared.push(name.as_str());
            let mut differ = |message: String| {
                differences.push(Difference {
                    metric: name.clone(),
                    message,
                });
            };
            let Some(family) = families.get(name.as_str()) else {
                differ(format!("metric `{name}` is declared and not exposed"));
                continue;
            };
            let kind = family.kind.unwrap_or("untyped");
            if kind != metric.prometheus_type() {
                let expected = metric.prometheus_type();
                differ(format!(
                    "metric `{name}` is exposed as a {kind}, and declared as a {expected}"
                ));
            }
            // The overflow series is outside of the budget.
            if family.lines > metric.max_series + 1 {
                let (lines, most) = (family.lines, metric.max_series);
                differ(format!(
                    "metric `{name}` has {lines} series, and its budget is {most}"
                ));
            }
        }
    }
    for name in families.keys() {
        if !declared.contains(name) && !name.starts_with(OWN) {
            differences.push(Difference {
                metric: (*name).to_owned(),
                message: format!("metric `{name}` is exposed and not declared"),
            });
        }
    }
    differences
}
