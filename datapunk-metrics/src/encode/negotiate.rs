//! Content negotiation by the `Accept` header.

use super::Format;

/// What an exposition can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    Text(Format),
    #[cfg(feature = "protobuf")]
    Protobuf,
}

impl Writing {
    /// What answers an `Accept` header; see [`Format::negotiate`].
    #[cfg(feature = "serve")]
    pub(crate) fn negotiate(accept: Option<&str>) -> Self {
        accept
            .and_then(|accept| preferred(accept, |_| true))
            .unwrap_or(Self::Text(Format::Text))
    }

    /// The `Content-Type`.
    #[cfg(feature = "serve")]
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Text(format) => format.content_type(),
            #[cfg(feature = "protobuf")]
            Self::Protobuf => super::protobuf::CONTENT_TYPE,
        }
    }

    const fn text(self) -> Option<Format> {
        match self {
            Self::Text(format) => Some(format),
            #[cfg(feature = "protobuf")]
            Self::Protobuf => None,
        }
    }
}

/// The text format that an `Accept` header prefers, if it names one.
pub(super) fn format(accept: &str) -> Option<Format> {
    preferred(accept, |writing| writing.text().is_some()).and_then(Writing::text)
}

/// What an `Accept` header prefers of what is offered, if it names some of it.
///
/// An empty version stands for the one that is written here. Wildcards choose nothing: a scraper that takes anything
/// gets the default.
fn preferred(accept: &str, is_offered: impl Fn(Writing) -> bool) -> Option<Writing> {
    let mut best: Option<(f32, Writing)> = None;
    for range in accept.split(',') {
        if let Some((quality, writing)) = media_range(range)
            && is_offered(writing)
            && quality > best.map_or(0.0, |(quality, _)| quality)
        {
            best = Some((quality, writing));
        }
    }
    best.map(|(_, writing)| writing)
}

/// The quality and the format of one media range; `None` if it is of none that is written here.
fn media_range(range: &str) -> Option<(f32, Writing)> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next()?;
    let (writing, parameters): (_, &[(&str, &str)]) =
        if media_type.eq_ignore_ascii_case("text/plain") {
            (Writing::Text(Format::Text), &[("version", "0.0.4")])
        } else if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
            (Writing::Text(Format::OpenMetrics), &[("version", "1.0.0")])
        } else {
            protobuf(media_type)?
        };
    let mut quality = 1.0;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("q") {
            // What is no number counts as 0, so it is not chosen.
            quality = value.parse().unwrap_or(0.0);
        } else if parameters.iter().any(|(known, written)| {
            name.trim().eq_ignore_ascii_case(known) && !value.is_empty() && value != *written
        }) {
            return None;
        }
    }
    Some((quality, writing))
}

/// A format, and what its parameters have to be if they are given.
type Described = (Writing, &'static [(&'static str, &'static str)]);

#[cfg(feature = "protobuf")]
fn protobuf(media_type: &str) -> Option<Described> {
    const PARAMETERS: &[(&str, &str)] = &[
        ("proto", "io.prometheus.client.MetricFamily"),
        ("encoding", "delimited"),
    ];
    media_type
        .eq_ignore_ascii_case("application/vnd.google.protobuf")
        .then_some((Writing::Protobuf, PARAMETERS))
}

#[cfg(not(feature = "protobuf"))]
const fn protobuf(_: &str) -> Option<Described> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_format_wins() {
        const OPEN_METRICS: Format = Format::OpenMetrics;
        const TEXT: Format = Format::Text;
        for (accept, format) in [
            // Prometheus 2 and 3, a browser, curl.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                OPEN_METRICS,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,\
                 application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,\
                 text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                OPEN_METRICS,
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,\
                 application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2",
                OPEN_METRICS,
            ),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                TEXT,
            ),
            ("*/*", TEXT),
            // One format alone.
            ("text/plain", TEXT),
            ("text/plain;version=0.0.4", TEXT),
            ("application/openmetrics-text", OPEN_METRICS),
            (
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                OPEN_METRICS,
            ),
            (
                "application/openmetrics-text; version=\"1.0.0\"",
                OPEN_METRICS,
            ),
            (
                "Application/OpenMetrics-Text ; Version=1.0.0 ; Q=1",
                OPEN_METRICS,
            ),
            // Versions that are not written here.
            ("application/openmetrics-text;version=0.0.1", TEXT),
            (
                "application/openmetrics-text;version=2.0.0,text/plain;q=0.1",
                TEXT,
            ),
            // Qualities, and the order where they are equal.
            (
                "text/plain;q=0.5,application/openmetrics-text;q=0.6",
                OPEN_METRICS,
            ),
            ("text/plain;q=0.6,application/openmetrics-text;q=0.5", TEXT),
            ("text/plain,application/openmetrics-text", TEXT),
            ("application/openmetrics-text,text/plain", OPEN_METRICS),
            ("application/openmetrics-text;q=0,*/*", TEXT),
            (
                "application/openmetrics-text;q=0.001,text/plain;q=0",
                OPEN_METRICS,
            ),
            // What can't be read.
            ("application/openmetrics-text;q=high", TEXT),
            ("application/openmetrics-text;q=NaN", TEXT),
            ("application/json", TEXT),
            ("", TEXT),
            (",;,=;q", TEXT),
        ] {
            assert_eq!(Format::negotiate(Some(accept)), format, "{accept}");
        }
        assert_eq!(Format::negotiate(None), TEXT);
    }

    #[test]
    #[cfg(all(feature = "protobuf", feature = "serve"))]
    fn protobuf_is_offered_to_who_asks_for_what_is_written() {
        for (accept, is_protobuf) in [
            // Prometheus 2.42 with `--enable-feature=native-histograms`.
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,\
                 application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,\
                 text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                true,
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,\
                 application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2",
                true,
            ),
            ("application/vnd.google.protobuf", true),
            (
                "application/vnd.google.protobuf;encoding=text,text/plain",
                false,
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=compact-text",
                false,
            ),
            ("application/openmetrics-protobuf;version=1.0.0", false),
            ("application/vnd.google.protobuf;q=0.1,text/plain", false),
            ("*/*", false),
        ] {
            let writing = Writing::negotiate(Some(accept));
            assert_eq!(writing == Writing::Protobuf, is_protobuf, "{accept}");
            // Who encodes text is never told to write something else.
            let _: Format = Format::negotiate(Some(accept));
        }
        assert_eq!(Writing::negotiate(None), Writing::Text(Format::Text));
    }
}
