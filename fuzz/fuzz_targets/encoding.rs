//! See `clippings_fuzz::encoding`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| clippings_fuzz::encoding(data));
