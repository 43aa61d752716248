//! Maps the columns of a table to fields by the names in its first row.

use std::str::FromStr;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::SkipReason;
use super::row::{Field, Row};

/// Further columns are ignored; workbooks may have 16,384.
pub(super) const MAX_COLUMNS: usize = 512;

/// Normalized column name → field, and rank of the name among the names of that field (0 is
/// preferred).
static ALIASES: LazyLock<FxHashMap<String, (Field, usize)>> = LazyLock::new(|| {
    aliases()
        .filter_map(|(field, rank, name)| Some((skeleton(name), (Field::from_name(field)?, rank))))
        .collect()
});

/// Field, rank and name of every alias in the data file.
fn aliases() -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    include_str!("data/columns.tsv")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .flat_map(|(field, names)| {
            names
                .split('|')
                .enumerate()
                .map(move |(rank, name)| (field, rank, name))
        })
}

/// Normalizes a column name: drops case, white space, punctuation and text in parentheses.
fn skeleton(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut depth = 0u32;
    for c in name.trim_start_matches('\u{feff}').chars() {
        match c {
            '(' | '（' | '[' => depth += 1,
            ')' | '）' | ']' => depth = depth.saturating_sub(1),
            '_' | '-' | '.' | ':' | '*' => {}
            c if c.is_whitespace() || c.is_control() || depth > 0 => {}
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// Columns named by the user: `headline=제목,body=내용`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(Vec<(Field, String)>);

/// An invalid column map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ColumnMapError {
    /// A part without `=`.
    #[error("'{0}' has no '=': write field=column, such as headline=제목")]
    NoEquals(String),
    /// An unknown field.
    #[error("'{name}' is not a field; use {fields}", fields = ColumnMapError::field_names())]
    Field {
        /// As typed.
        name: String,
    },
}

impl ColumnMapError {
    /// The fields that there are.
    pub fn field_names() -> String {
        let names: Vec<&str> = Field::NAMES.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }
}

impl FromStr for ColumnMap {
    type Err = ColumnMapError;

    /// Parses comma-separated `field=column` pairs. Column names known for a field, such as
    /// `reporters` and `date`, can be used for `field` too.
    fn from_str(s: &str) -> Result<Self, ColumnMapError> {
        let mut map = Vec::new();
        for pair in s.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (field, column) = pair
                .split_once('=')
                .ok_or_else(|| ColumnMapError::NoEquals(pair.trim().to_owned()))?;
            let name = field.trim();
            let field = Field::from_name(name)
                .or_else(|| ALIASES.get(&skeleton(name)).map(|(field, _)| *field))
                .ok_or_else(|| ColumnMapError::Field {
                    name: name.to_owned(),
                })?;
            map.push((field, skeleton(column)));
        }
        Ok(ColumnMap(map))
    }
}

/// The columns of a table that have fields of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Index of a column and its field, preferred columns first.
    used: Vec<(usize, Field)>,
}

impl Columns {
    /// Finds the columns by the names in the first row. Names in `map` take precedence over known
    /// ones. `None` if there is no column for headline or text, or not that which `map` names for one.
    pub fn find<S: AsRef<str>>(names: &[S], map: &ColumnMap) -> Option<Columns> {
        let mut found: Vec<(Field, usize, usize)> = Vec::new();
        for (column, name) in names.iter().enumerate() {
            let name = skeleton(name.as_ref());
            let mapped = map.0.iter().find(|(_, mapped)| *mapped == name);
            if let Some((field, _)) = mapped {
                found.push((*field, 0, column));
            } else if let Some((field, rank)) = ALIASES.get(&name) {
                found.push((*field, rank + 1, column));
            }
        }
        found.sort_unstable();
        let columns = Columns {
            used: found
                .into_iter()
                .map(|(field, _, column)| (column, field))
                .collect(),
        };
        const TEXTS: [Field; 3] = [Field::Headline, Field::Body, Field::Summary];
        let has = |field: &Field| columns.used.iter().any(|(_, used)| used == field);
        let mut mapped = map.0.iter().map(|(field, _)| field);
        let is_complete = mapped.all(|field| !TEXTS.contains(field) || has(field));
        (is_complete && TEXTS.iter().any(has)).then_some(columns)
    }

