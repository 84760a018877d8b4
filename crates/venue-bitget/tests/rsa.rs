//! A key made with RSA signs what OpenSSL signs: RSASSA-PKCS1-v1_5 with SHA-256 over the same prehash.
//!
//! The key was made for this test by `openssl genpkey`, the signature by `openssl dgst -sha256 -sign`; it opens nothing.
#![cfg(feature = "rsa")]
#![allow(clippy::unwrap_used)]

use venue_bitget::sign::{BadKey, Credentials, Secret};

const KEY: &str = "\
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC81lOtIcinta7O/xQTgbJBwR9JMbZdiY5gsDn8lDt6tL1Vu8ZT\n\
e+RZG6EbntyQ1DeKW3psjfH7cfTuwOngmegTjHqrBpFeUBTjc35sGOrFvGwWhPWOZYXydmGdCPKrl42rn3bosbq0C8165ax6io+M\n\
sxQa7zEkU2eZoT8V+gOsT9KjIPPmJTHF7f4CiQ7JaNddhWq9jtVOhB+E7P9OPWw4NPtwJ0aqjWR1sBetPJplWW4xrXqP2ZV96LDo\n\
EDWU6Z5bI3KodhtH1gOM3k6iDuUDVeB6nFIxQgSRnZFgjBwHew2rrLPWR4oWYb8cza+Bygz2ly3GWarX5FDst18vK3ErAgMBAAEC\n\
ggEAOGLDD5Jj6PgOH474/q4efRXecqueaaW2VtaoKexVKlmno17zZGA9GgJvA+FWuQQ1JWIVVy63T76CRXxjGYa7ToMG6eSHKaM9\n\
6YDGAh8akzqlB8Bh1kgoS/LfSNWwKF6TleiCyA6x0isoCwdjjh+rp3adjUFY6iDhcXU9ciF6UUvsn7LOz8fMAYgCTgKRCgFRhqbh\n\
ahqT90ZlQdbhptIBuz2JkN2dik9MBXSv0mtEZK7BXQI5uGMwkRJ1yao+HAW1anG/RM9zNZipXyQFUq4pqMH77J5MOud9xjOcI5sz\n\
FBwUP6nATAbjGVHTbKIwiGlYYiqJdDj1LVS6yB35UKVT4QKBgQDww1uqtbKiAKBWSNw6RyoVJesJCFMXhJeaQvhO45Knc7jCzmz9\n\
pcTyWPPRkSfpfmPc9Ueq1feUnlMjKnUbzpmGI0jrlMILBykwRYKCrsXpRxTz8RCVnxKIPBbXjD342tDjvAs1TRTbtdOCJUCbGfnP\n\
0RgFOwVC9lHsiZEIo9oMsQKBgQDIybV57L2aLfwQvyUheav8Vy1vQtGsGpvCSB2XAJ3PcGrWf8Bm+iz51yFhXvsG2dzAFdnF6Bo3\n\
jWc7gY85qjcdkRH1n/wDhfjAz0ZIsLfLucyDHYaLiZFygCEJJGNmTot4DTIq7qwHASMZwe7xfr9kW/88PFXxuLSFeTWFQGpimwKB\n\
gQCGu5yZvJKZrCYOAzoS9u4q5YxRArKVL6MzNZUFeL8CLHVRtvkxPMopIPRY65VdSliSN0UC6jhhl/RIcqMUi5pIgYh2JUotp7U6\n\
CTwO68VfVWL5XIb+ZAWX7aCOwTGRCMrrFrli+57XkToq07QC2Bd/X7DEhJHeNkAEUbuzDRaiEQKBgAG03Sr9HRtrWqIVzc38B78s\n\
SoGQktGgpERBcqbu5Wh27yGFknANnkY9UtZOBVoojdzAEsrAz0A7nm3+CuaVkMRakEmDI5QwFk4lNNa3UciUeq1+mb8j2y2a8yzt\n\
tz6OWlcZ3ZxJzQJ+OvskD9DTn/LNaVzsslpMlJQx1IeeZYkTAoGAB/ORPvBIu+CIAtHE/rt3miFz+oJc10wHYyCcnskuWWeJw6jX\n\
LOXh8ImUl8ReT7KkvgFJ9ANwDq8N3W8PbUEv8IpUhFhv1F4MoQGVSdr93DF33xzvH5PYycAVTp33yFabyyG9MfgQ/c65aunNe+qL\n\
3o7HhuyS/N/IuLsXnReg6qs=";

const SIGNATURE: &str = "\
B7p3H8lyjO+LCUSjuPAFXRGMi8SjpUYyfaPzXEOTBoWEDCkGR8nHECEjJt0smhN8NnSQT3AHLSb9ODjzMiijQZgu4fB2E/wV5Ldj\
Sceoe6S8+b5KLsm7d00m6DJOagDccUpdhp83UyRPff/G5INDmUvr+8TPmxAYFx2MP7s81/+81w7cD9/Oc+IeaB+AyNxnZi010qyM\
DrmJ51i3aNI6dO5PxyrmlBY5bRAdU7SLqIi6jSvvquahiGydJu1wOjsweHRz7JIZUCrfxwUeRjZ/LVr06/OxQiIKtUW5ssYJNvYM\
XBekMeTDsZCYmhjFWCbjdPksqxj37fE310ubGy1AOA==";

fn make(key: &str) -> Result<Credentials, BadKey> {
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    Credentials::rsa("key".to_owned(), &Secret::new(pem), Secret::new("phrase".to_owned()))
}

#[test]
fn openssl_signs_the_same() {
    let credentials = make(KEY).unwrap();
    assert_eq!(credentials.sign("1760000000000GET/api/v2/public/time"), SIGNATURE);
    assert_ne!(credentials.sign("1760000000001GET/api/v2/public/time"), SIGNATURE);
}

#[test]
fn what_is_no_key_says_how_to_make_one() {
    for key in ["", "AAAA", "not base64!", &KEY[..400]] {
        assert_eq!(make(key).map(|_| ()), Err(BadKey::NotPkcs8), "{key}");
    }
}
