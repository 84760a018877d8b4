#!/bin/sh
# Makes the certificates of the TLS test, in DER: an authority, and a leaf for 127.0.0.1 and localhost, good for a
# hundred years. The keys are worth nothing: the authority's is thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }
key "$work/root.key"
openssl req -x509 -new -key "$work/root.key" -subj "/CN=omega test root" -days 36500 -out "$work/root.pem" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"
key "$work/leaf.key"
openssl req -new -key "$work/leaf.key" -subj "/CN=localhost" -out "$work/leaf.csr"
printf 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n' > "$work/ext"
openssl x509 -req -in "$work/leaf.csr" -CA "$work/root.pem" -CAkey "$work/root.key" -CAcreateserial -days 36500 \
    -extfile "$work/ext" -out "$work/leaf.pem"
openssl x509 -in "$work/root.pem" -outform DER -out root.der
openssl x509 -in "$work/leaf.pem" -outform DER -out leaf.der
openssl pkcs8 -topk8 -nocrypt -in "$work/leaf.key" -outform DER -out leaf.key.der
rm -r "$work"
