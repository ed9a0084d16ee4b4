//! Building a client, and what is refused there.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use datapunk_metrics_conventions::{Openness, Profile, check_label_name};
use ureq::http::Uri;

use crate::identity::{self, Identity};
use crate::privacy::mask;
use crate::push::http::Authorization;
use crate::push::metrics::PUSH;
use crate::push::retry::Limits;
use crate::push::{Pushgateway, Source, Target, group};
use crate::registry::Registry;

/// What a push does to what was pushed to the group before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Replaces all of it: `PUT`.
    #[default]
    Replace,
    /// Replaces metrics of the same name and leaves the others: `POST`. For jobs that share a group.
    Add,
}

/// Builds a [`Pushgateway`].
#[must_use]
pub struct Builder {
    url: String,
    job: String,
    labels: Vec<(String, String)>,
    method: Method,
    credentials: Credentials,
    is_insecure: bool,
    limits: Limits,
    source: Source,
    #[cfg(feature = "push-tls")]
    roots: Option<Vec<u8>>,
    #[cfg(feature = "push-tls")]
    client: Option<(Vec<u8>, Vec<u8>)>,
}

enum Credentials {
    None,
    Basic { user: String, password: String },
    Bearer(String),
}

impl Builder {
    pub(super) fn new(url: &str, job: &str) -> Self {
        Self {
            url: url.to_owned(),
            job: masked(job),
            labels: Vec::new(),
            method: Method::Replace,
            credentials: Credentials::None,
            is_insecure: false,
            limits: Limits {
                timeout: Duration::from_secs(10),
                total: Duration::from_secs(30),
                tries: 5,
            },
            source: Source::Program,
            #[cfg(feature = "push-tls")]
            roots: None,
            #[cfg(feature = "push-tls")]
            client: None,
        }
    }

    /// Adds a label to the group's key, such as `instance`. All series of the group have it.
    ///
    /// Secrets and personal data in its value are [masked](crate::privacy::mask), as in the job: the key is part of the
    /// address, which every proxy on the way may log.
    ///
    /// If the process has an [identity](crate::identity), its service and its instance are in the key, unless a `service`
    /// or an `instance` is given here.
    pub fn grouping(mut self, label: &str, value: &str) -> Self {
        self.labels.push((label.to_owned(), masked(value)));
        self
    }

    /// What a push does to the metrics that are there: replaces all of them unless told otherwise.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Sends a user and a password, instead of a token.
    pub fn basic_auth(mut self, user: &str, password: &str) -> Self {
        self.credentials = Credentials::Basic {
            user: user.to_owned(),
            password: password.to_owned(),
        };
        self
    }

    /// Sends a token, instead of a user and a password.
    pub fn bearer_token(mut self, token: &str) -> Self {
        self.credentials = Credentials::Bearer(token.to_owned());
        self
    }

    /// Allows to send credentials over plain HTTP to another machine, where everybody on the way can read them.
    pub fn insecure(mut self) -> Self {
        self.is_insecure = true;
        self
    }

