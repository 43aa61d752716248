//! Values that the user gives for fields that a page leaves empty.

use std::path::Path;

use super::{ColumnMap, PathRule};
use crate::clipping::{Clipping, Published};

/// Values for empty fields of a clipping. Precedence: the clipping, the first matching path rule,
/// the values for all.
#[derive(Debug, Clone, Default)]
pub struct Fill {
    /// Outlet.
    pub outlet: Option<String>,
    /// Reporters.
    pub reporters: Vec<String>,
    /// Day, or day and time, of publication.
    pub published: Option<Published>,
    /// Rules that read values from the path. The first match applies.
    pub rules: Vec<PathRule>,
    /// Column names of tables.
    pub columns: ColumnMap,
}

impl Fill {
    /// Fills empty fields of a clipping. `file` is its file; `inside` is its path inside an
    /// archive, such as `archive.zip/folder/page.html`, which is tried first.
    pub fn apply(&self, file: &Path, inside: &Path, clipping: &mut Clipping) {
        let read = |path| self.rules.iter().find_map(|rule| rule.read(path));
        if let Some(read) = read(inside).or_else(|| read(file)) {
            fill(clipping, read.outlet, read.reporters, read.published);
            if clipping.section.is_none() {
                clipping.section = read.section;
            }
        }
        let outlet = self.outlet.clone();
        fill(clipping, outlet, self.reporters.clone(), self.published);
    }
}

fn fill(
    clipping: &mut Clipping,
    outlet: Option<String>,
    reporters: Vec<String>,
    published: Option<Published>,
) {
    if clipping.outlet.is_none() {
        clipping.outlet = outlet;
    }
    if clipping.reporters.is_empty() {
        clipping.reporters = reporters;
    }
    if clipping.published.is_none() {
        clipping.published = published;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clipping_takes_precedence_then_the_rule_then_the_option() {
        let fill = Fill {
            outlet: Some("모두일보".to_owned()),
            reporters: vec!["김하나".to_owned()],
            published: None,
            rules: vec!["{outlet}/{date}/*.html".parse().unwrap()],
            columns: ColumnMap::default(),
        };
        let path = Path::new("archive/한빛신문/2024-02-22/a.html");
        let mut silent = Clipping::default();
        fill.apply(path, path, &mut silent);
        assert_eq!(silent.outlet.as_deref(), Some("한빛신문"));
        assert_eq!(silent.reporters, ["김하나"]);
        assert_eq!(silent.published.unwrap().to_string(), "2024-02-22");

        let mut telling = Clipping {
            outlet: Some("저녁신문".to_owned()),
            reporters: vec!["이두리".to_owned()],
            published: Some("2023-01-01".parse().unwrap()),
            ..Clipping::default()
        };
        let before = telling.clone();
        fill.apply(path, path, &mut telling);
        assert_eq!(telling, before);

        let mut elsewhere = Clipping::default();
        let beside = Path::new("b.txt");
        fill.apply(beside, beside, &mut elsewhere);
        assert_eq!(elsewhere.outlet.as_deref(), Some("모두일보"));

        let mut packed = Clipping::default();
        let inside = Path::new("b.zip/저녁신문/2024-02-22/c.html");
        fill.apply(Path::new("b.zip"), inside, &mut packed);
        assert_eq!(packed.outlet.as_deref(), Some("저녁신문"));
        let mut packed = Clipping::default();
        fill.apply(path, Path::new("x.html/c.txt"), &mut packed);
        assert_eq!(packed.outlet.as_deref(), Some("한빛신문"));
    }
}
