//! Keys and tokens that say what they are.

use super::scan::{has_word, is_base64_url, places, run, starts_word};
use super::{Found, LEAST_BEHIND_PREFIX, Sensitive};

/// Shortest part of a JSON web token.
const LEAST_PART: usize = 8;

/// `-----BEGIN … PRIVATE KEY-----` with all that follows, to the line that ends it or to the end of the text.
pub(super) fn find_armoured(text: &[u8], found: &mut Vec<Found>) {
    let mut done = 0;
    for start in places(text, "-----BEGIN ") {
        let label = start + "-----BEGIN ".len();
        let label_end = run(text, label, |byte| {
            byte.is_ascii_alphanumeric() || byte == b' '
        });
        if start < done
            || !text[label..label_end]
                .windows(11)
                .any(|words| words == b"PRIVATE KEY")
        {
            continue;
        }
        let end = places(&text[label_end..], "-----END ")
            .next()
            .map(|at| label_end + at);
        done = match end {
            Some(end) => {
                let dashes = run(text, end + "-----END ".len(), |byte| {
                    byte.is_ascii_alphanumeric() || byte == b' '
                });
                run(text, dashes, |byte| byte == b'-')
            }
            None => text.len(),
        };
        found.push(Found {
            what: Sensitive::PrivateKey,
            range: start..done,
        });
    }
}

/// `eyJ….eyJ….…`: base64 of two JSON objects and a signature, which may be missing.
pub(super) fn find_tokens(text: &[u8], found: &mut Vec<Found>) {
    let mut done = 0;
    for start in places(text, "eyJ") {
        if start < done || !starts_word(text, start) || !text[start..].starts_with(b"eyJ") {
            continue;
        }
        let header = run(text, start, is_base64_url);
        let is_separated = text.get(header) == Some(&b'.');
        let payload = run(text, header + 1, is_base64_url);
        if !is_separated || header - start < LEAST_PART || payload < header + 1 + LEAST_PART {
            continue;
        }
        // The signature, and the parts of an encrypted token.
        done = run(text, payload, |byte| is_base64_url(byte) || byte == b'.');
        found.push(Found {
            what: Sensitive::Jwt,
            range: start..done,
        });
    }
}

/// What a key consists of behind its prefix.
#[derive(Clone, Copy)]
enum Alphabet {
    /// Letters and digits.
    Letters,
    /// Upper-case letters and the digits 2 to 7.
    Base32,
    /// `0` to `9` and `a` to `f`.
    Hexadecimal,
    /// Letters, digits, `-` and `_`.
    Url,
    /// The same and `.`.
    Dotted,
}

impl Alphabet {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Letters => byte.is_ascii_alphanumeric(),
            Self::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Self::Hexadecimal => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::Url => is_base64_url(byte),
            Self::Dotted => is_base64_url(byte) || byte == b'.',
        }
    }
}

