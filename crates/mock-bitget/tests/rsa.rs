//! Keys of the RSA kind: what the adapter signs, the mock checks, and nobody else's.
//!
//! The key was made for this test by `openssl genpkey`; it opens nothing.
#![cfg(feature = "rsa")]
#![allow(clippy::unwrap_used)]

use mock_bitget::{Exchange, Generation, Method, Request, Said, Setup};
use model::Time;
use venue_bitget::sign::{Credentials, Secret};

const PRIVATE: &str = "\
MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQCasGN9Vm3mSD6UjVRpBOXhBQgwdjjpg4Zlu5p1Q6FTQ1SlRvCG\n\
GUiW5LsuiSr5UAHcMvXfYT2yLQdT1YdRUOJhmWZ1BN2GuszVIUey5rtgYKmRrsVqeI2SMOOTlX++eua/GCvpgJ0okHRW++xWtC8d\n\
+TYvQBOXRFZj7qFjDjP8ms+ksGtVwfKEz8icn4Yo5lDfIlvdoJAiYJXUOZ6eAepKdSY6yiQ3kacQXwATygTGzwozk4jWIoipiG36\n\
87wAnZjxjU3plUFJq7fHcigaSkxftE5j8DeqSomuRPVW+IaanzvWvegbmdyedwtSz0bLQY1cn2t9cgDy3Zofck04CNBlAgMBAAEC\n\
ggEAFhSb5vi5hZewuHi3YKmZJ2EWAFY9HSFamQFJ9MzQuuIPXkDoNWQSMgPNWkEB2DDySwcf2fZ3SDctkWsXPpAP+G7dVVJ6oprd\n\
1oXCcR2GsqT+9MjLQj2aC7ucczpxpR7FpZJi4O5XFe1kxe5+Ql7ETlV+mrOyot2CLWU94TYA+Atnoe+AZ9PPnXEb1ga6p20v37/o\n\
PFDNIKBZgwwDG+V+IMjx1pRzInUCf0h8pNugv9Jn4YadLO2ZhNO6crDNMRRwe6V2FazY2OjRNP4gt6Pl2Kc2+saLPZkMhHJb9bOI\n\
Z4fjRJU/fUQZrX+f5N4VfoBhtoR+kAaRx12YSgf5kzNdIwKBgQDIaWX0SEwAoHcKCbnZqerkuqyWdRm1Owhs6pDE4U144bI0HZoT\n\
mcsLdkEmfuWyYJwKT84ZCJmLsVr1wV9Opx1id/HEqyo/9ni4z6nPRv2hIQ6V0HVF6qAFJa6pseKfZ8T1cefKs6lA+jHceGS0r8zm\n\
GHmGGo2w3uZhkhHcmdb3vwKBgQDFmF3TcXwlDwDe44l7x/c9r8Uw3LJvrtXODF4Wk+jAZZSfJUaH3A90xFG6VHFzva2Sx9ly+Lgx\n\
9dJtFIr3aXcMVZZAt4RTqS6IPkDdFIpS5x8f4sRFE9IjzRKdd1XMeqEFzYuskFjhngEfkdtwaKhBHQl5iJtoQdj0d8mGdJUg2wKB\n\
gQDHDdCDCg/bC4ZQhQqAA8HXfwYOxq5LECA1NeGmevUc3GbIVqKDV1yRvNnG54EzY7t4jn1w5dbEJdrnfzIvh9Kqy+FpamyjbSXI\n\
whGyW5tsn83BxXPFht17X0sVJyalF0dMVd9YuIuiix5dEYNM59PGsoZ5SQR0qV//hzqQdohKNwKBgQCh+1cnSAgKZTNEhOkm1PWk\n\
1xvjA3kvvva81Dypa5VJa7ybfjZEl6z//xQ0mJbs19ib1EM5UhXFtwxKqaWGTyntrZff89GBt9ZSkB4iXn1KmvdT71UQf8Ar4yhY\n\
eASY/QpVtHvE+gwy4JFxLOPkUZdk0YX74HXt0NUnC6/kDlxWMwKBgQDBcvcmHKMjr6w5MvidGWMOzxk5Nk83yy6pfQag6mLp4Izb\n\
2rMwp60DcfPXMIUYmxRBMYnmQsYhk0+bwt693GVzJRzEqTNvQH7Vzo7Z6Rb4QhIrTB31fkWGGN/e40hhQ4UkVxNU/pLLFbX+hrSk\n\
kYXmFhPepviLHTOQA7AovWjRIQ==";

