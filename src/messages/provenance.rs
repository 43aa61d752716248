//! Where the fields of a clipping were found, and the signs by which a page is an article.

use super::{Lang, Localize, msg};
use crate::extract::evidence::{Sign, Weighing};
use crate::extract::provenance::{ExtractedField, Origin};

impl Localize for ExtractedField {
    fn text(&self, lang: Lang) -> String {
        match self {
            ExtractedField::Article => msg!(lang, ko: "기사 여부", en: "article"),
            ExtractedField::Headline => msg!(lang, ko: "제목", en: "headline"),
            ExtractedField::Deck => msg!(lang, ko: "부제", en: "deck"),
            ExtractedField::Caption => msg!(lang, ko: "사진 설명", en: "caption"),
            ExtractedField::Outlet => msg!(lang, ko: "매체", en: "outlet"),
            ExtractedField::Reporters => msg!(lang, ko: "기자", en: "reporters"),
            ExtractedField::Published => msg!(lang, ko: "날짜", en: "published"),
            ExtractedField::Body => msg!(lang, ko: "본문", en: "body"),
            ExtractedField::Encoding => msg!(lang, ko: "인코딩", en: "encoding"),
        }
    }
}

impl Localize for Origin {
    fn text(&self, lang: Lang) -> String {
        match self {
            Origin::Markup(name) => (*name).to_owned(),
            Origin::OutletRule => msg!(lang, ko: "매체별 규칙", en: "the outlet's rule"),
            Origin::TitleLikeHeading => {
                msg!(lang, ko: "기사 제목과 같은 페이지 제목", en: "a title that agrees with a heading")
            }
            Origin::HeadingInTitle => {
                msg!(lang, ko: "페이지 제목과 같은 기사 제목", en: "a heading that agrees with the page's title")
            }
            Origin::Heading => msg!(lang, ko: "본문 근처의 제목", en: "a heading near the text"),
            Origin::LabelledField => msg!(lang, ko: "이름이 붙은 칸", en: "a labelled field"),
            Origin::FirstLine => {
                msg!(lang, ko: "제목으로 보이는 첫 줄", en: "the first line that reads as a headline")
            }
            Origin::VisibleDate => msg!(lang, ko: "화면의 날짜", en: "a visible date"),
            Origin::VisibleChange => {
                msg!(lang, ko: "화면의 수정 날짜", en: "a visible date of the last change")
            }
            Origin::Attribute => msg!(lang, ko: "태그의 속성", en: "an attribute of an element"),
            Origin::Scripts => {
                msg!(lang, ko: "스크립트에 든 데이터", en: "data in the page's scripts")
            }
            Origin::Address => msg!(lang, ko: "페이지 주소", en: "the page's URL"),
            Origin::Description => msg!(lang, ko: "페이지 요약문", en: "the page's description"),
            Origin::BylineInText => msg!(lang, ko: "본문의 기자 이름", en: "a byline in the text"),
            Origin::BylineBesideText => {
                msg!(lang, ko: "본문 옆의 기자 이름", en: "a byline beside the text")
            }
            Origin::BylineElement => {
                msg!(lang, ko: "기자 이름을 담은 태그", en: "a byline element")
            }
            Origin::NameInLastLine => {
                msg!(lang, ko: "마지막 줄의 이름과 직함", en: "a name and post in the last line")
            }
            Origin::DocumentInfo => {
                msg!(lang, ko: "문서 정보의 제목이나 주소", en: "the document's title or URL")
            }
            Origin::Signs(weighing, None) => weighing.text(lang),
            Origin::Signs(weighing, Some(line)) => format!("{line}: {}", weighing.text(lang)),
            Origin::Encoding {
                name,
                is_mislabelled: false,
            } => (*name).to_owned(),
            Origin::Encoding {
                name,
                is_mislabelled: true,
            } => msg!(lang,
                ko: "{name} (페이지에는 다르게 적혀 있음)",
                en: "{name} (the page says otherwise)",
            ),
        }
    }
}

