//! Retention classes: a label at the scrape, a remote write for each class, and a store for each.
//!
//! A Prometheus keeps all samples equally long. So a class is a store of its own, and the scraping Prometheus sends each
//! series to that of its class. Series without the label are of the default class: what rules record, and what is scraped
//! from other software.

use std::collections::BTreeMap;

use datapunk_metrics_conventions::Retention;
use serde::Serialize;

use super::Relabel;
use crate::artifacts::bundle::File;
use crate::artifacts::catalogue::{Catalogue, series_names};
use crate::artifacts::deployment::{Store, Stores};
use crate::artifacts::http_client::HttpClient;

/// The label that says the class, as long as a series is in the scraping Prometheus.
pub(super) const LABEL: &str = "retention_class";

#[derive(Serialize)]
pub(super) struct RemoteWrite {
    name: &'static str,
    url: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'static str, &'static str>,
    #[serde(flatten)]
    http: HttpClient,
    write_relabel_configs: Vec<Relabel>,
}

/// Steps that give each series the label of its class, but for those of the default class.
pub(super) fn class_labels(catalogues: &[&Catalogue]) -> Vec<Relabel> {
    let mut names: BTreeMap<Retention, Vec<String>> = BTreeMap::new();
    for metric in catalogues.iter().flat_map(|catalogue| catalogue.metrics()) {
        let class = Retention::from_name(&metric.retention).unwrap_or_default();
        let former = metric.renamed_from.iter().map(|former| &former.name);
        for name in core::iter::once(&metric.name).chain(former) {
            names
                .entry(class)
                .or_default()
                .extend(series_names(name, &metric.kind));
        }
    }
    names.remove(&Retention::default());
    let steps = names.into_iter().map(|(class, mut names)| {
        names.sort();
        names.dedup();
        Relabel {
            source_labels: vec!["__name__".into()],
            regex: Some(names.join("|")),
            target_label: Some(LABEL.into()),
            replacement: Some(class.as_str().to_owned()),
            action: None,
        }
    });
    steps.collect()
}

/// One remote write for each class.
pub(super) fn remote_writes(stores: &Stores) -> Vec<RemoteWrite> {
    let writes = Retention::ALL.into_iter().map(|class| {
        let name = class.as_str();
        let regex = if class == Retention::default() {
            // Of the default class, and without a class.
            format!("({name})?")
        } else {
            name.to_owned()
        };
        RemoteWrite {
            name,
            url: format!("{}{}", address(stores, class), path(stores.store)),
            headers: tenant(stores.store, name),
            http: HttpClient::of(&stores.endpoint),
            write_relabel_configs: vec![
                Relabel {
                    source_labels: vec![LABEL.into()],
                    regex: Some(regex),
                    action: Some("keep"),
                    ..Relabel::default()
                },
                Relabel {
                    regex: Some(LABEL.to_owned()),
                    action: Some("labeldrop"),
                    ..Relabel::default()
                },
            ],
        }
    });
    writes.collect()
}

fn address(stores: &Stores, class: Retention) -> &str {
    let url = stores.receivers.get(class.as_str());
    url.map_or("", |url| url.trim_end_matches('/'))
}

/// Where a store takes remote writes.
const fn path(store: Store) -> &'static str {
    match store {
        Store::Prometheus | Store::VictoriaMetrics => "/api/v1/write",
        Store::Mimir => "/api/v1/push",
        Store::Thanos => "/api/v1/receive",
    }
}

fn tenant(store: Store, class: &'static str) -> BTreeMap<&'static str, &'static str> {
    match store {
        Store::Prometheus | Store::VictoriaMetrics => BTreeMap::new(),
        Store::Mimir => BTreeMap::from([("X-Scope-OrgID", class)]),
        Store::Thanos => BTreeMap::from([("THANOS-TENANT", class)]),
    }
}

/// How the stores are started, and what they need for it.
pub(super) fn files(stores: &Stores) -> Vec<File> {
    let mut files = vec![File::new("receivers.sh", script(stores))];
    match stores.store {
        Store::Prometheus => files.push(File::new(
            "receiver.yml",
            "# A receiver scrapes nothing: it keeps what it is sent.\nglobal: {}\n".to_owned(),
        )),
        Store::Mimir => files.push(File::new("mimir-overrides.yml", overrides())),
        Store::Thanos | Store::VictoriaMetrics => {}
    }
    files
}

