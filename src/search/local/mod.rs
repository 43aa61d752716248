pub(in crate::search) mod candidates;
pub(in crate::search) mod facets;
pub(in crate::search) mod near;
pub(in crate::search) mod phrase;
pub(in crate::search) mod plan;
pub(in crate::search) mod post_filter;
pub(in crate::search) mod quotation;
pub(in crate::search) mod word;
