//! The deployment: what the code does not know, such as where services run. Everything else is derived.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::catalogue::Catalogue;
use datapunk_metrics_conventions::{Retention, closest};

/// Where services and servers run, and how they are reached. `docs/artifacts.md` describes the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Deployment {
    /// How often targets are scraped.
    pub scrape_interval: String,
    /// How often rules are evaluated.
    pub evaluation_interval: String,
    /// Labels of this Prometheus in what leaves it.
    pub external_labels: BTreeMap<String, String>,
    /// The services, by the names that they have in their catalogues.
    pub services: BTreeMap<String, Service>,
    /// How the services' endpoints are reached, where a service does not say otherwise.
    pub endpoint: Access,
    /// Prometheus itself.
    pub prometheus: Option<Job>,
    /// Pushgateways.
    pub pushgateway: Option<Job>,
    /// Node exporters.
    pub node: Option<Job>,
    /// The Prometheus plugins of `RabbitMQ`.
    pub rabbitmq: Option<Job>,
    /// Where alerts go.
    pub alertmanagers: Option<Job>,
    /// Whether the standard's alert and recording rules are part of it.
    pub standard_rules: bool,
    /// Files with more rules; relative paths start from the deployment file.
    pub rules: Vec<PathBuf>,
    /// Where the retention classes are kept; without it, all is kept by this Prometheus.
    pub retention: Option<Stores>,
    /// Who is told.
    pub notifications: Option<Notifications>,
    /// Where Grafana finds this Prometheus.
    pub grafana: Grafana,
    /// The folder that relative paths start from.
    #[serde(skip)]
    folder: PathBuf,
}

/// One service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// `host:port` of each instance.
    pub targets: Vec<String>,
    /// How they are reached.
    #[serde(default)]
    pub endpoint: Option<Access>,
    /// The team that alerts of its objectives go to; `platform` without.
    #[serde(default)]
    pub team: Option<String>,
}

/// Servers that are scraped or sent to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// `host:port` of each.
    pub targets: Vec<String>,
    /// How they are reached.
    #[serde(default)]
    pub endpoint: Access,
}

/// How a server is reached. Secrets are named by the files that hold them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// Over TLS, with at least version 1.2.
    pub tls: Option<Tls>,
    /// With this user.
    pub basic_auth: Option<BasicAuth>,
    /// With the bearer token in this file.
    pub bearer_token_file: Option<String>,
}

/// The certificates of a connection; those that the system trusts without a `ca_file`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Authorities to trust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// The client's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_file: Option<String>,
    /// The client's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<String>,
    /// The name that the server's certificate has, where it is not the target's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
}

/// Basic authentication.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// The user.
    pub username: String,
    /// The file with the password.
    pub password_file: String,
}

/// Stores of the retention classes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stores {
    /// What they are.
    #[serde(default)]
    pub store: Store,
    /// The address of each class, such as `http://127.0.0.1:9101`, without a path.
    pub receivers: BTreeMap<String, String>,
    /// How they are reached.
    #[serde(default)]
    pub endpoint: Access,
}

/// What keeps samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// A Prometheus for each class.
    #[default]
    Prometheus,
    /// Mimir with a tenant for each class.
    Mimir,
    /// Thanos Receive with a tenant for each class, and a bucket for each.
    Thanos,
    /// A `VictoriaMetrics` for each class.
    VictoriaMetrics,
}

/// Who is told of alerts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// Those who are told of what no team is.
    pub default: Receiver,
    /// The teams, by the values of the label `team` of alert rules.
    #[serde(default)]
    pub teams: BTreeMap<String, Receiver>,
}

/// A receiver of alerts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// A webhook, over https.
    #[serde(default)]
    pub webhook: Option<Webhook>,
    /// A channel of Slack.
    #[serde(default)]
    pub slack: Option<Slack>,
}

/// A webhook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Its address, over https and without a secret.
    pub url: String,
    /// How it is reached.
    pub endpoint: Access,
}

/// A channel of Slack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    /// The file with the address of the webhook, which is a secret.
    pub api_url_file: String,
    /// The channel.
    pub channel: String,
}

/// Grafana.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grafana {
    /// The address of Prometheus as Grafana reaches it.
    pub prometheus_url: String,
    /// Where the dashboards are put on Grafana's machine.
    pub dashboards_path: String,
}

