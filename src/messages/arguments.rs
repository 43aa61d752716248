//! Errors in values of command-line arguments.

use super::{Lang, Localize, msg};
use crate::app::add::{ColumnMapError, PathRuleError};
use crate::clipping::NoDate;

impl Localize for PathRuleError {
    fn text(&self, lang: Lang) -> String {
        match self {
            PathRuleError::Field(name) => msg!(lang,
                ko: "없는 항목입니다: '{{{name}}}'. {{outlet}}, {{reporter}}, {{section}}, {{date}} 또는 {{year}}, {{month}}, {{day}}를 쓰세요",
                en: "'{{{name}}}' is not a field; use {{outlet}}, {{reporter}}, {{section}}, {{date}} or {{year}}, {{month}}, {{day}}",
            ),
            PathRuleError::Twice(name) => msg!(lang,
                ko: "'{{{name}}}'이(가) 두 번 나옵니다",
                en: "'{{{name}}}' appears twice",
            ),
            PathRuleError::Open => msg!(lang,
                ko: "'{{'를 닫는 '}}'가 없습니다",
                en: "'{{' without '}}'",
            ),
            PathRuleError::Nothing => msg!(lang,
                ko: "항목이 없습니다. {{outlet}}, {{reporter}}, {{section}}, {{date}} 가운데 하나를 쓰세요",
                en: "no field: use {{outlet}}, {{reporter}}, {{section}} or {{date}}",
            ),
            PathRuleError::TooLong => msg!(lang, ko: "너무 깁니다", en: "too long"),
        }
    }
}

impl Localize for ColumnMapError {
    fn text(&self, lang: Lang) -> String {
        match self {
            ColumnMapError::NoEquals(part) => msg!(lang,
                ko: "'{part}'에 '='가 없습니다. headline=제목처럼 쓰세요",
                en: "'{part}' has no '=': write field=column, such as headline=제목",
            ),
            ColumnMapError::Field { name } => {
                let fields = ColumnMapError::field_names();
                msg!(lang,
                    ko: "없는 항목입니다: '{name}'. 쓸 수 있는 항목: {fields}",
                    en: "'{name}' is not a field; use {fields}",
                )
            }
        }
    }
}

impl Localize for NoDate {
    fn text(&self, lang: Lang) -> String {
        let NoDate(text) = self;
        msg!(lang,
            ko: "'{text}'은(는) 날짜가 아닙니다. 2024-02-22나 2024-02-22T10:31:00+09:00처럼 쓰세요",
            en: "'{text}' is not a date: write 2024-02-22 or 2024-02-22T10:31:00+09:00",
        )
    }
}
