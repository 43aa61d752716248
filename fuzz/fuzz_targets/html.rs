//! See `clippings_fuzz::html`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::html(data));