/// For how long each of Mimir's tenants is kept.
fn overrides() -> String {
    #[derive(Serialize)]
    struct Overrides {
        overrides: BTreeMap<&'static str, BTreeMap<&'static str, String>>,
    }
    let tenants = Retention::ALL.into_iter().map(|class| {
        let days = format!("{}d", class.days());
        (
            class.as_str(),
            BTreeMap::from([("compactor_blocks_retention_period", days)]),
        )
    });
    let overrides = Overrides {
        overrides: tenants.collect(),
    };
    crate::artifacts::yaml(
        "Mimir's runtime configuration: -runtime-config.file=mimir-overrides.yml",
        &overrides,
    )
}

fn script(stores: &Stores) -> String {
    let mut text = String::from(
        "#!/bin/sh\n\
         # Starts the store of one retention class in the foreground, with its data in a folder:\n\
         #     receivers.sh high_frequency|medium_frequency|low_frequency|compliance <folder>\n\
         set -eu\n\
         here=$(dirname \"$0\")\n\
         class=${1:?which class}\n\
         data=${2:?which folder}\n\
         case \"$class\" in\n",
    );
    for class in Retention::ALL {
        text.push_str(class.as_str());
        text.push_str(")\n");
        text.push_str(&command(stores, class));
        text.push_str("    ;;\n");
    }
    text.push_str("*)\n    echo \"error: unknown retention class \\`$class\\`\" >&2\n    exit 2\n    ;;\nesac\n");
    text
}

fn command(stores: &Stores, class: Retention) -> String {
    let days = class.days();
    let url = address(stores, class);
    let listen = url.split_once("://").map_or(url, |(_, rest)| rest);
    let listen = listen.split('/').next().unwrap_or_default();
    match stores.store {
        Store::Prometheus => format!(
            "    exec prometheus --config.file=\"$here/receiver.yml\" --web.enable-remote-write-receiver \\\n        \
             --storage.tsdb.retention.time={days}d --storage.tsdb.path=\"$data\" \\\n        \
             --web.listen-address={listen}\n"
        ),
        Store::VictoriaMetrics => format!(
            "    exec victoria-metrics -retentionPeriod={days}d -storageDataPath=\"$data\" -httpListenAddr={listen}\n"
        ),
        // One server for all tenants; the overrides say for how long each is kept.
        Store::Mimir => format!(
            "    exec mimir -target=all -server.http-listen-address={host} -server.http-listen-port={port} \\\n        \
             -auth.multitenancy-enabled=true -runtime-config.file=\"$here/mimir-overrides.yml\" \\\n        \
             -ingester.ring.replication-factor=1 -store-gateway.sharding-ring.replication-factor=1 \\\n        \
             -blocks-storage.bucket-store.sync-dir=\"$data/sync\" -blocks-storage.backend=filesystem -blocks-storage.filesystem.dir=\"$data/blocks\" \\\n        \
             -blocks-storage.tsdb.dir=\"$data/tsdb\" -compactor.data-dir=\"$data/compactor\"\n",
            host = listen.rsplit_once(':').map_or(listen, |(host, _)| host),
            port = listen.rsplit_once(':').map_or("9009", |(_, port)| port),
        ),
        // The receiver; what is kept for how long is the compactor's, which has a bucket for each class. Both listen for
        // others at ports that are the same for every class unless they are given.
        Store::Thanos => format!(
            "    thanos compact --wait --data-dir=\"$data/compact\" --objstore.config-file=\"$here/$class.bucket.yml\" \\\n        \
             --http-address=\"${{COMPACT_HTTP_ADDRESS:-0.0.0.0:10912}}\" \\\n        \
             --retention.resolution-raw={days}d --retention.resolution-5m={days}d --retention.resolution-1h={days}d &\n    \
             exec thanos receive --tsdb.path=\"$data\" --remote-write.address={listen} \\\n        \
             --grpc-address=\"${{GRPC_ADDRESS:-0.0.0.0:10901}}\" --http-address=\"${{HTTP_ADDRESS:-0.0.0.0:10902}}\" \\\n        \
             --objstore.config-file=\"$here/$class.bucket.yml\" --receive.default-tenant-id=$class \\\n        \
             --label=\"retention_class=\\\"$class\\\"\"\n"
        ),
    }
}