    /// How long one try may take, from the look-up of the host to the end of the answer: 10 s unless given.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// How long all tries may take, with the pauses between them: 30 s unless given.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.limits.total = timeout;
        self
    }

    /// How many tries there are at most: 5 unless given.
    pub fn tries(mut self, tries: u32) -> Self {
        self.limits.tries = tries;
        self
    }

    /// Pushes a registry of one's own instead of that of the program.
    pub fn registry(mut self, registry: impl Into<Arc<Registry>>) -> Self {
        self.source = Source::Own(registry.into());
        self
    }

    /// The certificates, as PEM, of those who may vouch for the server; those that browsers trust unless given.
    #[cfg(feature = "push-tls")]
    pub fn roots_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// The client's own certificate with its chain and its private key, as PEM.
    #[cfg(feature = "push-tls")]
    pub fn client_certificate_pem(
        mut self,
        chain: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.client = Some((chain.into(), key.into()));
        self
    }

    /// Checks it all. Nothing is sent yet.
    ///
    /// ```
    /// use datapunk_metrics::push::Pushgateway;
    ///
    /// let error = Pushgateway::builder("127.0.0.1:9091", "nightly_load").build().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "address of the Pushgateway has no `http://` or `https://`\n\
    ///      help: write `http://127.0.0.1:9091`"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// If something of it can't be used.
    pub fn build(self) -> Result<Pushgateway, BuildError> {
        let (base, uri) = address(&self.url)?;
        let labels = with_identity(self.labels, identity::get());
        check_group(&self.job, &labels)?;
        check_limits(self.limits)?;
        let authorization = match &self.credentials {
            Credentials::None => None,
            Credentials::Basic { user, password } => Some(basic(user, password)?),
            Credentials::Bearer(token) => Some(Authorization::bearer(token).ok_or_else(|| {
                error("bearer token is empty or has characters other than visible ASCII")
                    .help("a file's final line feed is not part of its token")
            })?),
        };
        let is_plain = uri.scheme_str() == Some("http");
        if authorization.is_some() && is_plain && !self.is_insecure && !is_loopback(&uri) {
            return Err(
                error("credentials would go to another machine over plain HTTP")
                    .help("use `https://`, or say `.insecure()` if the network is safe"),
            );
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            // Pushes are far apart: a connection that was kept would be one that the server has closed.
            .max_idle_connections(0)
            .user_agent(concat!("datapunk-metrics/", env!("CARGO_PKG_VERSION")));
        #[cfg(feature = "push-tls")]
        let config = config.tls_config(tls(self.roots.as_deref(), self.client.as_ref())?);
        Ok(Pushgateway {
            target: Arc::new(Target {
                agent: config.build().new_agent(),
                url: format!("{base}{}", group::path(&self.job, &labels)),
                method: self.method,
                authorization,
                limits: self.limits,
                source: self.source,
            }),
        })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may have a password in it, which is refused only later.
        f.debug_struct("Builder")
            .field("job", &self.job)
            .field("labels", &self.labels)
            .field("method", &self.method)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A part of a group's key as it may be shown.
fn masked(text: &str) -> String {
    match mask(text) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(masked) => {
            PUSH.push_values_masked_total.inc();
            masked
        }
    }
}

/// A client that can't be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    message: String,
    help: Option<String>,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\nhelp: {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BuildError {}

impl BuildError {
    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

fn error(message: impl Into<String>) -> BuildError {
    BuildError {
        message: message.into(),
        help: None,
    }
}

/// The address without a final slash, and its parts. No error shows the address: it may have a password in it.
fn address(url: &str) -> Result<(&str, Uri), BuildError> {
    let Some((scheme, rest)) = url.split_once("://") else {
        let problem = error("address of the Pushgateway has no `http://` or `https://`");
        return Err(if url.is_empty() || url.contains('@') {
            problem
        } else {
            problem.help(format!("write `http://{}`", mask(url).escape_debug()))
        });
    };
    if rest.trim_matches('/').is_empty() {
        return Err(error("address of the Pushgateway has no host"));
    }
    let base = url.trim_end_matches('/');
    if rest
        .split('/')
        .next()
        .is_some_and(|host| host.contains('@'))
    {
        return Err(error(
            "address of the Pushgateway has credentials in it, which end up in logs",
        )
        .help("leave them out of the address and call `.basic_auth(user, password)`"));
    }
    if rest.contains(['?', '#']) {
        return Err(
            error("address of the Pushgateway has a query or a fragment")
                .help("end it with the host, the port or a path"),
        );
    }
    let uri: Uri = base
        .parse()
        .map_err(|reason| error(format!("address of the Pushgateway is not one: {reason}")))?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" => {}
        "https" if cfg!(feature = "push-tls") => {}
        "https" => {
            return Err(error("`https` needs the feature `push-tls`")
                .help("datapunk-metrics = { version = \"…\", features = [\"push-tls\"] }"));
        }
        _ => {
            return Err(error(
                "address of the Pushgateway is neither `http` nor `https`",
            ));
        }
    }
    if uri.path().ends_with("/metrics") || uri.path().contains("/metrics/job") {
        return Err(
            error("address of the Pushgateway has the path of a group in it")
                .help("leave `/metrics` and what follows it out, they are added"),
        );
    }
    Ok((base, uri))
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

/// The labels of a group, with those of the process behind them that are not given.
fn with_identity(
    mut labels: Vec<(String, String)>,
    identity: Option<&Identity>,
) -> Vec<(String, String)> {
    let own = [
        ("service", identity.map(Identity::service)),
        ("instance", identity.and_then(Identity::instance_name)),
    ];
    for (label, value) in own {
        if let Some(value) = value
            && !labels.iter().any(|(given, _)| given == label)
        {
            labels.push((label.to_owned(), value.to_owned()));
        }
    }
    labels
}

fn check_group(job: &str, labels: &[(String, String)]) -> Result<(), BuildError> {
    if job.is_empty() {
        return Err(error("job is empty").help("give it the name of what runs"));
    }
    for (index, (label, _)) in labels.iter().enumerate() {
        let shown = label.escape_debug();
        if label == "job" {
            return Err(error("`job` is the first label of every group")
                .help("leave it out, the builder was given the job"));
        }
        if labels[..index].iter().any(|(other, _)| other == label) {
            return Err(error(format!("grouping label `{shown}` is there twice")));
        }
        // These two belong to the target, which is what a group stands for.
        if matches!(label.as_str(), "instance" | "service") {
            continue;
        }
        let findings = check_label_name(Profile::Datapunk, label, Openness::Open);
        if let Some(finding) = findings.into_iter().next() {
            let problem = error(format!("grouping label: {}", finding.message));
            return Err(match (finding.fix, finding.help) {
                (Some(fix), _) => problem.help(format!("write `{fix}`")),
                (None, Some(help)) => problem.help(help),
                (None, None) => problem,
            });
        }
    }
    Ok(())
}

fn check_limits(limits: Limits) -> Result<(), BuildError> {
    if limits.timeout.is_zero() || limits.total.is_zero() {
        return Err(error("a timeout of 0 leaves no time for a try"));
    }
    if limits.tries == 0 {
        return Err(error("0 tries never push").help("`tries(1)` tries once"));
    }
    Ok(())
}

fn basic(user: &str, password: &str) -> Result<Authorization, BuildError> {
    if user.contains(':') {
        return Err(error("user has a `:`, which is where the password begins"));
    }
    if user.chars().chain(password.chars()).any(char::is_control) {
        return Err(error("user or password has a control character")
            .help("a file's final line feed is not part of its password"));
    }
    Ok(Authorization::basic(user, password))
}

#[cfg(feature = "push-tls")]
fn tls(
    roots: Option<&[u8]>,
    client: Option<&(Vec<u8>, Vec<u8>)>,
) -> Result<ureq::tls::TlsConfig, BuildError> {
    use ureq::tls::{ClientCert, PrivateKey, RootCerts, TlsConfig};

    let mut config = TlsConfig::builder();
    if let Some(pem) = roots {
        config = config.root_certs(RootCerts::new_with_certs(&certificates("roots", pem)?));
    }
    if let Some((chain, key)) = client {
        let chain = certificates("client certificate", chain)?;
        let key =
            PrivateKey::from_pem(key).map_err(|_| error("private key of the client is not PEM"))?;
        config = config.client_cert(Some(ClientCert::new_with_certs(&chain, key)));
    }
    Ok(config.build())
}

#[cfg(feature = "push-tls")]
fn certificates(
    what: &str,
    pem: &[u8],
) -> Result<Vec<ureq::tls::Certificate<'static>>, BuildError> {
    use ureq::tls::{PemItem, parse_pem};

    let mut found = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(reason) => return Err(error(format!("{what}: not PEM: {reason}"))),
        }
    }
    if found.is_empty() {
        return Err(error(format!("{what}: no certificate in the PEM text"))
            .help("it begins with `-----BEGIN CERTIFICATE-----`"));
    }
    Ok(found)
}
