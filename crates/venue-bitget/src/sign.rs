//! Signatures of REST requests and of the socket's login, and the secrets they are made with.
//!
//! A secret is wiped when it is dropped and prints nothing, so it cannot reach a log by accident. The clock is an
//! argument: milliseconds of the exchange for REST, seconds for the login. Refuses a key it cannot read, with words.

use crate::http::{HttpRequest, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use model::Time;
use serde::Serialize;
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// A text nobody may read: printed as nothing, wiped on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; the caller wipes what it read it from.
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// An empty part.
    #[error("the API key, its secret or its passphrase is empty: give all three")]
    Empty,
    /// A header cannot carry it.
    #[error(
        "the API key or passphrase has a character no HTTP header carries: copy it again, without line ends"
    )]
    NoHeader,
    /// No PKCS#8 private key.
    #[error("the RSA key is no PKCS#8 private key: convert it with `openssl pkcs8 -topk8 -nocrypt`")]
    NotPkcs8,
}

/// What signs.
#[derive(Clone)]
enum Signer {
    Hmac(Box<Hmac<Sha256>>),
    #[cfg(feature = "rsa")]
    Rsa(Box<rsa::pkcs1v15::SigningKey<Sha256>>),
}

/// An API key with all that belongs to it.
#[derive(Clone)]
pub struct Credentials {
    key: String,
    passphrase: Secret,
    signer: Signer,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

/// Whether orders are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Real money.
    Live,
    /// Bitget's own demo: demo keys, one more header, another socket.
    Demo,
}

