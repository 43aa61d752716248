//! See `clippings_fuzz::text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::text(data));
