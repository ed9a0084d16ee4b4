//! A blocking HTTP client with a limit on every request.

use std::time::Duration;

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The `content-type`, empty if there is none.
    pub content_type: String,
    /// The body, gzip undone.
    pub body: String,
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .max_redirects(0)
        .build()
        .new_agent()
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, String> {
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    Ok(Answer {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: response
            .body_mut()
            .read_to_string()
            .map_err(|error| error.to_string())?,
    })
}

/// Fetches `url`.
///
/// # Errors
///
/// If there is no answer.
pub fn get(url: &str) -> Result<Answer, String> {
    read(
        agent()
            .get(url)
            .call()
            .map_err(|error| format!("GET {url}: {error}"))?,
    )
}

/// Fetches `url` with an `accept` header.
///
/// # Errors
///
/// If there is no answer.
pub fn get_as(url: &str, accept: &str) -> Result<Answer, String> {
    let request = agent().get(url).header("accept", accept);
    read(
        request
            .call()
            .map_err(|error| format!("GET {url}: {error}"))?,
    )
}

/// Puts `body` to `url`.
///
/// # Errors
///
/// If there is no answer.
pub fn put(url: &str, content_type: &str, body: &[u8]) -> Result<Answer, String> {
    let request = agent().put(url).header("content-type", content_type);
    read(
        request
            .send(body)
            .map_err(|error| format!("PUT {url}: {error}"))?,
    )
}

/// Posts `body` to `url`.
///
/// # Errors
///
/// If there is no answer.
pub fn post(url: &str, content_type: &str, body: &[u8]) -> Result<Answer, String> {
    let request = agent().post(url).header("content-type", content_type);
    read(
        request
            .send(body)
            .map_err(|error| format!("POST {url}: {error}"))?,
    )
}
