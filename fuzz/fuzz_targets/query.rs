//! See `clippings_fuzz::query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::query(data));
