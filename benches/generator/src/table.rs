//! Reads the tables in `data/`: tab-separated fields; lines that start with `#` are comments.

/// Iterates over the rows of a table.
pub fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// First field of every row.
pub fn words(table: &'static str) -> Vec<&'static str> {
    rows(table).filter_map(|row| row.first().copied()).collect()
}

/// Parses a number; 0 if the field is not one, which the tests rule out.
pub fn number(field: Option<&&str>) -> usize {
    field.and_then(|f| f.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_all_fields() {
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
