//! Origins of terms, and invalid lines of word lists.

use super::{Lang, Localize, msg};
use crate::app::LineProblem;
use crate::app::analyze::{TermKind, TermOrigin};

impl Localize for TermKind {
    fn text(&self, lang: Lang) -> String {
        match self {
            TermKind::Whole => msg!(lang, ko: "어절", en: "whole"),
            TermKind::Stem => msg!(lang, ko: "단어", en: "stem"),
            TermKind::Part => msg!(lang, ko: "성분", en: "part"),
        }
    }
}

impl Localize for TermOrigin {
    fn text(&self, lang: Lang) -> String {
        match self {
            TermOrigin::AsWritten => msg!(lang, ko: "적힌 그대로", en: "as written"),
            TermOrigin::WithoutParticle => {
                msg!(lang, ko: "조사를 뗀 것", en: "without its particle")
            }
            TermOrigin::PerhapsWithoutParticle => msg!(lang,
                ko: "조사로 보이는 부분을 뗀 것",
                en: "without what may be a particle",
            ),
            TermOrigin::Morpheme => msg!(lang, ko: "형태소", en: "a morpheme"),
            TermOrigin::WithAffix => {
                msg!(lang, ko: "접사가 붙은 명사", en: "a noun with its affixes")
            }
            TermOrigin::PieceOfCompound => msg!(lang,
                ko: "사전에 있는 복합어의 부분",
                en: "a piece of a compound in the dictionary",
            ),
            TermOrigin::DictionaryForm => msg!(lang, ko: "기본형", en: "the dictionary form"),
            TermOrigin::Script => {
                msg!(lang, ko: "한 가지 문자로 된 부분", en: "a sequence of one script")
            }
            TermOrigin::UserPart => {
                msg!(lang, ko: "사용자 단어의 부분", en: "a part from the user words")
            }
            TermOrigin::Reading => msg!(lang, ko: "한자의 음", en: "a reading of the Hanja"),
            TermOrigin::Abbreviation => msg!(lang,
                ko: "약자가 뜻하는 말",
                en: "what the abbreviation stands for",
            ),
        }
    }
}

impl Localize for LineProblem {
    fn text(&self, lang: Lang) -> String {
        match self {
            LineProblem::SeveralArrows => msg!(lang,
                ko: "`=>`가 둘 이상입니다. 한 줄에 한 묶음씩 쓰세요",
                en: "more than one `=>`; write one group per line",
            ),
            LineProblem::EmptySide => msg!(lang,
                ko: "`=>`의 한쪽이 비어 있습니다. `단어 => 다른 단어`처럼 쓰세요",
                en: "one side of `=>` is empty; write `word => other word`",
            ),
            LineProblem::LoneWord => msg!(lang,
                ko: "단어가 하나뿐입니다. `단어, 다른 단어`처럼 쓰세요",
                en: "a single word has no synonyms; write `word, other word`",
            ),
            LineProblem::NotARow => msg!(lang,
                ko: "`단어[,품사[,부분]]`이 아닙니다. `한빛연구소,NNP,한빛+연구소`처럼 쓰세요",
                en: "not `word[,tag[,parts]]`, such as `한빛연구소,NNP,한빛+연구소`",
            ),
            LineProblem::NoWord => msg!(lang,
                ko: "단어가 없습니다. `단어[,품사[,부분]]`처럼 쓰세요",
                en: "no word; write `word[,tag[,parts]]`",
            ),
            LineProblem::WordTooLong { limit } => msg!(lang,
                ko: "단어가 {limit}바이트를 넘습니다",
                en: "the word is longer than {limit} bytes",
            ),
            LineProblem::NotOneWord { word } => msg!(lang,
                ko: "`{word}`은(는) 한 단어가 아닙니다. 글자와 숫자, 단어 안의 기호만 쓰고 띄어 쓰지 마세요(여러 단어는 synonyms.txt에 쓰세요)",
                en: "`{word}` is not one word: user words consist of letters, digits and word-internal punctuation, without spaces (use synonyms.txt for terms of several words)",
            ),
            LineProblem::UnknownTag { tag, tags } => {
                let tags = tags.join(", ");
                msg!(lang,
                    ko: "없는 품사입니다: `{tag}`. 쓸 수 있는 품사: {tags}",
                    en: "unknown tag `{tag}`; use one of {tags}",
                )
            }
            LineProblem::OtherParts { word, parts } => msg!(lang,
                ko: "`{parts}`을(를) 이어도 `{word}`이(가) 되지 않습니다",
                en: "the parts `{parts}` do not add up to `{word}`",
            ),
        }
    }
}
