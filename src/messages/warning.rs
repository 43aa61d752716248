//! Warnings about a record.

use super::{Lang, Localize, msg};
use crate::clipping::Warning;

impl Localize for Warning {
    fn text(&self, lang: Lang) -> String {
        match self {
            Warning::NoHeadline => msg!(lang,
                ko: "제목을 찾지 못했습니다",
                en: "no headline found",
            ),
            Warning::NoBody => msg!(lang,
                ko: "본문을 찾지 못했습니다. 사진만 있는 페이지일 수 있습니다",
                en: "no body text found; the page may contain only pictures",
            ),
            Warning::ShortBody => msg!(lang,
                ko: "본문이 매우 짧습니다",
                en: "very short body",
            ),
            Warning::LowBodyShare => msg!(lang,
                ko: "페이지의 글 대부분이 본문에 들지 않았습니다",
                en: "most of the page's text was not recognized as the article",
            ),
            Warning::NoOutlet => msg!(lang,
                ko: "매체를 찾지 못했습니다",
                en: "no outlet found",
            ),
            Warning::PageTruncated => msg!(lang,
                ko: "페이지가 너무 커서 앞부분만 읽었습니다",
                en: "the page is too large; only its beginning was read",
            ),
            Warning::UnreadableDate { text } => msg!(lang,
                ko: "날짜로 읽을 수 없는 값: '{text}'",
                en: "'{text}' is not a date",
            ),
            Warning::UndecodableBytes { count, encoding } => msg!(lang,
                ko: "{encoding} 인코딩에 없는 바이트 {count}개",
                en: "{count} bytes are not valid {encoding}",
            ),
            Warning::Stated { text } => text.clone(),
        }
    }
}
