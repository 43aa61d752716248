//! See `clippings_fuzz::snippet`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::snippet(data));
