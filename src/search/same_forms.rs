//! Equivalent spellings that folding does not unify: `6.25` and `6·25`, 엘지 and LG. The table is
//! `data/same-forms.tsv`.

use std::sync::LazyLock;

use crate::analyze::fold::folded;

/// Maximum number of alternative spellings.
const MAX_SPELLINGS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormKind {
    Date,
    Name,
}

/// Both directions of each row; longest first, so that KBS is not read as KB.
static TABLE: LazyLock<Vec<(FormKind, String, String)>> = LazyLock::new(|| {
    let mut rows: Vec<_> = rows()
        .flat_map(|(kind, one, other)| {
            let (one, other) = (lower(one), lower(other));
            [(kind, one.clone(), other.clone()), (kind, other, one)]
        })
        .collect();
    rows.sort_by_key(|(_, from, _)| std::cmp::Reverse(from.chars().count()));
    rows
});

fn rows() -> impl Iterator<Item = (FormKind, &'static str, &'static str)> {
    include_str!("data/same-forms.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let kind = match columns.next()? {
                "date" => FormKind::Date,
                "name" => FormKind::Name,
                _ => return None,
            };
            Some((kind, columns.next()?, columns.next()?))
        })
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// Alternative spellings of `text`, each with one form replaced.
pub fn spellings(text: &str) -> Vec<String> {
    let text = lower(text);
    let mut spellings: Vec<String> = Vec::new();
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for (kind, from, to) in TABLE.iter() {
        for (at, _) in text.match_indices(from.as_str()) {
            let (before, after) = (&text[..at], &text[at + from.len()..]);
            let fits = match kind {
                FormKind::Date => is_date(before, after),
                FormKind::Name => is_name(before, after, from),
            };
            // KBS is not KB followed by S. A form may have several alternatives.
            let is_inside = |(place, length): &(usize, usize)| *place == at && *length > from.len();
            if !fits || taken.iter().any(is_inside) {
                continue;
            }
            let spelling = format!("{before}{to}{after}");
            if folded(&spelling) != folded(&text)
                && !spellings.contains(&spelling)
                && spellings.len() < MAX_SPELLINGS
            {
                taken.push((at, from.len()));
                spellings.push(spelling);
            }
        }
    }
    spellings
}

/// Abbreviated legal forms before or after a name, with their full forms.
const LEGAL_FORMS: [(&str, &str); 6] = [
    ("(주)", "주식회사"),
    ("㈜", "주식회사"),
    ("(유)", "유한회사"),
    ("(사)", "사단법인"),
    ("㈔", "사단법인"),
    ("(재)", "재단법인"),
];

/// The name in `text` without its legal form, and the name after the full legal form. `None` if
/// there is no legal form, or no name of at least two letters.
pub fn without_legal_form(text: &str) -> Option<(&str, String)> {
    let (name, form) = LEGAL_FORMS.iter().find_map(|(mark, form)| {
        let name = text
            .strip_prefix(mark)
            .or_else(|| text.strip_suffix(mark))?;
        Some((name, form))
    })?;
    (name.chars().nth(1).is_some()).then(|| (name, format!("{form}{name}")))
}

/// Whether the form between `before` and `after` is a date, not part of a decimal, version or
/// longer date.
fn is_date(before: &str, after: &str) -> bool {
    let number = |c: char| c.is_numeric() || matches!(c, '.' | ',' | '·' | '-' | ':' | '/');
    !before.ends_with(number)
        && !after
            .starts_with(|c: char| number(c) || matches!(c, '%' | '％' | '배' | '점' | '포' | '달'))
}

/// Whether `name` between `before` and `after` starts a word and, if it ends with a Latin letter or
/// digit, is not followed by another.
fn is_name(before: &str, after: &str, name: &str) -> bool {
    let latin = |c: char| c.is_ascii_alphanumeric();
    let begins = !before.ends_with(char::is_alphanumeric);
    let goes_on = name.ends_with(latin) && after.starts_with(latin);
    begins && !goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let lines = include_str!("data/same-forms.tsv").lines();
        let lines = lines.filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), rows().count());
    }

    #[test]
    fn forms_are_replaced_where_they_stand_for_themselves() {
        for (text, other) in [
            ("6.25전쟁", Some("6·25전쟁")),
            ("6·25 전쟁", Some("6.25 전쟁")),
            ("3·1절", Some("3.1절")),
            ("엘지전자", Some("lg전자")),
            ("LG전자", Some("엘지전자")),
            ("KBS 뉴스", Some("케이비에스 뉴스")),
            ("(주)한빛", Some("주식회사한빛")),
            ("6.25%", None),
            ("16.25", None),
            ("6.25.1", None),
            ("2024.6.25", None),
            ("LGD", None),
            ("한국엘지", None),
            ("시청", None),
        ] {
            let found = spellings(text);
            match other {
                Some(other) => assert!(found.iter().any(|s| s == other), "{text}: {found:?}"),
                None => assert!(found.is_empty(), "{text}: {found:?}"),
            }
        }
        for (text, name) in [
            ("(주)한빛전자", Some(("한빛전자", "주식회사한빛전자"))),
            ("한빛전자㈜", Some(("한빛전자", "주식회사한빛전자"))),
            ("(사)한빛연구소", Some(("한빛연구소", "사단법인한빛연구소"))),
            ("(주)", None),
            ("㈜한", None),
            ("주식회사제도", None),
            ("한빛전자", None),
        ] {
            let found = without_legal_form(text);
            assert_eq!(found.as_ref().map(|(name, full)| (*name, &**full)), name);
        }
        assert!(spellings("챗GPT").contains(&"chatgpt".to_owned()));
        assert!(spellings("KBS").iter().all(|s| s != "케이비s"));
    }
}
