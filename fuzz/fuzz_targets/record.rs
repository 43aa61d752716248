//! See `clippings_fuzz::record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::record(data));
