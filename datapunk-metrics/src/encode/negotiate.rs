//! Content negotiation by the `Accept` header.

use super::Format;

/// The format that an `Accept` header prefers, if it names one.
///
/// An empty version stands for the one that is written here. Wildcards choose nothing: a scraper that takes anything
/// gets the default.
pub(super) fn format(accept: &str) -> Option<Format> {
    let mut best: Option<(f32, Format)> = None;
    for range in accept.split(',') {
        if let Some((quality, format)) = media_range(range)
            && quality > best.map_or(0.0, |(quality, _)| quality)
        {
            best = Some((quality, format));
        }
    }
    best.map(|(_, format)| format)
}

/// The quality and the format of one media range; `None` if it is of neither format.
fn media_range(range: &str) -> Option<(f32, Format)> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next()?;
    let (format, written) = if media_type.eq_ignore_ascii_case("text/plain") {
        (Format::Text, "0.0.4")
    } else if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
        (Format::OpenMetrics, "1.0.0")
    } else {
        return None;
    };
    let mut quality = 1.0;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("q") {
            // What is no number counts as 0, so it is not chosen.
            quality = value.parse().unwrap_or(0.0);
        } else if name.trim().eq_ignore_ascii_case("version")
            && !value.is_empty()
            && value != written
        {
            return None;
        }
    }
    Some((quality, format))
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
}
