//! libFuzzer's door to `fuzz::targets::bitget_reply`, where the body is; this file refuses to hold one.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: fuzz::targets::quiet_expected_panics(),
    |bytes: &[u8]| fuzz::targets::bitget_reply(bytes)
);
