//! `tls_server_config` as a configuration of rustls. TLS below 1.2 does not exist here.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    self, CertificateError, CipherSuite, DigitallySignedStruct, DistinguishedName, NamedGroup,
    RootCertStore, ServerConfig, SignatureScheme, SupportedProtocolVersion,
};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::web_config::{Pem, TlsConfig};

/// What a web configuration says of TLS, ready to accept connections.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    pub(super) config: Arc<ServerConfig>,
    /// Whether a client without a certificate of the client CA gets nowhere.
    pub(super) requires_certificate: bool,
    /// Whether the certificate that a client shows was verified, and so tells who it is.
    pub(super) verifies_certificate: bool,
    /// SHA-256 of the server's certificate.
    pub(super) fingerprint: String,
}

/// Who may connect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ClientAuth {
    None,
    Request,
    RequireAny,
    VerifyIfGiven,
    RequireAndVerify,
}

impl Tls {
    /// `read` gives the bytes of a file that the configuration names.
    pub(super) fn build(
        tls: &TlsConfig,
        folder: &Path,
        read: impl Fn(&Path) -> Result<Vec<u8>, String>,
    ) -> Result<Self, String> {
        let load = |pem: Pem| match pem {
            Pem::Inline(text) => Ok(text.into_bytes()),
            Pem::File(path) => read(&path),
        };
        let chain = certificates(&load(tls.certificate(folder)?)?)
            .map_err(|error| format!("`tls_server_config`: the certificate {error}"))?;
        let key = PrivateKeyDer::from_pem_slice(&load(tls.key(folder)?)?)
            .map_err(|_| "`tls_server_config`: the key is not a private key in PEM".to_owned())?;
        let fingerprint = hex(::ring::digest::digest(&::ring::digest::SHA256, &chain[0]).as_ref());
        let auth = client_auth(tls)?;
        let roots = match tls.client_ca(folder)? {
            Some(pem) => Some(
                certificates(&load(pem)?)
                    .map_err(|error| format!("`tls_server_config`: the client CA {error}"))?,
            ),
            None => None,
        };
        let provider = Arc::new(provider(tls)?);
        let verifier = verifier(tls, auth, roots, &provider)?;
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions(tls)?)
            .map_err(|error| format!("`tls_server_config`: {error}"))?;
        let builder = match verifier {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| format!("`tls_server_config`: certificate and key: {error}"))?;
        config.ignore_client_order = tls.prefer_server_cipher_suites.unwrap_or(true);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            requires_certificate: auth == ClientAuth::RequireAndVerify,
            verifies_certificate: matches!(
                auth,
                ClientAuth::RequireAndVerify | ClientAuth::VerifyIfGiven
            ),
            fingerprint,
        })
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| "is not PEM")?;
    if certificates.is_empty() {
        return Err("has no certificate in PEM");
    }
    Ok(certificates)
}

fn client_auth(tls: &TlsConfig) -> Result<ClientAuth, String> {
    match tls.client_auth_type.as_deref().unwrap_or_default() {
        "" | "NoClientCert" => Ok(ClientAuth::None),
        "RequestClientCert" => Ok(ClientAuth::Request),
        // The second is an old name of the first.
        "RequireAnyClientCert" | "RequireClientCert" => Ok(ClientAuth::RequireAny),
        "VerifyClientCertIfGiven" => Ok(ClientAuth::VerifyIfGiven),
        "RequireAndVerifyClientCert" => Ok(ClientAuth::RequireAndVerify),
        _ => Err(
            "`client_auth_type` is none of NoClientCert, RequestClientCert, RequireAnyClientCert, \
             VerifyClientCertIfGiven and RequireAndVerifyClientCert"
                .to_owned(),
        ),
    }
}

