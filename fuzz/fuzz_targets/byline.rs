//! See `clippings_fuzz::byline`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::byline(data));
