//! Notes that accompany an answer.

use super::{Lang, Localize, msg, number};
use crate::app::{Note, korean_time};

impl Localize for Note {
    fn text(&self, lang: Lang) -> String {
        match self {
            Note::Query { note } => note.text(lang),
            Note::Saved { note } => note.text(lang),
            Note::ReadAs { query } => {
                msg!(lang, ko: "이렇게 읽었습니다: {query}", en: "read as: {query}")
            }
            Note::Search { note } => note.text(lang),
            Note::DidYouMean { query, total } => {
                let total = number(*total);
                msg!(lang,
                    ko: "혹시 {query}? ({total}건)",
                    en: "did you mean: {query} ({total})",
                )
            }
            Note::DidYouMeanOutlet { typed, name, count } => {
                let count = number(*count);
                msg!(lang,
                    ko: "'{typed}' 매체의 기사가 없습니다. {name}({count}건)을(를) 뜻하셨나요?",
                    en: "no outlet '{typed}'; did you mean {name} ({count})?",
                )
            }
            Note::DidYouMeanReporter { typed, name, count } => {
                let count = number(*count);
                msg!(lang,
                    ko: "'{typed}' 기자의 기사가 없습니다. {name}({count}건)을(를) 뜻하셨나요?",
                    en: "no reporter '{typed}'; did you mean {name} ({count})?",
                )
            }
            Note::NoSuchOutlet { typed } => msg!(lang,
                ko: "'{typed}' 매체의 기사가 없습니다",
                en: "no clipping is from an outlet '{typed}'",
            ),
            Note::NoSuchReporter { typed } => msg!(lang,
                ko: "'{typed}' 기자의 기사가 없습니다",
                en: "no clipping is by a reporter '{typed}'",
            ),
            Note::UserWordsChanged => msg!(lang,
                ko: "인덱스를 만든 뒤 user-words.txt가 바뀌었습니다. `clippings reindex`를 실행하세요",
                en: "user-words.txt has changed since the index was made: run `clippings reindex`",
            ),
            Note::BadLine { path, line, reason } => {
                let (path, reason) = (path.display(), reason.text(lang));
                msg!(lang,
                    ko: "{path} {line}행을 무시했습니다: {reason}",
                    en: "{path}, line {line} ignored: {reason}",
                )
            }
            Note::Undated { query, count: 1 } => msg!(lang,
                ko: "'{query}'의 기사 1건은 날짜가 없어 세지 않았습니다",
                en: "1 clipping of '{query}' has no date: not counted",
            ),
            Note::Undated { query, count } => {
                let count = number(*count);
                msg!(lang,
                    ko: "'{query}'의 기사 {count}건은 날짜가 없어 세지 않았습니다",
                    en: "{count} clippings of '{query}' have no date: not counted",
                )
            }
            Note::ImplausibleDates {
                query,
                count,
                before,
            } => {
                let count = number(*count);
                msg!(lang,
                    ko: "'{query}'의 기사 {count}건은 {before}보다 앞선 날짜여서 세지 않았습니다(--from으로 넣을 수 있습니다)",
                    en: "dated before {before} and not counted: {count} of '{query}' (--from includes them)",
                )
            }
            Note::NothingToCompare => msg!(lang,
                ko: "모든 기사가 검색되어 견줄 것이 없습니다",
                en: "the query matches everything; nothing to compare with",
            ),
            Note::FirstDigest => msg!(lang,
                ko: "첫 다이제스트여서 모두 새 기사입니다",
                en: "first digest: everything counts as new",
            ),
            Note::NewSince { since } => {
                let since = korean_time(*since);
                msg!(lang, ko: "{since} 이후의 새 기사", en: "new since {since}")
            }
        }
    }
}