/// Prefixes, what follows them, and how much of it at least, as their makers document them for secret scanning.
const PREFIXES: &[(&str, Alphabet, usize)] = {
    use Alphabet::{Base32, Dotted, Hexadecimal, Letters, Url};
    &[
        // Amazon
        ("ABIA", Base32, 16),
        ("ACCA", Base32, 16),
        ("AKIA", Base32, 16),
        ("ASIA", Base32, 16),
        // Alibaba
        ("LTAI", Letters, 16),
        // Anthropic
        ("sk-ant-", Url, 24),
        // Databricks
        ("dapi", Hexadecimal, 32),
        // DigitalOcean
        ("doo_v1_", Hexadecimal, 64),
        ("dop_v1_", Hexadecimal, 64),
        ("dor_v1_", Hexadecimal, 64),
        // Docker
        ("dckr_oat_", Url, 24),
        ("dckr_pat_", Url, 24),
        // GitHub
        ("ghp_", Letters, 36),
        ("gho_", Letters, 36),
        ("ghu_", Letters, 36),
        ("ghs_", Letters, 36),
        ("ghr_", Letters, 36),
        ("github_pat_", Url, 50),
        // GitLab
        ("glpat-", Url, 20),
        ("gldt-", Url, 20),
        ("glrt-", Url, 20),
        ("glptt-", Url, 20),
        ("glcbt-", Url, 20),
        // Google
        ("AIza", Url, 35),
        ("GOCSPX-", Url, 24),
        ("ya29.", Url, 20),
        // Grafana
        ("glsa_", Url, 32),
        ("glc_ey", Letters, 32),
        // HashiCorp
        ("hvb.", Url, 24),
        ("hvs.", Url, 24),
        ("hvr.", Url, 24),
        // Heroku
        ("HRKU-", Url, 32),
        // Hugging Face
        ("hf_", Letters, 34),
        // Linear
        ("lin_api_", Letters, 32),
        // New Relic
        ("NRAK-", Letters, 27),
        // npm
        ("npm_", Letters, 36),
        // OpenAI
        ("sk-admin-", Url, 40),
        ("sk-proj-", Url, 40),
        ("sk-svcacct-", Url, 40),
        ("sk-", Letters, 48),
        // PlanetScale
        ("pscale_pw_", Url, 32),
        ("pscale_tkn_", Url, 32),
        // Postman
        ("PMAK-", Url, 34),
        // Pulumi
        ("pul-", Hexadecimal, 40),
        // PyPI
        ("pypi-AgE", Url, 50),
        // RubyGems
        ("rubygems_", Hexadecimal, 48),
        // SendGrid
        ("SG.", Dotted, 60),
        // Sentry
        ("sntrys_", Url, 32),
        ("sntryu_", Hexadecimal, 64),
        // Shopify
        ("shpat_", Hexadecimal, 32),
        ("shpca_", Hexadecimal, 32),
        ("shppa_", Hexadecimal, 32),
        ("shpss_", Hexadecimal, 32),
        // Slack
        ("xapp-", Url, 24),
        ("xoxa-", Url, 24),
        ("xoxb-", Url, 24),
        ("xoxe-", Url, 24),
        ("xoxp-", Url, 24),
        ("xoxr-", Url, 24),
        ("xoxs-", Url, 24),
        // Square
        ("sq0atp-", Url, 22),
        ("sq0csp-", Url, 43),
        // Stripe
        ("rk_live_", Letters, 16),
        ("rk_test_", Letters, 16),
        ("sk_live_", Letters, 16),
        ("sk_test_", Letters, 16),
        ("whsec_", Letters, 24),
        // Supabase
        ("sbp_", Hexadecimal, 40),
        // Twilio
        ("SK", Hexadecimal, 32),
        // age
        ("AGE-SECRET-KEY-1", Letters, 58),
    ]
};

/// Keys of vendors and of the organisation.
pub(super) fn find_prefixed(text: &[u8], prefixes: &[&str], found: &mut Vec<Found>) {
    let mut at = 0;
    while at < text.len() {
        let end = starts_word(text, at)
            .then(|| vendor_key_end(text, at).or_else(|| own_key_end(text, at, prefixes)))
            .flatten();
        match end {
            Some(end) => {
                found.push(Found {
                    what: Sensitive::VendorKey,
                    range: at..end,
                });
                at = end;
            }
            None => at += 1,
        }
    }
    find_slack_hooks(text, found);
}

/// Bytes that a vendor's prefix begins with.
const FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let mut at = 0;
    while at < PREFIXES.len() {
        first[PREFIXES[at].0.as_bytes()[0] as usize] = true;
        at += 1;
    }
    first
};

fn vendor_key_end(text: &[u8], at: usize) -> Option<usize> {
    if !FIRST[usize::from(text[at])] {
        return None;
    }
    PREFIXES.iter().find_map(|key| key_end(text, at, *key))
}

fn own_key_end(text: &[u8], at: usize, prefixes: &[&str]) -> Option<usize> {
    let key = |prefix: &&'_ str| key_end(text, at, (prefix, Alphabet::Url, LEAST_BEHIND_PREFIX));
    prefixes.iter().find_map(key)
}

fn key_end(
    text: &[u8],
    at: usize,
    (prefix, alphabet, least): (&str, Alphabet, usize),
) -> Option<usize> {
    let rest = text[at..].strip_prefix(prefix.as_bytes())?;
    let length = rest.iter().take_while(|byte| alphabet.has(**byte)).count();
    // One that goes on with a letter is a word.
    let ends = rest
        .get(length)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (length >= least && ends).then_some(at + prefix.len() + length)
}

/// `hooks.slack.com/services/…`: who knows the address may post.
fn find_slack_hooks(text: &[u8], found: &mut Vec<Found>) {
    const SERVICES: &str = "hooks.slack.com/services/";
    for at in places(text, SERVICES) {
        let start = at + SERVICES.len();
        let end = run(text, start, |byte| {
            byte.is_ascii_alphanumeric() || byte == b'/'
        });
        if end > start + 16 && !has_word(text, start, "/") {
            found.push(Found {
                what: Sensitive::VendorKey,
                range: start..end,
            });
        }
    }
}
