//! Writing an index. `writer.rs` is the entry; one process writes at a time.

pub(in crate::index) mod budget;
pub(in crate::index) mod decide;
pub(in crate::index) mod folder;
pub(in crate::index) mod grouping;
pub(in crate::index) mod groups;
pub(in crate::index) mod identity;
pub(in crate::index) mod incoming_doc;
pub(in crate::index) mod ledger;
pub(in crate::index) mod lock;
pub(in crate::index) mod lookup;
pub(in crate::index) mod rebuild;
pub(in crate::index) mod sink;
pub(in crate::index) mod uncommitted;
pub(in crate::index) mod writer;
