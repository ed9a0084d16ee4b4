use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct Labels {
    password: bool,
    passwd: bool,
    passphrase: bool,
    pwd: bool,
    secret: bool,
    token: bool,
    apikey: bool,
    api_key: bool,
    access_key: bool,
    private_key: bool,
    secret_key: bool,
    signing_key: bool,
    encryption_key: bool,
    credential: bool,
    credentials: bool,
    authorization: bool,
    auth_header: bool,
    bearer: bool,
    jwt: bool,
    cookie: bool,
    otp: bool,
    totp: bool,
    pin_code: bool,
    signature: bool,
    csrf: bool,
    session_key: bool,
}

fn main() {}
