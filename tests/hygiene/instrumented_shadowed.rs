//! Instrumented functions where names of the standard library mean something else.
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

pub mod fixture {
    pub struct Result;
    pub struct Option;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct Box;
    pub struct Future;
    pub struct Call;
    pub struct u64;
    pub struct bool;
    pub struct f64;
    pub struct str;
    pub mod core {}
    pub mod std {}
    pub mod datapunk_metrics {}

    #[derive(Clone, Copy, Debug, ::datapunk_metrics::LabelValue)]
    pub enum Fault {
        Ok,
        Err,
    }

    #[::datapunk_metrics::instrument_metrics(system = "shadowed", labels(fault: Fault = |fault| *fault))]
    pub fn fail(call: u8, returned: u8) -> ::core::result::Result<u8, Fault> {
        call.checked_add(returned).ok_or(Fault::Ok)
    }

    #[::datapunk_metrics::instrument_metrics(system = "shadowed")]
    pub async fn wait(__call: u8) -> ::core::option::Option<u8> {
        ::core::option::Option::Some(__call)
    }
}