const PUBLIC: &str = "\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAmrBjfVZt5kg+lI1UaQTl4QUIMHY46YOGZbuadUOhU0NUpUbwhhlIluS7\n\
Lokq+VAB3DL132E9si0HU9WHUVDiYZlmdQTdhrrM1SFHsua7YGCpka7FaniNkjDjk5V/vnrmvxgr6YCdKJB0VvvsVrQvHfk2L0AT\n\
l0RWY+6hYw4z/JrPpLBrVcHyhM/InJ+GKOZQ3yJb3aCQImCV1DmengHqSnUmOsokN5GnEF8AE8oExs8KM5OI1iKIqYht+vO8AJ2Y\n\
8Y1N6ZVBSau3x3IoGkpMX7ROY/A3qkqJrkT1VviGmp871r3oG5ncnncLUs9Gy0GNXJ9rfXIA8t2aH3JNOAjQZQIDAQAB";

const START: Time = Time(1_767_225_600_000);
const TARGET: &str = "/api/v2/mix/account/accounts?productType=USDT-FUTURES";

fn exchange(public: &str) -> Exchange {
    let file = format!(
        "[[account]]\nbalance_usdt = \"1000\"\n[[account.key]]\nkey = \"rsa\"\npassphrase = \"pass\"\npublic_key = \"\"\"\n-----BEGIN PUBLIC KEY-----\n{public}\n-----END PUBLIC KEY-----\n\"\"\"\n"
    );
    Exchange::new(vec![mock_bitget::btcusdt()], Setup::from_toml(&file).unwrap(), START)
}

fn credentials() -> Credentials {
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{PRIVATE}\n-----END PRIVATE KEY-----\n");
    Credentials::rsa("rsa".to_owned(), &Secret::new(pem), Secret::new("pass".to_owned())).unwrap()
}

fn ask(exchange: &mut Exchange, sign: String) -> String {
    let (path, query) = TARGET.split_once('?').unwrap();
    let headers = [
        ("ACCESS-KEY", "rsa".to_owned()),
        ("ACCESS-SIGN", sign),
        ("ACCESS-TIMESTAMP", START.0.to_string()),
        ("ACCESS-PASSPHRASE", "pass".to_owned()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let (path, query) = (path.to_owned(), query.to_owned());
    exchange.rest(START, &Request { method: Method::Get, path, query, headers, body: String::new() }).body
}

#[test]
fn a_request_and_a_login_are_let_in_by_their_key_alone() {
    let mut exchange = exchange(PUBLIC);
    let text = format!("{}GET{TARGET}", START.0);
    assert!(ask(&mut exchange, credentials().sign(&text)).contains("\"00000\""));
    for forged in [credentials().sign(&text[1..]), String::new(), "AAAA".to_owned(), "no base64!".to_owned()]
    {
        assert!(ask(&mut exchange, forged.clone()).contains(if forged.is_empty() {
            "40002"
        } else {
            "40009"
        }));
    }
    let line = exchange.connect(START, Generation::V2).unwrap();
    exchange.hear(START, line, &credentials().login_frame(START));
    let [Said::Text(told)] = &exchange.said(line)[..] else { panic!("one word") };
    assert!(told.contains(r#""event":"login","#) || told.contains(r#""code":0"#), "{told}");
}

#[test]
fn what_is_no_public_key_is_refused_with_how_to_make_one() {
    let refused = |key: &str| {
        Setup::from_toml(&format!(
            "[[account]]\nbalance_usdt = \"1\"\n[[account.key]]\nkey = \"a\"\npassphrase = \"p\"\n{key}"
        ))
        .unwrap_err()
        .to_string()
    };
    assert!(refused("public_key = \"AAAA\"").contains("openssl pkey -pubout"));
    for both_or_neither in ["", "secret = \"s\"\npublic_key = \"AAAA\""] {
        assert!(refused(both_or_neither).contains("either a secret or a public_key"));
    }
}