/// The sum and the signs: `+4.0: a byline (+1.5), a dateline (+2)`.
impl Localize for Weighing {
    fn text(&self, lang: Lang) -> String {
        let signs: Vec<String> = self
            .signs()
            .iter()
            .map(|sign| format!("{} ({:+})", sign.text(lang), sign.weight()))
            .collect();
        format!("{:+.1}: {}", self.sum(), signs.join(", "))
    }
}

impl Localize for Sign {
    fn text(&self, lang: Lang) -> String {
        let (ko, en) = match self {
            Sign::TypedArticle => (
                "메타데이터에 기사로 적힘",
                "typed as an article in its metadata",
            ),
            Sign::PublicationMeta => (
                "메타데이터에 게재 시각",
                "a time of publication in its metadata",
            ),
            Sign::BodyElement => (
                "본문이 기사 본문 태그에 있음",
                "the text is in an element named as an article's",
            ),
            Sign::Byline => ("기자 이름", "a byline"),
            Sign::Dateline => ("발신지", "a dateline"),
            Sign::DateNearHeadline => (
                "제목과 본문 사이의 날짜",
                "a date between headline and text",
            ),
            Sign::HeadlineShown => ("화면에 제목이 보임", "a line of the page is its title"),
            Sign::ArticleAddress => ("기사 주소", "its URL is that of an article"),
            Sign::DescribedText => (
                "요약문이 본문 첫머리와 같음",
                "its description is the beginning of the text",
            ),
            Sign::LongText => ("본문 400자 이상", "running text of 400 characters and more"),
            Sign::ShortText => ("본문 40자 이상", "running text of 40 characters and more"),
            Sign::NoText => ("본문이 거의 없음", "hardly any running text"),
            Sign::MostOfProse => (
                "글이 한 태그에 모여 있음",
                "most running text is in one element",
            ),
            Sign::ScatteredProse => (
                "글이 여기저기 흩어져 있음",
                "running text is scattered over the page",
            ),
            Sign::TeasersInText => (
                "본문의 절반이 다른 기사 링크",
                "half of the text is teasers with links",
            ),
            Sign::TeasersOnPage => (
                "다른 기사 링크가 페이지를 채움",
                "teasers with links fill the page",
            ),
            Sign::LinksOnly => (
                "링크만 수십 개이고 글이 거의 없음",
                "dozens of links and hardly any text",
            ),
            Sign::ManyDates => ("줄마다 날짜", "a date in row after row"),
            Sign::ListTitle => (
                "목록이나 검색 결과의 제목",
                "its title is that of a list or search",
            ),
            Sign::ListAddress => (
                "첫 화면, 목록, 검색 결과의 주소",
                "its URL is that of a front page, list or search",
            ),
            Sign::TypedOther => (
                "메타데이터에 기사가 아닌 것으로 적힘",
                "typed as something else in its metadata",
            ),
            Sign::TypedVideo => (
                "메타데이터에 동영상으로 적힘",
                "typed as a video in its metadata",
            ),
            Sign::Offered => (
                "판매하거나 내려받게 하는 것",
                "it offers something for sale or download",
            ),
            Sign::ServiceTitle => (
                "사이트 안내 페이지의 제목",
                "its title is that of a page about the site",
            ),
            Sign::ErrorMessage => ("페이지가 없다는 안내", "it says that there is no such page"),
            Sign::AddressesReader => (
                "읽는 사람에게 시키는 문장",
                "its sentences instruct the reader",
            ),
            Sign::Unreported => (
                "기자, 날짜, 종류, 매체가 없고 기사체가 아님",
                "no byline, date, type or outlet, and not in the style of a report",
            ),
            Sign::LoginForm => (
                "암호 입력란이 있고 글이 적음",
                "a form for a password and little text",
            ),
            Sign::Anonymous => ("기자, 날짜, 종류가 없음", "no byline, no date, no type"),
            Sign::TypedWebsite => (
                "메타데이터에 웹사이트로 적힘",
                "typed as a website in its metadata",
            ),
            Sign::FragmentedText => (
                "본문 줄 대부분이 토막글",
                "most lines of the text are fragments",
            ),

            Sign::PortalNumber => (
                "포털 주소의 매체 번호",
                "the number in the portal's address",
            ),
            Sign::BesideHeadline => (
                "포털에서 제목 옆에 적힌 이름",
                "name beside the headline on a portal",
            ),
            Sign::OwnHost => ("페이지 주소", "the page's address"),
            Sign::GuestHost => ("다른 매체의 하위 도메인", "a subdomain of another outlet"),
            Sign::LdPublisher => ("JSON-LD publisher", "JSON-LD publisher"),
            Sign::SiteName => ("og:site_name", "og:site_name"),
            Sign::MetaPublisher => ("메타데이터의 발행처", "a publisher in the metadata"),
            Sign::MetaAuthor => (
                "메타데이터의 글쓴이가 매체 이름",
                "an outlet as the metadata's author",
            ),
            Sign::CopyrightLine => ("저작권 표시", "copyright line"),
            Sign::DatelineOutlet => ("발신지의 매체 이름", "dateline"),
            Sign::TitleSuffix => ("페이지 제목의 끝", "end of the title"),
            Sign::Logo => ("로고", "logo"),
            Sign::LinksToOutlet => ("링크 대부분이 가리키는 곳", "most of the page's links"),
            Sign::UnknownName => ("매체 표에 없는 이름", "a name not in the table of outlets"),
            Sign::LatinName => (
                "한국어 페이지의 로마자 이름",
                "an unknown name in Latin letters on a Korean page",
            ),

            Sign::AltText => (
                "앞 사진의 대체 텍스트",
                "the alternative text of the picture before it",
            ),
            Sign::CaptionMark => (
                "첫머리의 사진 설명 기호",
                "a mark of captions at its beginning",
            ),
            Sign::MarkedList => (
                "같은 기호가 붙은 여러 줄 가운데 하나",
                "one of several lines with such a mark",
            ),
            Sign::NoticeLine => (
                "부고나 인사의 한 줄",
                "an item of an obituary or of appointments",
            ),
            Sign::NoPictureAtAll => ("본문에 사진이 없음", "no picture in the whole text"),
            Sign::PictureCredit => ("끝에 사진 출처", "a picture's credit at its end"),
            Sign::CreditAlone => ("사진 출처뿐임", "nothing but a credit"),
            Sign::AfterPicture => ("사진 바로 뒤", "right after a picture"),
            Sign::NoPictureNear => ("앞에 사진이 없음", "no picture before it"),
            Sign::PictureCell => ("표의 칸 안", "in a table's cell"),
            Sign::NoSentence => ("문장이 아님", "no sentence"),
            Sign::SceneEnding => ("장면을 설명함", "it describes a scene"),
            Sign::SeveralSentences => ("여러 문장", "several sentences"),
            Sign::LongLine => ("사진 설명치고 긺", "longer than captions are"),

            Sign::DeckElement => ("부제 태그", "an element named as a deck's"),
            Sign::BelowHeadline => ("제목 바로 아래", "right below the headline"),
            Sign::BesideText => (
                "본문 태그 밖, 본문 바로 위",
                "right above the text, in an element beside the text's",
            ),
            Sign::SameContainer => ("제목과 같은 태그 안", "in one element with the headline"),
            Sign::DeckMark => ("첫머리의 줄표나 기호", "a hyphen or mark at its beginning"),
            Sign::DeckHeading => ("제목 태그나 굵은 글씨", "a heading or bold"),
            Sign::AboveByline => ("기자 이름과 날짜 앞", "before byline and date"),
            Sign::RepeatsText => ("본문 첫머리와 같음", "the text begins with it"),
            Sign::LinkedLine => ("링크", "a link"),
            Sign::TinyLine => ("한두 낱말", "a word or two"),
            Sign::Elsewhere => (
                "같은 줄이 페이지의 다른 곳에도 있음",
                "the same line is elsewhere on the page",
            ),
        };
        match lang {
            Lang::Ko => ko.to_owned(),
            Lang::En => en.to_owned(),
        }
    }
}
