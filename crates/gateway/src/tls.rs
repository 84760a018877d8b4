//! The gateway's own encryption: rustls with ring, a chain and a key from files.
//!
//! It refuses a key that does not belong to its certificate, when it opens and not when somebody comes.

use crate::error::BadGateway;
use crate::settings::TlsFiles;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

pub(crate) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, BadGateway> {
    let bad = |file: &Path, why: String| BadGateway::Tls { file: file.to_owned(), why };
    let chain = CertificateDer::pem_file_iter(&files.certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(&files.certificates, error.to_string()))?;
    if chain.is_empty() {
        return Err(bad(&files.certificates, "it has no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| bad(&files.key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has all of TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad(&files.key, error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
