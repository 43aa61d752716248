//! Notes on how a query was read; errors in filters and dates.

use super::{Lang, Localize, msg};
use crate::query::date_range::BadDate;
use crate::query::{FilterError, QueryNote};

/// The field names listed in messages.
const FIELDS: &str = "제목 부제 본문 사진설명 기자 언론사 섹션 날짜 인물 기관 위치 분류 url id (headline subhead body caption reporter outlet section date person organization place category)";

impl Localize for QueryNote {
    fn text(&self, lang: Lang) -> String {
        match self {
            QueryNote::MisplacedStar => msg!(lang,
                ko: "'*'는 단어 끝에만 쓸 수 있어 무시했습니다(삼성*은 삼성전자를 찾습니다)",
                en: "'*' works only at the end of a word (삼성* matches 삼성전자): ignored",
            ),
            QueryNote::ExcludedNumber => msg!(lang,
                ko: "숫자 앞의 '-'는 그 숫자가 든 기사를 뺍니다. -3%를 찾으려면 \\-3%라고 쓰세요",
                en: "'-' before a number excludes it; write \\-3% to search for -3%",
            ),
            QueryNote::UnclosedQuote => msg!(lang,
                ko: "닫는 따옴표가 없어 끝까지를 한 문구로 보았습니다",
                en: "missing closing quotation mark: the phrase extends to the end",
            ),
            QueryNote::EmptyQuote => msg!(lang,
                ko: "따옴표 안이 비어 있어 무시했습니다",
                en: "empty quotation: ignored",
            ),
            QueryNote::IgnoredWeight => msg!(lang,
                ko: "^2 같은 가중치는 무시했습니다",
                en: "weights such as ^2 are ignored",
            ),
            QueryNote::IgnoredFuzziness => msg!(lang,
                ko: "'~숫자'는 문구 뒤에만 쓸 수 있어 무시했습니다(\"기준금리 인상\"~5)",
                en: "'~' with a number works only after a phrase (\"기준금리 인상\"~5): ignored",
            ),
            QueryNote::MisspeltField { name, suggestion } => msg!(lang,
                ko: "'{name}:' 항목은 없어 전체에서 찾았습니다. '{suggestion}:'를 뜻하셨나요?",
                en: "no field '{name}:'; did you mean '{suggestion}:'? Searched in all fields",
            ),
            QueryNote::UnknownField { name } => msg!(lang,
                ko: "'{name}:' 항목은 없어 단어로 보았습니다. 쓸 수 있는 항목: {FIELDS}",
                en: "no field '{name}:', searched as a word; fields: {FIELDS}",
            ),
            QueryNote::EmptyField => msg!(lang,
                ko: "항목 이름 뒤에 찾을 말이 없어 무시했습니다",
                en: "empty field: ignored",
            ),
            QueryNote::UnmatchedParenthesis => msg!(lang,
                ko: "여는 괄호가 없는 닫는 괄호는 무시했습니다",
                en: "closing parenthesis without an opening one: ignored",
            ),
            QueryNote::UnclosedParenthesis => msg!(lang,
                ko: "닫는 괄호가 없어 끝에서 닫힌 것으로 보았습니다",
                en: "missing closing parenthesis: added at the end",
            ),
            QueryNote::TooDeep => msg!(lang,
                ko: "괄호가 너무 깊어 가장 안쪽은 무시했습니다",
                en: "parentheses nested too deeply: the innermost are ignored",
            ),
            QueryNote::MissingOperand => msg!(lang,
                ko: "한쪽이 빈 연산자는 무시했습니다",
                en: "operator without an operand: ignored",
            ),
            QueryNote::TwoOperators => msg!(lang,
                ko: "연산자 둘이 이어져 뒤의 것은 무시했습니다",
                en: "two operators in a row: the second is ignored",
            ),
            QueryNote::OnlyOperators => msg!(lang,
                ko: "연산자뿐이어서 단어로 찾았습니다",
                en: "only operators: searched as words",
            ),
            QueryNote::OnlySigns => msg!(lang,
                ko: "기호뿐이어서 찾을 말이 없습니다",
                en: "only symbols: nothing to search for",
            ),
            QueryNote::OnlyExclusions => msg!(lang,
                ko: "뺄 말만 있어 나머지 모두를 찾았습니다",
                en: "the query only excludes: everything else matches",
            ),
            QueryNote::OrReadAs { query } => msg!(lang,
                ko: "OR은 양옆의 단어만 잇습니다. 이렇게 읽었습니다: {query} (다르게 묶으려면 괄호를 쓰세요)",
                en: "OR joins its two neighbors: read as {query}; use parentheses for another reading",
            ),
            QueryNote::TooManyWords { limit } => msg!(lang,
                ko: "검색어가 너무 길어 앞의 단어 {limit}개만 찾았습니다",
                en: "the query is too long: only its first {limit} words are searched",
            ),
            QueryNote::NotADate(date) => {
                let date = date.text(lang);
                let stop = if date.ends_with('?') { "" } else { "." };
                msg!(lang,
                    ko: "{date}{stop} 날짜는 무시했습니다",
                    en: "{date}{stop} The date was ignored.",
                )
            }
            QueryNote::NotADateRange => msg!(lang,
                ko: "[a TO b]는 날짜에만 쓸 수 있어 단어로 찾았습니다",
                en: "[a TO b] works only with dates: searched as words",
            ),
        }
    }
}

impl Localize for FilterError {
    fn text(&self, lang: Lang) -> String {
        match self {
            FilterError::BadDate(date) => date.text(lang),
            FilterError::DatesReversed { from, to } => msg!(lang,
                ko: "시작일 {from}이 종료일 {to}보다 늦습니다",
                en: "--from {from} is after --to {to}",
            ),
        }
    }
}

impl Localize for BadDate {
    fn text(&self, lang: Lang) -> String {
        let BadDate { text, suggestion } = self;
        match suggestion {
            Some(suggestion) => msg!(lang,
                ko: "'{text}'은(는) 날짜가 아닙니다. '{suggestion}'을(를) 뜻하셨나요?",
                en: "'{text}' is not a date; did you mean '{suggestion}'?",
            ),
            None => msg!(lang,
                ko: "'{text}'은(는) 날짜가 아닙니다. 2024, 2024-02, 2024-02-22, 7d, 오늘 또는 2024-02..2024-03처럼 쓰세요",
                en: "'{text}' is not a date: write 2024, 2024-02, 2024-02-22, 7d, 오늘 or a range like 2024-02..2024-03",
            ),
        }
    }
}
