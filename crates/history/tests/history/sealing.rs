//! A seal that is a real one: XChaCha20-Poly1305 with a nonce that never comes twice.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use history::Seal;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Cipher(XChaCha20Poly1305);

impl Cipher {
    pub fn boxed(key: u8) -> Box<dyn Seal> {
        Box::new(Cipher(XChaCha20Poly1305::new(&[key; 32].into())))
    }
}

impl Seal for Cipher {
    fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut nonce = [0; 24];
        nonce[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let sealed = self.0.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad }).unwrap();
        nonce.into_iter().chain(sealed).collect()
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<24>()?;
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad }).ok()
    }
}
