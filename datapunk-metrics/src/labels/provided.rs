//! Label values that most services need.

/// How a call or an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, datapunk_metrics_derive::LabelValue)]
#[label(crate = crate)]
pub enum Outcome {
    /// It returned, and not with an error.
    Ok,
    /// It returned an error.
    Error,
    /// It panicked.
    Panicked,
    /// Its future was dropped before it was done.
    Cancelled,
}

impl Outcome {
    /// [`Ok`](Self::Ok) or [`Error`](Self::Error), as the result is.
    #[inline]
    #[must_use]
    pub const fn of<T, E>(result: &Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Ok,
            Err(_) => Self::Error,
        }
    }
}

/// The method of an HTTP request. Sparse: a series appears when it is first touched.
///
/// Methods outside of RFC 9110 and RFC 5789 are [`Other`](Self::Other), so that random methods can't create series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, datapunk_metrics_derive::LabelValue)]
#[label(crate = crate, rename_all = "UPPERCASE", sparse)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
    /// `CONNECT`
    Connect,
    /// `OPTIONS`
    Options,
    /// `TRACE`
    Trace,
    /// `PATCH`
    Patch,
    /// Every other method, as `other`.
    #[label(rename = "other")]
    Other,
}

impl Method {
    /// The method with this name, [`Other`](Self::Other) if there is none. Names are case-sensitive (RFC 9110, 9.1).
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "CONNECT" => Self::Connect,
            "OPTIONS" => Self::Options,
            "TRACE" => Self::Trace,
            "PATCH" => Self::Patch,
            _ => Self::Other,
        }
    }
}

/// The class of an HTTP status code: six series instead of [`StatusCode`](crate::StatusCode)'s 64, all of them
/// exposed from the first scrape, which is what `rate()` needs to see the first increment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, datapunk_metrics_derive::LabelValue)]
#[label(crate = crate)]
pub enum StatusClass {
    /// 1xx
    #[label(rename = "1xx")]
    Informational,
    /// 2xx
    #[label(rename = "2xx")]
    Success,
    /// 3xx
    #[label(rename = "3xx")]
    Redirection,
    /// 4xx
    #[label(rename = "4xx")]
    ClientError,
    /// 5xx
    #[label(rename = "5xx")]
    ServerError,
    /// A code below 100 or above 599, as `other`.
    #[label(rename = "other")]
    Other,
}

impl StatusClass {
    /// The class of a status code.
    #[must_use]
    pub const fn of(code: u16) -> Self {
        match code {
            100..=199 => Self::Informational,
            200..=299 => Self::Success,
            300..=399 => Self::Redirection,
            400..=499 => Self::ClientError,
            500..=599 => Self::ServerError,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LabelValue as _;

    #[test]
    fn method_names_and_values_agree() {
        for name in Method::VALUES.iter().filter(|name| **name != "other") {
            assert_eq!(Method::VALUES[Method::from_name(name).index()], *name);
        }
        assert_eq!(Method::from_name("get"), Method::Other);
        assert_eq!(Method::from_name("BREW"), Method::Other);
    }

    #[test]
    fn every_code_has_the_class_that_its_first_digit_names() {
        for code in 100..600_u16 {
            let value = StatusClass::VALUES[StatusClass::of(code).index()];
            assert_eq!(value, format!("{}xx", code / 100));
        }
        assert_eq!(StatusClass::of(99), StatusClass::Other);
        assert_eq!(StatusClass::of(600), StatusClass::Other);
    }
}