/// A header of a request.
pub type Header = (&'static str, String);

impl Credentials {
    /// A key of the usual kind.
    pub fn hmac(key: String, secret: Secret, passphrase: Secret) -> Result<Credentials, BadKey> {
        if secret.text().is_empty() {
            return Err(BadKey::Empty);
        }
        let mac =
            Hmac::<Sha256>::new_from_slice(secret.text().as_bytes()).expect("HMAC takes a key of any length");
        Credentials::checked(key, passphrase, Signer::Hmac(Box::new(mac)))
    }

    /// A key made with RSA: `private_key` is PKCS#8 in PEM.
    #[cfg(feature = "rsa")]
    pub fn rsa(key: String, private_key: &Secret, passphrase: Secret) -> Result<Credentials, BadKey> {
        use rsa::pkcs8::DecodePrivateKey;
        let body: Zeroizing<String> = Zeroizing::new(
            private_key
                .text()
                .lines()
                .filter(|line| !line.starts_with("-----"))
                .flat_map(str::chars)
                .collect(),
        );
        let der = Zeroizing::new(STANDARD.decode(body.trim()).map_err(|_| BadKey::NotPkcs8)?);
        let private = rsa::PrivateKey::from_pkcs8_der(&der).map_err(|_| BadKey::NotPkcs8)?;
        Credentials::checked(key, passphrase, Signer::Rsa(Box::new(rsa::pkcs1v15::SigningKey::new(private))))
    }

    fn checked(key: String, passphrase: Secret, signer: Signer) -> Result<Credentials, BadKey> {
        if key.is_empty() || passphrase.text().is_empty() {
            return Err(BadKey::Empty);
        }
        let carried = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !carried(&key) || !carried(passphrase.text()) {
            return Err(BadKey::NoHeader);
        }
        Ok(Credentials { key, passphrase, signer })
    }

    /// The headers of a signed request; `at` is the exchange's clock, and the signature is good for 30 s around it.
    pub fn headers(&self, request: &HttpRequest, at: Time, environment: Environment) -> Vec<Header> {
        let mut headers = vec![
            ("ACCESS-KEY", self.key.clone()),
            ("ACCESS-SIGN", self.sign(&request.prehash(at.0))),
            ("ACCESS-TIMESTAMP", at.0.to_string()),
            ("ACCESS-PASSPHRASE", self.passphrase.text().to_owned()),
        ];
        headers.extend(plain_headers(request, environment));
        headers
    }

    /// The frame that logs a private socket in; `at` is the exchange's clock, sent in seconds.
    pub fn login_frame(&self, at: Time) -> String {
        #[derive(Serialize)]
        struct Login<'a> {
            op: &'static str,
            args: [LoginArg<'a>; 1],
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct LoginArg<'a> {
            api_key: &'a str,
            passphrase: &'a str,
            timestamp: String,
            sign: String,
        }
        let timestamp = at.0.div_euclid(1_000).to_string();
        let sign = self.sign(&format!("{timestamp}GET/user/verify"));
        let passphrase = self.passphrase.text();
        let arg = LoginArg { api_key: &self.key, passphrase, timestamp, sign };
        serde_json::to_string(&Login { op: "login", args: [arg] }).expect("texts are always JSON")
    }

    /// The signature of a text, in base64.
    pub fn sign(&self, text: &str) -> String {
        match &self.signer {
            Signer::Hmac(keyed) => {
                let mut mac = Hmac::<Sha256>::clone(keyed);
                mac.update(text.as_bytes());
                STANDARD.encode(mac.finalize().into_bytes())
            }
            #[cfg(feature = "rsa")]
            Signer::Rsa(key) => {
                use rsa::signature::{SignatureEncoding, Signer};
                STANDARD.encode(key.sign(text.as_bytes()).to_vec())
            }
        }
    }
}

/// The headers every request has, signed or not.
pub fn plain_headers(request: &HttpRequest, environment: Environment) -> Vec<Header> {
    let mut headers = vec![("locale", "en-US".to_owned())];
    if request.method == Method::Post {
        headers.push(("Content-Type", "application/json".to_owned()));
    }
    if environment == Environment::Demo {
        headers.push(("paptrading", "1".to_owned()));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Endpoint, Lane};

    const SECRET: &str = "f00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeedf00dfeed";

    fn credentials() -> Credentials {
        Credentials::hmac(
            "key".to_owned(),
            Secret::new(SECRET.to_owned()),
            Secret::new("pass \"word\"".to_owned()),
        )
        .unwrap()
    }

    // The signatures below were made with Python's own hmac module over the prehash of the reference.
    #[test]
    fn signatures_of_an_independent_hmac() {
        let detail = Endpoint::private("/api/v2/mix/order/detail", 10).ask(vec![
            ("symbol", "BTCUSDT".to_owned()),
            ("productType", "USDT-FUTURES".to_owned()),
            ("clientOid", "obf-3-0-c-e".to_owned()),
        ]);
        let ticker = Endpoint::public("/api/v2/mix/market/ticker")
            .ask(vec![("symbol", "牛来USDT".to_owned()), ("productType", "USDT-FUTURES".to_owned())]);
        let cancel = Endpoint::change("/api/v2/mix/order/cancel-order", 10).tell(
            r#"{"clientOid":"obf-3-0-c-e","productType":"USDT-FUTURES","symbol":"BTCUSDT"}"#.to_owned(),
            Lane::Protect,
        );
        let time = Endpoint::public("/api/v2/public/time").ask(Vec::new());
        for (request, signature) in [
            (&time, "a00/2KScWnCTe1h745s6Wau9dH5cIv9AOQOeyMTD+Ro="),
            (&detail, "IrGz0t0VtPW6vNxl7sbrwX4eCBh+u2UjPbLZQm+cqxs="),
            (&ticker, "zSJ/uleIaY+yJsBR1+aS+xE+yQA0NcRHjaKVasssQRA="),
            (&cancel, "p5svHiAPLL7I+pc90g3+/HwgCAagIsHJhFOm09aF9rg="),
        ] {
            let headers = credentials().headers(request, Time(1_760_000_000_000), Environment::Live);
            assert_eq!(headers[1], ("ACCESS-SIGN", signature.to_owned()), "{}", request.path);
            assert_eq!(headers[2].1, "1760000000000");
        }
    }

    #[test]
    fn the_login_is_in_seconds() {
        let frame = credentials().login_frame(Time(1_760_000_000_999));
        assert_eq!(
            frame,
            r#"{"op":"login","args":[{"apiKey":"key","passphrase":"pass \"word\"","timestamp":"1760000000","sign":"q1CcBskxz88P7NVghk8yqg1iZw5qrnNiUTq1rhTInNE="}]}"#
        );
    }

    #[test]
    fn demo_is_a_header_and_a_body_has_a_type() {
        let ask = Endpoint::public("/api/v2/public/time").ask(Vec::new());
        let tell =
            Endpoint::change("/api/v2/mix/order/cancel-order", 10).tell("{}".to_owned(), Lane::Protect);
        let names = |request, environment| -> Vec<&str> {
            credentials().headers(request, Time(1), environment).iter().map(|header| header.0).collect()
        };
        let signed = ["ACCESS-KEY", "ACCESS-SIGN", "ACCESS-TIMESTAMP", "ACCESS-PASSPHRASE", "locale"];
        assert_eq!(names(&ask, Environment::Live), signed);
        assert_eq!(names(&tell, Environment::Demo)[4..], ["locale", "Content-Type", "paptrading"]);
    }

    #[test]
    fn secrets_print_nothing_and_unusable_keys_are_refused() {
        let printed = format!("{:?} {:?}", credentials(), Secret::new(SECRET.to_owned()));
        assert_eq!(printed, "Credentials Secret");
        let make = |key: &str, secret: &str, passphrase: &str| {
            let secrets = [secret, passphrase].map(|text| Secret::new(text.to_owned()));
            let [secret, passphrase] = secrets;
            Credentials::hmac(key.to_owned(), secret, passphrase).map(|_| ())
        };
        assert_eq!(make("k", "s", "p"), Ok(()));
        for (key, secret, passphrase) in [("", "s", "p"), ("k", "", "p"), ("k", "s", "")] {
            assert_eq!(make(key, secret, passphrase), Err(BadKey::Empty));
        }
        assert_eq!(make("k\n", "s", "p"), Err(BadKey::NoHeader));
        assert_eq!(make("k", "s", "pß"), Err(BadKey::NoHeader));
    }
}