fn versions(tls: &TlsConfig) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let number = |key: &str, value: &Option<String>, default: u8| match value.as_deref() {
        None | Some("") => Ok(default),
        Some("TLS13") => Ok(13),
        Some("TLS12") => Ok(12),
        Some(old @ ("TLS11" | "TLS10")) => Err(format!(
            "`{key}`: `{old}` is not served, TLS begins at `TLS12` here"
        )),
        Some(_) => Err(format!("`{key}` is neither `TLS12` nor `TLS13`")),
    };
    let lowest = number("min_version", &tls.min_version, 12)?;
    let highest = number("max_version", &tls.max_version, 13)?;
    if lowest > highest {
        return Err("`min_version` is above `max_version`".to_owned());
    }
    let all: [(u8, &SupportedProtocolVersion); 2] = [(12, &TLS12), (13, &TLS13)];
    Ok(all
        .into_iter()
        .filter(|(version, _)| (lowest..=highest).contains(version))
        .map(|(_, version)| version)
        .collect())
}

/// The cryptography, less what the configuration does not want.
fn provider(tls: &TlsConfig) -> Result<CryptoProvider, String> {
    let mut provider = ring::default_provider();
    let wanted = tls.cipher_suites.as_deref().unwrap_or_default();
    if !wanted.is_empty() {
        let mut suites = Vec::new();
        for name in wanted {
            let suite = provider
                .cipher_suites
                .iter()
                .find(|suite| name_of(suite.suite()) == Some(name.as_str()))
                .ok_or_else(|| {
                    format!(
                        "`cipher_suites`: `{}` is not a cipher suite that is served; those are {}",
                        shown(name),
                        known(
                            provider
                                .cipher_suites
                                .iter()
                                .filter_map(|suite| name_of(suite.suite()))
                        )
                    )
                })?;
            suites.push(*suite);
        }
        // The list is about TLS 1.2; those of 1.3 are all good and not chosen from.
        let rest = provider.cipher_suites.iter().filter(|suite| {
            suite.version().version == rustls::ProtocolVersion::TLSv1_3 && !suites.contains(suite)
        });
        let rest: Vec<_> = rest.copied().collect();
        suites.extend(rest);
        provider.cipher_suites = suites;
    }
    let wanted = tls.curve_preferences.as_deref().unwrap_or_default();
    if !wanted.is_empty() {
        let mut groups = Vec::new();
        for name in wanted {
            let group = provider
                .kx_groups
                .iter()
                .find(|group| curve_of(group.name()) == Some(name.as_str()))
                .ok_or_else(|| {
                    format!(
                        "`curve_preferences`: `{}` is not a curve that is served; those are {}",
                        shown(name),
                        known(
                            provider
                                .kx_groups
                                .iter()
                                .filter_map(|group| curve_of(group.name()))
                        )
                    )
                })?;
            groups.push(*group);
        }
        provider.kx_groups = groups;
    }
    Ok(provider)
}

/// The name of a suite or a curve that somebody may have written; nothing of what is no such name.
fn shown(name: &str) -> &str {
    let is_name = name.len() <= 64
        && ["TLS_", "Curve", "X25519"]
            .iter()
            .any(|start| name.starts_with(start))
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name { name } else { "…" }
}

fn known<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// A cipher suite by the name that Go has for it.
fn name_of(suite: CipherSuite) -> Option<&'static str> {
    Some(match suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => "TLS_AES_128_GCM_SHA256",
        CipherSuite::TLS13_AES_256_GCM_SHA384 => "TLS_AES_256_GCM_SHA384",
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => "TLS_CHACHA20_POLY1305_SHA256",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 => {
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
        }
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 => {
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        }
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 => {
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
        }
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => {
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        }
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 => {
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
        }
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => {
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
        }
        _ => return None,
    })
}

/// A curve by the name that Go has for it.
fn curve_of(group: NamedGroup) -> Option<&'static str> {
    Some(match group {
        NamedGroup::X25519 => "X25519",
        NamedGroup::secp256r1 => "CurveP256",
        NamedGroup::secp384r1 => "CurveP384",
        _ => return None,
    })
}

