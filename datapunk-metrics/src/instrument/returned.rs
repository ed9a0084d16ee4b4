//! How a call that has returned ended.

use crate::labels::{Outcome, StatusClass, StatusCode};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// For labels of type [`Outcome`].
    pub outcome: Outcome,
    /// For labels of type [`StatusCode`] and [`StatusClass`].
    pub status: StatusCode,
}

/// A returned value that stands for an HTTP status, for `#[instrument_metrics(set = …)]` and its `status` label.
///
/// Implement it for the errors of handlers. A value whose type does not implement it counts as 200, an error as 500.
/// A status of the class 5xx is also an [`Outcome::Error`].
///
/// With the feature `serve` it is implemented for axum's responses, status codes and tuples that begin with one, and
/// what a function with the return type `impl IntoResponse` returns is made a response first, so that its status is
/// known.
///
/// ```
/// use datapunk_metrics::{HttpStatus, StatusCode};
///
/// enum LoadError { Missing, Disk }
///
/// impl HttpStatus for LoadError {
///     fn http_status(&self) -> StatusCode {
///         match self {
///             Self::Missing => StatusCode::NOT_FOUND,
///             Self::Disk => StatusCode::INTERNAL_SERVER_ERROR,
///         }
///     }
/// }
/// ```
pub trait HttpStatus {
    /// The status.
    fn http_status(&self) -> StatusCode;
}

impl HttpStatus for StatusCode {
    fn http_status(&self) -> StatusCode {
        *self
    }
}

#[cfg(feature = "serve")]
mod axum_types {
    use axum::http;
    use axum::response::{IntoResponse, Redirect, Response};

    use super::{HttpStatus, StatusCode};

    impl HttpStatus for http::StatusCode {
        fn http_status(&self) -> StatusCode {
            StatusCode::new(self.as_u16())
        }
    }

    impl<B> HttpStatus for http::Response<B> {
        fn http_status(&self) -> StatusCode {
            self.status().http_status()
        }
    }

    impl HttpStatus for Redirect {
        fn http_status(&self) -> StatusCode {
            self.status_code().http_status()
        }
    }

    impl<T> HttpStatus for (http::StatusCode, T) {
        fn http_status(&self) -> StatusCode {
            self.0.http_status()
        }
    }

    impl<H, T> HttpStatus for (http::StatusCode, H, T) {
        fn http_status(&self) -> StatusCode {
            self.0.http_status()
        }
    }

    /// A response, whose status is known.
    pub fn into_response(value: impl IntoResponse) -> Response {
        value.into_response()
    }
}

#[cfg(feature = "serve")]
pub use axum_types::into_response;

fn ended_well(status: StatusCode) -> Ended {
    let outcome = if status.class() == StatusClass::ServerError {
        Outcome::Error
    } else {
        Outcome::Ok
    };
    Ended { outcome, status }
}

const fn ended_badly(status: StatusCode) -> Ended {
    Ended {
        outcome: Outcome::Error,
        status,
    }
}

/// How a value of any type says how its call ended.
///
/// Method look-up takes away one reference after the other, so in `(&&&&&&Value(&returned)).ended()` the trait whose
/// type has the most references, and whose bounds hold, is taken.
pub mod ladder {
    use super::{Ended, HttpStatus, StatusCode, ended_badly, ended_well};

    /// The returned value.
    #[derive(Debug)]
    pub struct Value<'a, T>(pub &'a T);

    macro_rules! rungs {
        ($($rung:ident: [$($parameters:tt)*] $ty:ty, |$returned:ident| $ended:expr;)*) => {$(
            #[doc(hidden)]
            pub trait $rung {
                #[doc(hidden)]
                fn ended(&self) -> Ended;
            }

            impl<$($parameters)*> $rung for $ty {
                #[inline]
                fn ended(&self) -> Ended {
                    let $returned = self.0;
                    $ended
                }
            }
        )*};
    }

    rungs! {
        BothHaveStatus: [T: HttpStatus, E: HttpStatus] &&&&&Value<'_, Result<T, E>>, |result| match result {
            Ok(value) => ended_well(value.http_status()),
            Err(error) => ended_badly(error.http_status()),
        };
        ErrorHasStatus: [T, E: HttpStatus] &&&&Value<'_, Result<T, E>>, |result| match result {
            Ok(_) => ended_well(StatusCode::OK),
            Err(error) => ended_badly(error.http_status()),
        };
        ValueHasStatus: [T: HttpStatus, E] &&&Value<'_, Result<T, E>>, |result| match result {
            Ok(value) => ended_well(value.http_status()),
            Err(_) => ended_badly(StatusCode::INTERNAL_SERVER_ERROR),
        };
        IsResult: [T, E] &&Value<'_, Result<T, E>>, |result| match result {
            Ok(_) => ended_well(StatusCode::OK),
            Err(_) => ended_badly(StatusCode::INTERNAL_SERVER_ERROR),
        };
        HasStatus: [T: HttpStatus] &Value<'_, T>, |value| ended_well(value.http_status());
        IsValue: [T] Value<'_, T>, |_value| ended_well(StatusCode::OK);
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::Outcome;

        struct Missing;

        impl HttpStatus for Missing {
            fn http_status(&self) -> StatusCode {
                StatusCode::NOT_FOUND
            }
        }

        macro_rules! assert_ended {
            ($value:expr, $outcome:ident, $status:literal) => {
                let value = $value;
                let ended = (&&&&&&Value(&value)).ended();
                assert_eq!(
                    (ended.outcome, ended.status),
                    (Outcome::$outcome, StatusCode::new($status))
                );
            };
        }

        #[test]
        #[allow(clippy::needless_borrow, reason = "the references choose the trait")]
        fn each_type_is_met_by_its_rung() {
            assert_ended!(Ok::<StatusCode, Missing>(StatusCode::CREATED), Ok, 201);
            assert_ended!(Err::<StatusCode, Missing>(Missing), Error, 404);
            assert_ended!(Ok::<u8, Missing>(1), Ok, 200);
            assert_ended!(Err::<u8, Missing>(Missing), Error, 404);
            assert_ended!(
                Ok::<StatusCode, String>(StatusCode::BAD_GATEWAY),
                Error,
                502
            );
            assert_ended!(Err::<StatusCode, String>(String::new()), Error, 500);
            assert_ended!(Ok::<u8, String>(1), Ok, 200);
            assert_ended!(Err::<u8, String>(String::new()), Error, 500);
            assert_ended!(StatusCode::NOT_FOUND, Ok, 404);
            assert_ended!(StatusCode::SERVICE_UNAVAILABLE, Error, 503);
            assert_ended!(Some(1), Ok, 200);
            assert_ended!((), Ok, 200);
        }

        fn in_a_generic_function<T>(value: &T) -> Ended {
            #[allow(clippy::needless_borrow, reason = "the references choose the trait")]
            (&&&&&&Value(value)).ended()
        }

        #[test]
        fn a_type_parameter_is_a_value() {
            assert_eq!(in_a_generic_function(&Missing).outcome, Outcome::Ok);
        }
    }
}