impl Default for Grafana {
    fn default() -> Self {
        Self {
            prometheus_url: "http://prometheus:9090".to_owned(),
            dashboards_path: "/etc/grafana/dashboards".to_owned(),
        }
    }
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            scrape_interval: "15s".to_owned(),
            evaluation_interval: "15s".to_owned(),
            external_labels: BTreeMap::new(),
            services: BTreeMap::new(),
            endpoint: Access::default(),
            prometheus: None,
            pushgateway: None,
            node: None,
            rabbitmq: None,
            alertmanagers: None,
            standard_rules: true,
            rules: Vec::new(),
            retention: None,
            notifications: None,
            grafana: Grafana::default(),
            folder: PathBuf::new(),
        }
    }
}

impl Deployment {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If there is no such file, or it does not describe a deployment.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let text =
            fs::read_to_string(path).map_err(|error| format!("can't read `{shown}`: {error}"))?;
        let wrong = |error: &str| format!("`{shown}` does not describe a deployment: {error}");
        let mut deployment: Self =
            serde_saphyr::from_str(&text).map_err(|error| wrong(&super::first_line(&error)))?;
        deployment.check().map_err(|error| wrong(&error))?;
        path.parent()
            .unwrap_or(Path::new(""))
            .clone_into(&mut deployment.folder);
        Ok(deployment)
    }

    /// A rule file's path.
    pub(super) fn path_of(&self, file: &Path) -> PathBuf {
        self.folder.join(file)
    }

    fn check(&self) -> Result<(), String> {
        if let Some(stores) = &self.retention {
            let classes = Retention::ALL.map(|class| class.as_str());
            for class in classes {
                let Some(url) = stores.receivers.get(class) else {
                    return Err(format!("`retention` has no receiver of `{class}`"));
                };
                check_url("a receiver", url, &["http://", "https://"])?;
            }
            if let Some(class) = stores
                .receivers
                .keys()
                .find(|class| !classes.contains(&class.as_str()))
            {
                return Err(format!("unknown retention class `{class}`"));
            }
        }
        let Some(notifications) = &self.notifications else {
            return Ok(());
        };
        let receivers = notifications
            .teams
            .iter()
            .map(|(team, receiver)| (team.as_str(), receiver));
        for (team, receiver) in receivers.chain([("default", &notifications.default)]) {
            if receiver.webhook.is_none() && receiver.slack.is_none() {
                return Err(format!(
                    "receiver `{team}` has neither `webhook` nor `slack`"
                ));
            }
            if let Some(webhook) = &receiver.webhook {
                // What an alert says is for those who are told, and for nobody between.
                check_url(
                    &format!("the webhook of `{team}`"),
                    &webhook.url,
                    &["https://"],
                )?;
                if webhook.endpoint.is_anonymous() {
                    return Err(format!("the webhook of `{team}` has no authorization"));
                }
            }
        }
        Ok(())
    }

    /// The services of `catalogues` with where they run, each of which the deployment has to know, and no others.
    pub(super) fn services_of<'a>(
        &'a self,
        catalogues: &'a [Catalogue],
    ) -> Result<Vec<(&'a Catalogue, &'a Service)>, String> {
        let known: Vec<&str> = catalogues.iter().map(|one| one.service.as_str()).collect();
        if let Some(unknown) = self
            .services
            .keys()
            .find(|name| !known.contains(&name.as_str()))
        {
            let near = closest(unknown, known.iter().copied());
            let hint = near.map_or(String::new(), |near| format!("; a similar one is `{near}`"));
            return Err(format!(
                "the deployment has service `{unknown}`, of which there is no catalogue{hint}"
            ));
        }
        let services = catalogues.iter().map(|catalogue| {
            let service = self.services.get(&catalogue.service);
            let service = service
                .filter(|service| !service.targets.is_empty())
                .ok_or_else(|| {
                    format!(
                        "the deployment has no targets of service `{}`",
                        catalogue.service
                    )
                })?;
            Ok((catalogue, service))
        });
        services.collect()
    }
}

impl Access {
    /// Whether anybody may ask.
    fn is_anonymous(&self) -> bool {
        let certificate = self.tls.as_ref().and_then(|tls| tls.cert_file.as_ref());
        self.basic_auth.is_none() && self.bearer_token_file.is_none() && certificate.is_none()
    }
}

fn check_url(what: &str, url: &str, schemes: &[&str]) -> Result<(), String> {
    let rest = schemes.iter().find_map(|scheme| url.strip_prefix(scheme));
    match rest {
        None => Err(format!(
            "{what} has the address `{url}`, which does not begin with `{}`",
            schemes.join("` or `")
        )),
        Some(rest)
            if rest
                .split('/')
                .next()
                .is_some_and(|host| host.contains('@')) =>
        {
            Err(format!(
                "{what} has a secret in its address; name a file with it under `endpoint`"
            ))
        }
        Some(_) => Ok(()),
    }
}
