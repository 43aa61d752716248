//! t
/// t
#[derive(Default)]
pub struct UserWords;
impl super::lattice::UserWords for UserWords { fn prefixes(&self, _: &[char], _: &mut dyn FnMut(usize, u32)) {} }
impl super::terms::PartsOf for UserWords { fn parts_of(&self, _: u32) -> &[String] { &[] } }
