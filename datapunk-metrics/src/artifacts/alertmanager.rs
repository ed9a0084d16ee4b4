//! The configuration of Alertmanager: who is told, and what they are spared.

use serde::Serialize;

use super::bundle::File;
use super::deployment::{Deployment, Receiver};
use super::http_client::HttpClient;
use super::redact;

/// The alert that says a service is down; what else is wrong with the service follows from it.
const SERVICE_DOWN: &str = "ServiceDown";
/// What a notification says.
const TEMPLATES: &str = include_str!("alertmanager/notifications.tmpl");

#[derive(Serialize)]
struct Config {
    route: Route,
    inhibit_rules: Vec<Inhibition>,
    receivers: Vec<Named>,
    templates: Vec<&'static str>,
}

#[derive(Default, Serialize)]
struct Route {
    receiver: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matchers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_by: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_wait: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_interval: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_interval: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Self>,
}

#[derive(Serialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: Vec<&'static str>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    webhook_configs: Vec<WebhookConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    slack_configs: Vec<SlackConfig>,
}

#[derive(Serialize)]
struct WebhookConfig {
    url: String,
    http_config: HttpClient,
}

#[derive(Serialize)]
struct SlackConfig {
    api_url_file: String,
    channel: String,
    send_resolved: bool,
    title: &'static str,
    text: &'static str,
}

/// The files of Alertmanager; none where nobody is to be told.
pub(super) fn files(deployment: &Deployment) -> Vec<File> {
    let Some(notifications) = &deployment.notifications else {
        return Vec::new();
    };
    let config = Config {
        route: Route {
            receiver: "default".to_owned(),
            group_by: vec!["alertname", "service"],
            group_wait: Some("30s"),
            group_interval: Some("5m"),
            repeat_interval: Some("4h"),
            // A team's own route first; what is critical of no team is urgent as well.
            routes: notifications
                .teams
                .keys()
                .map(|team| Route {
                    receiver: team.clone(),
                    matchers: vec![matcher("team", "=", team)],
                    routes: vec![critical(team)],
                    ..Route::default()
                })
                .chain([critical("default")])
                .collect(),
            ..Route::default()
        },
        inhibit_rules: inhibitions(),
        receivers: core::iter::once(named("default", &notifications.default))
            .chain(
                notifications
                    .teams
                    .iter()
                    .map(|(team, receiver)| named(team, receiver)),
            )
            .collect(),
        templates: vec!["templates/*.tmpl"],
    };
    let comment = "Written by `datapunk-metrics alertmanager`; change the deployment instead.";
    vec![
        File::new("alertmanager.yml", super::yaml(comment, &config)),
        File::new(
            "templates/notifications.tmpl",
            format!("{TEMPLATES}\n{}", redact::template()),
        ),
    ]
}

fn critical(receiver: &str) -> Route {
    Route {
        receiver: receiver.to_owned(),
        matchers: vec![matcher("severity", "=", "critical")],
        group_wait: Some("10s"),
        repeat_interval: Some("1h"),
        ..Route::default()
    }
}

fn inhibitions() -> Vec<Inhibition> {
    vec![
        Inhibition {
            source_matchers: vec![matcher("alertname", "=", SERVICE_DOWN)],
            // An alert without a service is about something else, such as a node.
            target_matchers: vec![
                matcher("alertname", "!=", SERVICE_DOWN),
                matcher("service", "!=", ""),
            ],
            equal: vec!["service"],
        },
        Inhibition {
            source_matchers: vec![matcher("severity", "=", "critical")],
            target_matchers: vec![matcher("severity", "=", "warning")],
            equal: vec!["alertname", "service", "instance"],
        },
        // Of one objective, whoever is woken needs no ticket as well.
        Inhibition {
            source_matchers: vec![matcher("sloth_severity", "=", "page")],
            target_matchers: vec![matcher("sloth_severity", "=", "ticket")],
            equal: vec!["sloth_id"],
        },
    ]
}

fn matcher(label: &str, operator: &str, value: &str) -> String {
    format!("{label}{operator}{value:?}")
}

fn named(name: &str, receiver: &Receiver) -> Named {
    Named {
        name: name.to_owned(),
        webhook_configs: receiver
            .webhook
            .iter()
            .map(|webhook| WebhookConfig {
                url: webhook.url.clone(),
                http_config: HttpClient::of(&webhook.endpoint),
            })
            .collect(),
        slack_configs: receiver
            .slack
            .iter()
            .map(|slack| SlackConfig {
                api_url_file: slack.api_url_file.clone(),
                channel: slack.channel.clone(),
                send_resolved: true,
                title: r#"{{ template "datapunk.title" . }}"#,
                text: r#"{{ template "datapunk.text" . }}"#,
            })
            .collect(),
    }
}
