//! See `clippings_fuzz::date`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::date(data));
