//! Reads the tables under `data/`: lines of tab-separated fields, `#` begins a comment line.

/// The rows of a table, each as its fields.
pub fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// The first fields of all rows.
pub fn words(table: &'static str) -> Vec<&'static str> {
    rows(table).filter_map(|row| row.first().copied()).collect()
}

/// A field as a number; a field that is none is 0, and the tests see to it that there is none.
pub fn number(field: Option<&&str>) -> usize {
    field.and_then(|f| f.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_fields() {
        let tables = [
            (include_str!("data/particles.tsv"), 3, true),
            (include_str!("data/endings.tsv"), 4, true),
            (include_str!("data/names.tsv"), 3, true),
            (include_str!("data/units.tsv"), 3, true),
            (include_str!("data/frequent.txt"), 1, false),
            (include_str!("data/outlets.txt"), 1, false),
            (include_str!("data/latin.txt"), 1, false),
            (include_str!("data/hanja.txt"), 1, false),
            (include_str!("data/sections.txt"), 1, false),
        ];
        for (table, fields, weighted) in tables {
            assert!(rows(table).count() > 5);
            for row in rows(table) {
                assert_eq!(row.len(), fields, "{row:?}");
                assert!(row.iter().all(|field| !field.is_empty()), "{row:?}");
                assert!(!weighted || number(row.last()) > 0, "{row:?}");
            }
        }
    }
}