    /// Number of columns found.
    pub fn len(&self) -> usize {
        self.used.len()
    }

    /// Builds a row; `cell` returns the cell in a column.
    pub fn row<'a>(&self, mut cell: impl FnMut(usize) -> Option<&'a str>) -> Row {
        let mut row = Row::default();
        for &(column, field) in &self.used {
            if let Some(value) = cell(column) {
                row.push(field, value);
            }
        }
        row
    }
}

/// The reason for skipping a table without known columns; lists its columns.
pub fn no_columns<S: AsRef<str>>(names: &[S]) -> SkipReason {
    const MAX_SHOWN: usize = 8;
    const MAX_CHARS: usize = 20;
    let mut columns: Vec<String> = names
        .iter()
        .map(|name| {
            let words: Vec<&str> = name.as_ref().split_whitespace().collect();
            words.join(" ").chars().take(MAX_CHARS).collect::<String>()
        })
        .filter(|name| !name.is_empty())
        .take(MAX_SHOWN + 1)
        .collect();
    if let Some(last) = columns.get_mut(MAX_SHOWN) {
        *last = "…".to_owned();
    }
    SkipReason::NoColumns { columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_and_no_name_stands_twice() {
        let mut seen = FxHashMap::default();
        for (field, _, name) in aliases() {
            assert!(Field::from_name(field).is_some(), "{field}");
            if let Some(other) = seen.insert(skeleton(name), field) {
                assert_eq!(other, field, "{name} stands for two fields");
            }
            assert!(!skeleton(name).is_empty());
        }
        for (name, field) in Field::NAMES {
            assert!(
                aliases().any(|(f, ..)| f == *name),
                "{field:?} has no names"
            );
        }
    }

    #[test]
    fn columns_are_found_by_names_that_drift() {
        let map = ColumnMap::default();
        for names in [
            [
                "뉴스 식별자",
                "일자",
                "언론사",
                "특성추출(가중치순 상위 50개)",
                "제목",
            ],
            [
                "\u{feff}뉴스식별자",
                "날짜",
                "매체명",
                "키워드",
                " 기사 제목 ",
            ],
            ["news_id", "pubDate", "Press", "Tags", "Title"],
        ] {
            let columns = Columns::find(&names, &map).unwrap();
            let cells = ["7", "20200707", "모두일보", "하나,둘", "새 소식"];
            let row = columns.row(|n| cells.get(n).copied());
            assert_eq!(row.first(Field::NewsId), Some("7"), "{names:?}");
            assert_eq!(row.first(Field::Published), Some("20200707"));
            assert_eq!(row.first(Field::Outlet), Some("모두일보"));
            assert_eq!(row.first(Field::Keywords), Some("하나,둘"));
            assert_eq!(row.first(Field::Headline), Some("새 소식"));
        }
        assert_eq!(Columns::find(&["날짜", "매체"], &map), None);
    }

    #[test]
    fn the_preferred_column_that_is_filled_counts() {
        let columns =
            Columns::find(&["제목", "link", "originallink"], &ColumnMap::default()).unwrap();
        let url = |cells: [&'static str; 3]| {
            let row = columns.row(|n| cells.get(n).copied());
            row.first(Field::Url).map(str::to_owned)
        };
        assert_eq!(url(["가", "n", "o"]).as_deref(), Some("o"));
        assert_eq!(url(["가", "n", " "]).as_deref(), Some("n"));
    }

    #[test]
    fn the_user_names_columns() {
        let map: ColumnMap = "headline = A열, date=B, reporters=C".parse().unwrap();
        let columns = Columns::find(&["a 열", "b", "c", "제목"], &map).unwrap();
        let row = columns.row(|n| {
            ["새 소식", "2024-01-01", "김하나", "다른 것"]
                .get(n)
                .copied()
        });
        assert_eq!(row.first(Field::Headline), Some("새 소식"));
        assert_eq!(row.first(Field::Published), Some("2024-01-01"));
        assert_eq!(row.first(Field::Reporter), Some("김하나"));
        let refused = |s: &str| s.parse::<ColumnMap>().unwrap_err().to_string();
        assert!(refused("제목").contains("no '='"));
        assert!(refused("colour=A").contains("'colour' is not a field"));
    }
}
