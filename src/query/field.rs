//! The fields of a query, under all names that users type.

use std::fmt;

use super::jamo;

/// A field that a query can name. Dates have a node of their own, since they are compared, not
/// searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The headline.
    Headline,
    /// Decks and subheads.
    Subhead,
    /// The text.
    Body,
    /// Captions.
    Caption,
    /// Names of reporters.
    Reporter,
    /// Name of the outlet, including aliases.
    Outlet,
    /// Section of the outlet.
    Section,
    /// People named in the text, according to BIGKinds.
    Person,
    /// Places named in the text, according to BIGKinds.
    Place,
    /// Organizations named in the text, according to BIGKinds.
    Organization,
    /// Subject category in BIGKinds, or section of the outlet.
    Category,
    /// URL of the article.
    Url,
    /// Id of the clipping.
    Id,
}

impl Field {
    /// Whether values are matched as a whole instead of by their words.
    pub fn is_name(self) -> bool {
        match self {
            Field::Headline | Field::Subhead | Field::Body | Field::Caption => false,
            Field::Reporter | Field::Outlet | Field::Section | Field::Person | Field::Place => true,
            Field::Organization | Field::Category | Field::Url | Field::Id => true,
        }
    }

    /// The name it is printed with.
    pub fn name(self) -> &'static str {
        match self {
            Field::Headline => "headline",
            Field::Subhead => "subhead",
            Field::Body => "body",
            Field::Caption => "caption",
            Field::Reporter => "reporter",
            Field::Outlet => "outlet",
            Field::Section => "section",
            Field::Person => "person",
            Field::Place => "place",
            Field::Organization => "organization",
            Field::Category => "category",
            Field::Url => "url",
            Field::Id => "id",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The meaning of a name before a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Search in one field.
    Field(Field),
    /// A day, a period or a range of days.
    Date,
    /// That day or later.
    From,
    /// That day or earlier.
    Until,
    /// Earlier than that day.
    Before,
}

/// Every name with its meaning. Suggestions use the first Korean and the first English name of a
/// field. The others are the words of Lucene users, of mail and web
/// search (`intitle`, `before`), and of the columns of BIGKinds and portal exports (일자, 기고자, 매체명).
const LABELS: &[(Label, &[&str])] = &[
    (
        Label::Field(Field::Headline),
        &[
            "제목",
            "headline",
            "title",
            "intitle",
            "표제",
            "헤드라인",
            "기사제목",
        ],
    ),
    (
        Label::Field(Field::Subhead),
        &[
            "부제",
            "subhead",
            "부제목",
            "소제목",
            "중제",
            "deck",
            "subtitle",
        ],
    ),
    (
        Label::Field(Field::Body),
        &[
            "본문",
            "body",
            "content",
            "text",
            "intext",
            "내용",
            "기사본문",
        ],
    ),
    (
        Label::Field(Field::Caption),
        &["사진설명", "caption", "캡션"],
    ),
    (
        Label::Field(Field::Reporter),
        &[
            "기자",
            "reporter",
            "author",
            "writer",
            "byline",
            "기자명",
            "기고자",
            "저자",
            "필자",
            "글쓴이",
            "작성자",
        ],
    ),
    (
        Label::Field(Field::Outlet),
        &[
            "언론사",
            "outlet",
            "press",
            "media",
            "publisher",
            "매체",
            "매체명",
            "신문사",
            "신문",
            "방송사",
            "언론사명",
        ],
    ),
    (
        Label::Field(Field::Section),
        &["섹션", "section", "면", "지면"],
    ),
    (Label::Field(Field::Person), &["인물", "person", "people"]),
    (
        Label::Field(Field::Place),
        &["위치", "place", "location", "장소"],
    ),
    (
        Label::Field(Field::Organization),
        &["기관", "organization", "org", "단체"],
    ),
    (
        Label::Field(Field::Category),
        &["분류", "category", "분야", "통합분류"],
    ),
    (
        Label::Field(Field::Url),
        &["주소", "url", "link", "inurl", "site", "링크"],
    ),
    (Label::Field(Field::Id), &["식별자", "id", "아이디"]),
    (
        Label::Date,
        &[
            "날짜",
            "date",
            "published",
            "일자",
            "기간",
            "발행일",
            "작성일",
            "보도일",
            "입력일",
        ],
    ),
    (Label::From, &["from", "since", "after", "시작일"]),
    (Label::Until, &["to", "until", "종료일"]),
    (Label::Before, &["before"]),
];

/// The meaning of a name before a colon, if any. Case does not matter.
pub(super) fn label(name: &str) -> Option<Label> {
    let lower = name.to_lowercase();
    LABELS
        .iter()
        .find(|(_, names)| names.contains(&lower.as_str()))
        .map(|(label, _)| *label)
}

/// The field name that `name` is most likely a misspelling of: one edit away, or two if the field
/// name is long.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let spelling = jamo::Spelling::new(name);
    if spelling.len() < 4 {
        return None;
    }
    LABELS
        .iter()
        .filter(|(label, _)| matches!(label, Label::Field(_) | Label::Date))
        .flat_map(|(_, names)| names.iter().take(2))
        .filter_map(|right| {
            let room = if jamo::decompose(right).len() >= 6 {
                2
            } else {
                1
            };
            spelling.distance(right, room).map(|d| (d, *right))
        })
        .min_by_key(|(d, _)| *d)
        .map(|(_, right)| right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lower_case() {
        let mut seen = std::collections::HashSet::new();
        for (label, names) in LABELS {
            for name in *names {
                assert!(seen.insert(*name), "{name} stands twice");
                assert_eq!(*name, name.to_lowercase());
                assert_eq!(super::label(&name.to_uppercase()), Some(*label));
            }
        }
    }

    #[test]
    fn misspelt_names_get_a_suggestion() {
        assert_eq!(nearest("언론"), Some("언론사"));
        assert_eq!(nearest("outlt"), Some("outlet"));
        assert_eq!(nearest("재목"), Some("제목"));
        assert_eq!(nearest("haedline"), Some("headline"));
        assert_eq!(nearest("속보"), None);
        assert_eq!(nearest("http"), None);
        assert_eq!(nearest("연"), None);
    }
}
