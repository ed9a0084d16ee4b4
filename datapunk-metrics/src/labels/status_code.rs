//! HTTP status codes as a closed label value.

use crate::LabelValue;

/// Every code of the IANA registry, 499, and nothing else, with its name.
macro_rules! codes {
    ($($code:literal $name:ident $text:literal)*) => {
        /// The codes in the order of their index; `other` follows behind the last.
        const CODES: &[u16] = &[$($code),*];

        impl StatusCode {
            $(
                #[doc = concat!("`", stringify!($code), "` ", $text)]
                pub const $name: Self = Self::new($code);
            )*
        }

        const VALUES: &[&str] = &[$(stringify!($code),)* "other"];
        const VARIANTS: &[&str] = &[$(stringify!($name),)* "OTHER"];
    };
}

/// The status code of an HTTP response: every code of the IANA registry, 499 (the client went away) and `other`.
///
/// Sparse: a series appears when it is first touched, which `rate()` can't see as an increase. Name the codes that an
/// alert needs with `#[metric(zero = [200, 500])]`, or use [`StatusClass`](crate::StatusClass).
///
/// ```
/// use datapunk_metrics::{LabelValue, StatusCode};
///
/// assert_eq!(StatusCode::VALUES[StatusCode::NOT_FOUND.index()], "404");
/// assert_eq!(StatusCode::new(299), StatusCode::OTHER);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatusCode {
    /// Position in `VALUES`.
    index: u8,
}

impl StatusCode {
    /// A code outside of the registry, as `other`.
    pub const OTHER: Self = Self { index: OTHER };

    /// The label value of a code; one that isn't registered is [`OTHER`](Self::OTHER).
    #[inline]
    #[must_use]
    pub const fn new(code: u16) -> Self {
        if code < FIRST || code > LAST {
            return Self::OTHER;
        }
        Self {
            index: INDEX[(code - FIRST) as usize],
        }
    }

    /// The class of the code.
    #[must_use]
    pub const fn class(self) -> crate::StatusClass {
        if self.index == OTHER {
            return crate::StatusClass::Other;
        }
        crate::StatusClass::of(CODES[self.index as usize])
    }
}

impl From<u16> for StatusCode {
    #[inline]
    fn from(code: u16) -> Self {
        Self::new(code)
    }
}

impl LabelValue for StatusCode {
    const VALUES: &'static [&'static str] = VALUES;
    const VARIANTS: &'static [&'static str] = VARIANTS;
    const SPARSE: bool = true;

    #[inline]
    fn index(self) -> usize {
        self.index as usize
    }
}

const FIRST: u16 = 100;
const LAST: u16 = 511;
#[expect(
    clippy::cast_possible_truncation,
    reason = "far fewer than 256 codes are registered"
)]
const OTHER: u8 = CODES.len() as u8;

/// The index of every code from `FIRST` to `LAST`.
static INDEX: [u8; (LAST - FIRST + 1) as usize] = {
    let mut index = [OTHER; (LAST - FIRST + 1) as usize];
    let mut at = 0_u8;
    while at < OTHER {
        index[(CODES[at as usize] - FIRST) as usize] = at;
        at += 1;
    }
    index
};

