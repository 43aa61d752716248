//! Reading an index: opening, statistics, verification.

pub(in crate::index) mod archive;
pub(in crate::index) mod check;
pub(in crate::index) mod stats;