fn verifier(
    tls: &TlsConfig,
    auth: ClientAuth,
    roots: Option<Vec<CertificateDer<'static>>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, String> {
    let sans = tls.client_allowed_sans.clone();
    let requires = matches!(auth, ClientAuth::RequireAny | ClientAuth::RequireAndVerify);
    if sans.is_some() && !requires {
        return Err(
            "`client_allowed_sans` needs the `client_auth_type` RequireAndVerifyClientCert or RequireAnyClientCert"
                .to_owned(),
        );
    }
    let roots = match (auth, roots) {
        (ClientAuth::None, None) => return Ok(None),
        (ClientAuth::None, Some(_)) => {
            return Err("`client_ca_file` needs a `client_auth_type`".to_owned());
        }
        (ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify, None) => {
            return Err("this `client_auth_type` needs a `client_ca_file`".to_owned());
        }
        (ClientAuth::Request | ClientAuth::RequireAny, _) => None,
        (ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify, Some(roots)) => Some(roots),
    };
    let inner = match roots {
        None => None,
        Some(certificates) => {
            let mut store = RootCertStore::empty();
            for certificate in certificates {
                store.add(certificate).map_err(|error| {
                    format!("`tls_server_config`: the client CA is not one: {error}")
                })?;
            }
            let builder =
                WebPkiClientVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
            let builder = if requires {
                builder
            } else {
                builder.allow_unauthenticated()
            };
            Some(builder.build().map_err(|error| {
                format!("`tls_server_config`: the client CA is of no use: {error}")
            })?)
        }
    };
    Ok(Some(Arc::new(Verifier {
        inner,
        requires,
        sans,
        algorithms: provider.signature_verification_algorithms,
    })))
}

/// Verifies a client's certificate as the configuration wants it: against a CA or not at all, and for its names.
#[derive(Debug)]
struct Verifier {
    /// Against the client CA; without it every certificate is taken that the client has the key of.
    inner: Option<Arc<dyn ClientCertVerifier>>,
    requires: bool,
    sans: Option<Vec<String>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        self.requires
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner
            .as_ref()
            .map_or(&[], |inner| inner.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if let Some(inner) = &self.inner {
            inner.verify_client_cert(end_entity, intermediates, now)?;
        }
        if let Some(allowed) = &self.sans
            && !alternative_names(end_entity)
                .iter()
                .any(|name| allowed.contains(name))
        {
            return Err(CertificateError::NotValidForName.into());
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The DNS names, mail addresses, IP addresses and URIs of a certificate.
fn alternative_names(certificate: &[u8]) -> Vec<String> {
    let Ok(certificate) = Certificate::from_der(certificate) else {
        return Vec::new();
    };
    let Ok(Some((_, SubjectAltName(names)))) = certificate.tbs_certificate().get_extension() else {
        return Vec::new();
    };
    names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DnsName(name) | GeneralName::Rfc822Name(name) => Some(name.to_string()),
            GeneralName::UniformResourceIdentifier(uri) => Some(uri.to_string()),
            GeneralName::IpAddress(bytes) => match bytes.as_bytes() {
                [a, b, c, d] => Some(IpAddr::from([*a, *b, *c, *d]).to_string()),
                bytes => <[u8; 16]>::try_from(bytes)
                    .ok()
                    .map(|bytes| IpAddr::from(bytes).to_string()),
            },
            _ => None,
        })
        .collect()
}

/// Whom a certificate was given to: its first alternative name, or its subject where it has none.
pub(super) fn holder(certificate: &[u8]) -> Option<String> {
    alternative_names(certificate)
        .into_iter()
        .next()
        .or_else(|| {
            let certificate = Certificate::from_der(certificate).ok()?;
            Some(certificate.tbs_certificate().subject().to_string())
        })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
