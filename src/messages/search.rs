//! Notes of a search, and explanations of scores.

use super::{Lang, Localize, msg};
use crate::app::{Cause, SearchNote};

impl Localize for SearchNote {
    fn text(&self, lang: Lang) -> String {
        match self {
            SearchNote::Estimated => msg!(lang,
                ko: "결과가 매우 많아 건수는 어림수입니다",
                en: "so many clippings match that the counts are estimates",
            ),
            SearchNote::OnlyPartial => msg!(lang,
                ko: "모든 단어가 든 기사가 없어 일부만 든 기사를 보여 드립니다",
                en: "no clipping contains all words; showing partial matches",
            ),
            SearchNote::ShowingResultsFor { typed, corrected } => msg!(lang,
                ko: "'{corrected}'(으)로 찾은 결과입니다. 입력한 대로 찾으려면 따옴표로 묶으세요: \"{typed}\"",
                en: "showing results for {corrected}; quote words to search them as typed: \"{typed}\"",
            ),
            SearchNote::Light { words } => {
                let words = words.join(" ");
                msg!(lang,
                    ko: "다음 단어는 없어도 됩니다: {words}",
                    en: "not required: {words}",
                )
            }
            SearchNote::NotFound { text, quoted: true } => msg!(lang,
                ko: "\"{text}\"이(가) 든 기사가 없습니다",
                en: "no clipping contains \"{text}\"",
            ),
            SearchNote::NotFound {
                text,
                quoted: false,
            } => msg!(lang,
                ko: "'{text}'이(가) 든 기사가 없습니다",
                en: "no clipping contains {text}",
            ),
        }
    }
}

/// The field of a part of a score, given by its English name in queries.
pub fn scored_field(name: &str, lang: Lang) -> String {
    match name {
        "headline" => msg!(lang, ko: "제목", en: "headline"),
        "subhead" => msg!(lang, ko: "부제", en: "subhead"),
        "body" => msg!(lang, ko: "본문", en: "body"),
        "caption" => msg!(lang, ko: "사진설명", en: "caption"),
        other => other.to_owned(),
    }
}

impl Localize for Cause {
    fn text(&self, lang: Lang) -> String {
        match self {
            Cause::Word { form, .. } => form.clone(),
            Cause::Synonym { word, form } => msg!(lang,
                ko: "{form}({word}의 동의어)",
                en: "{form} (synonym of {word})",
            ),
            Cause::Coverage => msg!(lang, ko: "들어 있는 단어의 수", en: "number of words matched"),
            Cause::Nearness => msg!(lang, ko: "단어 사이의 거리", en: "proximity of words"),
            Cause::Lead => msg!(lang, ko: "기사 앞부분", en: "words in the lead"),
            Cause::Rest => msg!(lang, ko: "따옴표로 묶은 말", en: "quotations"),
        }
    }
}
