//! Signatures of keys of the RSA kind: RSASSA-PKCS1-v1_5 with SHA-256, checked with the public key of the accounts' file.
//!
//! Behind the feature `rsa`; without it no such key gets in, and a file that has one is refused. Refuses to hold a
//! private key.

/// Whether a text is a public key; `None` in a build that cannot know.
#[cfg(feature = "rsa")]
pub(crate) fn is_readable(pem: &str) -> Option<bool> {
    Some(read(pem).is_some())
}

/// Whether a text is a public key; `None` in a build that cannot know.
#[cfg(not(feature = "rsa"))]
pub(crate) fn is_readable(_: &str) -> Option<bool> {
    None
}

#[cfg(feature = "rsa")]
fn read(pem: &str) -> Option<rsa::PublicKey> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rsa::pkcs8::DecodePublicKey;
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).flat_map(str::chars).collect();
    rsa::PublicKey::from_public_key_der(&STANDARD.decode(body.trim()).ok()?).ok()
}

/// Whether a signature in base64 is one of that key over a text.
#[cfg(feature = "rsa")]
pub(crate) fn is_signed(pem: &str, text: &str, sign: &str) -> bool {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rsa::pkcs1v15::{Signature, VerifyingKey};
    use rsa::signature::Verifier;
    let Some(key) = read(pem) else { return false };
    let Ok(bytes) = STANDARD.decode(sign) else { return false };
    let Ok(signature) = Signature::try_from(bytes.as_slice()) else { return false };
    VerifyingKey::<sha2::Sha256>::new(key).verify(text.as_bytes(), &signature).is_ok()
}

/// Whether a signature in base64 is one of that key over a text.
#[cfg(not(feature = "rsa"))]
pub(crate) fn is_signed(_: &str, _: &str, _: &str) -> bool {
    false
}
