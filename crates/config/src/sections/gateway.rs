//! HTTP. It listens on this machine only, unless told otherwise.

use crate::kinds::{FilePath, Listen, Truth, Url, whole};
use crate::section::section;
use std::net::SocketAddr;

section! {
    /// HTTP: the API, health and metrics.
    pub struct Gateway {
        /// Address and port to listen on. Beyond this machine it wants TLS, here or in front of it.
        listen: SocketAddr = Listen, default "\"127.0.0.1:8080\"", restart;
        /// The longest body of a request.
        body_max_kib: u32 = whole(1, 16_384), default "64", restart;
        /// How long a request may take to arrive and to be answered.
        request_timeout_s: u32 = whole(1, 300), default "10", restart;
        /// The certificate chain, PEM; together with tls_key_file.
        tls_cert_file: Option<String> = FilePath, unset "\"/etc/omega/tls.crt\"", restart;
        /// The certificate's private key, PEM.
        tls_key_file: Option<String> = FilePath, unset "\"/etc/omega/tls.key\"", restart;
        /// Whether something in front of it encrypts: then it may listen beyond this machine without a certificate of its own.
        behind_proxy: bool = Truth, default "false", restart;
        /// How others reach it, for links in messages and the API's document; unset: the address above.
        public_url: Option<String> = Url { schemes: &["https://", "http://"], example: "https://omega.example.org" }, unset "\"https://omega.example.org\"", restart;
    }
}