codes! {
    100 CONTINUE "Continue"
    101 SWITCHING_PROTOCOLS "Switching Protocols"
    102 PROCESSING "Processing"
    103 EARLY_HINTS "Early Hints"
    104 UPLOAD_RESUMPTION_SUPPORTED "Upload Resumption Supported"
    200 OK "OK"
    201 CREATED "Created"
    202 ACCEPTED "Accepted"
    203 NON_AUTHORITATIVE_INFORMATION "Non-Authoritative Information"
    204 NO_CONTENT "No Content"
    205 RESET_CONTENT "Reset Content"
    206 PARTIAL_CONTENT "Partial Content"
    207 MULTI_STATUS "Multi-Status"
    208 ALREADY_REPORTED "Already Reported"
    226 IM_USED "IM Used"
    300 MULTIPLE_CHOICES "Multiple Choices"
    301 MOVED_PERMANENTLY "Moved Permanently"
    302 FOUND "Found"
    303 SEE_OTHER "See Other"
    304 NOT_MODIFIED "Not Modified"
    305 USE_PROXY "Use Proxy"
    306 UNUSED "(Unused)"
    307 TEMPORARY_REDIRECT "Temporary Redirect"
    308 PERMANENT_REDIRECT "Permanent Redirect"
    400 BAD_REQUEST "Bad Request"
    401 UNAUTHORIZED "Unauthorized"
    402 PAYMENT_REQUIRED "Payment Required"
    403 FORBIDDEN "Forbidden"
    404 NOT_FOUND "Not Found"
    405 METHOD_NOT_ALLOWED "Method Not Allowed"
    406 NOT_ACCEPTABLE "Not Acceptable"
    407 PROXY_AUTHENTICATION_REQUIRED "Proxy Authentication Required"
    408 REQUEST_TIMEOUT "Request Timeout"
    409 CONFLICT "Conflict"
    410 GONE "Gone"
    411 LENGTH_REQUIRED "Length Required"
    412 PRECONDITION_FAILED "Precondition Failed"
    413 CONTENT_TOO_LARGE "Content Too Large"
    414 URI_TOO_LONG "URI Too Long"
    415 UNSUPPORTED_MEDIA_TYPE "Unsupported Media Type"
    416 RANGE_NOT_SATISFIABLE "Range Not Satisfiable"
    417 EXPECTATION_FAILED "Expectation Failed"
    418 IM_A_TEAPOT "(Unused), a teapot by RFC 2324"
    421 MISDIRECTED_REQUEST "Misdirected Request"
    422 UNPROCESSABLE_CONTENT "Unprocessable Content"
    423 LOCKED "Locked"
    424 FAILED_DEPENDENCY "Failed Dependency"
    425 TOO_EARLY "Too Early"
    426 UPGRADE_REQUIRED "Upgrade Required"
    428 PRECONDITION_REQUIRED "Precondition Required"
    429 TOO_MANY_REQUESTS "Too Many Requests"
    431 REQUEST_HEADER_FIELDS_TOO_LARGE "Request Header Fields Too Large"
    451 UNAVAILABLE_FOR_LEGAL_REASONS "Unavailable For Legal Reasons"
    499 CLIENT_CLOSED_REQUEST "Client Closed Request: the call was cancelled"
    500 INTERNAL_SERVER_ERROR "Internal Server Error"
    501 NOT_IMPLEMENTED "Not Implemented"
    502 BAD_GATEWAY "Bad Gateway"
    503 SERVICE_UNAVAILABLE "Service Unavailable"
    504 GATEWAY_TIMEOUT "Gateway Timeout"
    505 HTTP_VERSION_NOT_SUPPORTED "HTTP Version Not Supported"
    506 VARIANT_ALSO_NEGOTIATES "Variant Also Negotiates"
    507 INSUFFICIENT_STORAGE "Insufficient Storage"
    508 LOOP_DETECTED "Loop Detected"
    510 NOT_EXTENDED "Not Extended"
    511 NETWORK_AUTHENTICATION_REQUIRED "Network Authentication Required"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_finds_its_own_value() {
        for code in 0..=1000_u16 {
            let value = StatusCode::VALUES[StatusCode::new(code).index()];
            if CODES.contains(&code) {
                assert_eq!(value, code.to_string());
            } else {
                assert_eq!(value, "other");
            }
        }
    }

    #[test]
    fn a_code_has_the_class_of_its_number() {
        assert_eq!(
            StatusCode::NOT_FOUND.class(),
            crate::StatusClass::ClientError
        );
        assert_eq!(StatusCode::OTHER.class(), crate::StatusClass::Other);
    }
}
