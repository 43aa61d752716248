//! Decides whether a page is an article, from its metadata, byline and date, the amount of running
//! text, and signs of lists, searches and forms.

use super::clean::Parts;
use super::content;
use super::date;
use super::evidence::{Decision, Sign, Weighing};
use super::furniture::{self, Style};
use super::hints::Hint;
use super::html::Tag;
use super::outlet;
use super::page::View;
use super::tidy::{self, skeleton};
use crate::source::SkipReason;

/// What is known about the page before the decision.
pub(super) struct Facts<'a> {
    pub headline: &'a str,
    pub parts: &'a Parts,
    pub reporters: &'a [String],
    /// Whether the publisher is in the table of outlets.
    pub is_known_outlet: bool,
}

/// Amount of running text, in characters, that is certainly an article.
const LONG: usize = 400;
/// Less is hardly an article.
const SHORT: usize = 40;
/// Less between many links is a list.
const FEW: usize = 60;

/// Last parts of titles of lists, searches and forms.
const LIST_TITLES: [&str; 16] = [
    "검색",
    "검색결과",
    "뉴스검색",
    "통합검색",
    "목록",
    "목록보기",
    "최신기사",
    "전체기사",
    "기사목록",
    "기사리스트",
    "랭킹뉴스",
    "로그인",
    "회원가입",
    "login",
    "search",
    "홈",
];

/// Values of `og:type` and `itemtype` for pages other than articles.
const OTHER_TYPES: [&str; 6] = ["product", "music", "app", "game", "profile", "book"];

/// Titles of service pages, such as terms of use, as skeletons.
const SERVICE_TITLES: [&str; 31] = [
    "이용약관",
    "면책조항",
    "서비스이용약관",
    "이용안내",
    "개인정보처리방침",
    "개인정보취급방침",
    "개인정보보호정책",
    "개인정보보호방침",
    "청소년보호정책",
    "청소년보호방침",
    "저작권정책",
    "저작권안내",
    "저작권규약",
    "저작권보호정책",
    "이메일무단수집거부",
    "이메일주소무단수집거부",
    "회사소개",
    "매체소개",
    "신문사소개",
    "고객센터",
    "광고안내",
    "광고문의",
    "구독신청",
    "구독안내",
    "기사제보",
    "오시는길",
    "찾아오시는길",
    "사이트맵",
    "자주묻는질문",
    "편집규약",
    "고충처리인",
];

/// Error messages that servers send instead of a page.
const ERROR_MESSAGES: [&str; 12] = [
    "페이지를 찾을 수 없",
    "페이지를 찾을수 없",
    "존재하지 않는 페이지",
    "존재하지 않는 기사",
    "존재하지 않는 게시",
    "삭제된 기사",
    "삭제된 게시",
    "삭제되었거나",
    "잘못된 접근",
    "잘못된 경로",
    "404 Not Found",
    "접근 권한이 없",
];

impl View<'_> {
    /// Weighs the signs that the page is an article.
    pub(super) fn weigh(&self, facts: &Facts<'_>) -> Weighing {
        let Facts {
            headline,
            parts,
            reporters,
            is_known_outlet,
        } = *facts;
        let metadata = self.metadata;
        let blocks = self.blocks();
        let mut weighing = Weighing::new(self.without);
        let mut note = |sign, holds| weighing.note(sign, holds);

        let kind = metadata.first(&["og:type"]).unwrap_or_default();
        let typed = metadata.is_of_article();
        let dated = metadata
            .first(&["article:published_time", "article:published"])
            .is_some();
        note(Sign::TypedArticle, typed);
        note(Sign::PublicationMeta, dated);
        let types = match typed {
            true => Vec::new(),
            false => self.types(kind),
        };
        let is_typed = |names: &[&str]| types.iter().any(|t| names.iter().any(|n| t.contains(n)));
        note(Sign::TypedOther, is_typed(&OTHER_TYPES));
        note(Sign::TypedVideo, is_typed(&["video"]));
        let is_offer = is_typed(&["offer", "softwareapplication"]);
        note(Sign::Offered, is_offer || !typed && self.is_priced());
        note(
            Sign::TypedWebsite,
            !typed && kind.eq_ignore_ascii_case("website"),
        );

        let weight = parts.weight();
        note(Sign::LongText, weight >= LONG);
        note(Sign::ShortText, (SHORT..LONG).contains(&weight));
        note(Sign::NoText, weight < SHORT);
        let share = self.content.as_ref().map_or(0.0, |c| c.share);
        note(Sign::MostOfProse, share >= 0.6);
        note(Sign::ScatteredProse, weight >= SHORT && share < 0.3);
        note(Sign::BodyElement, self.is_named_body());
        note(Sign::FragmentedText, is_fragmented(&parts.paragraphs));

        let near_date = self
            .visible_date(headline)
            .or_else(|| self.modified_date())
            .is_some();
        note(Sign::Byline, !reporters.is_empty());
        note(Sign::Dateline, !parts.datelines.is_empty());
        note(Sign::DateNearHeadline, near_date);
        let is_anonymous = reporters.is_empty() && !near_date && !dated && !typed;
        note(Sign::Anonymous, is_anonymous);
        let style = Style::of(&parts.paragraphs);
        note(Sign::AddressesReader, style.addresses_reader());
        note(
            Sign::Unreported,
            is_anonymous && parts.datelines.is_empty() && !is_known_outlet && style.is_spoken(),
        );
        note(Sign::ServiceTitle, self.has_service_title(headline));
        note(Sign::ErrorMessage, self.is_error(weight));
        note(Sign::HeadlineShown, self.shows(headline));
        note(Sign::DescribedText, self.is_described(&parts.paragraphs));
        note(Sign::ListTitle, self.has_list_title(headline));
        if let Some(address) = self.url.or_else(|| metadata.addresses().next()) {
            note(Sign::ArticleAddress, is_article_address(address));
            note(Sign::ListAddress, is_list_address(address));
        }

        let teasers = content::teasers(blocks);
        let own = teasers
            .iter()
            .filter(|&&n| self.content.as_ref().is_some_and(|c| c.lines.contains(&n)))
            .count();
        let inside = self.content.as_ref().map_or(0, |c| {
            let lines = blocks.get(c.lines.clone()).unwrap_or_default();
            lines.iter().filter(|b| content::is_prose(b)).count()
        });
        note(Sign::TeasersInText, own >= 4 && own * 2 >= inside);
        note(Sign::TeasersOnPage, share < 0.3 && teasers.len() >= 8);
        note(Sign::LinksOnly, weight < FEW && self.links() >= 30);
        note(Sign::ManyDates, self.dates() >= 8);
        note(Sign::LoginForm, weight < 200 && self.asks_for_password());
        weighing
    }

    /// The reason to refuse the page, if the signs are against it.
    pub(super) fn refusal(&self, facts: &Facts<'_>, weighing: &Weighing) -> Option<SkipReason> {
        // A clip book, see `report/templates/clipbook.html`.
        if self.metadata.first(&["generator"]) == Some("clippings") {
            return Some(SkipReason::NotAnArticle);
        }
        let weight = facts.parts.weight();
        if weighing.decides(Decision::Article) {
            let is_bare = facts.headline.is_empty() && weight < 200;
            return is_bare.then_some(SkipReason::NoHeadline);
        }
        let teasers = content::teasers(self.blocks()).len();
        let links = self.links();
        Some(match weight < FEW {
            _ if teasers >= 4 => SkipReason::ArticleList { articles: teasers },
            true if links >= 8 => SkipReason::ArticleList { articles: links },
            true => SkipReason::NoArticleText,
            false if links >= 30 && weighing.has(Sign::ListTitle) => {
                SkipReason::ArticleList { articles: links }
            }
            false => SkipReason::NotAnArticle,
        })
    }

    fn links(&self) -> usize {
        self.blocks()
            .iter()
            .filter(|b| b.link_share() > 0.8 && b.chars >= 12)
            .count()
    }

    /// Number of lines that are little more than a full date.
    fn dates(&self) -> usize {
        self.blocks()
            .iter()
            .filter(|b| {
                b.chars <= 40
                    && b.hint != Some(Hint::Comment)
                    && date::find_all(&b.text).next().is_some()
            })
            .count()
    }

    /// Whether the text is in an element named as the article's text.
    fn is_named_body(&self) -> bool {
        self.content.as_ref().is_some_and(|content| {
            let lines = self.blocks().get(content.lines.clone()).unwrap_or_default();
            let prose = || lines.iter().filter(|b| content::is_prose(b));
            let named = prose().filter(|b| b.hint == Some(Hint::Body)).count();
            named > 0 && named * 2 >= prose().count()
        })
    }

    /// `og:type` and the `itemtype` of elements, in lower case, without their vocabulary's address.
    fn types(&self, kind: &str) -> Vec<String> {
        let mut types = vec![kind.to_ascii_lowercase()];
        for (id, _) in self.document.iter().take(20_000) {
            if matches!(
                self.document.tag(id),
                Some(Tag::Html | Tag::Body | Tag::Div | Tag::Span | Tag::Section | Tag::Main)
            ) && let Some(itemtype) = self.document.attr(id, "itemtype")
            {
                let name = itemtype.rsplit('/').next().unwrap_or_default();
                types.push(name.to_ascii_lowercase());
            }
        }
        types
    }

    /// Whether there is a price in the metadata.
    fn is_priced(&self) -> bool {
        let keys = [
            "product:price:amount",
            "og:price:amount",
            "product:price",
            "price",
        ];
        self.metadata.first(&keys).is_some()
    }

    /// Whether the title or its first part, which other parts place in the site, names a page that
    /// sites have about themselves.
    fn has_service_title(&self, headline: &str) -> bool {
        let title = self.metadata.title.as_deref().unwrap_or_default();
        let first = |t: &str| {
            let mut parts = t.split(['|', '<', '>', ':', '-', '·', '(']);
            parts.find(|p| !p.trim().is_empty()).map(skeleton)
        };
        [title, headline]
            .into_iter()
            .filter_map(first)
            .any(|part| SERVICE_TITLES.contains(&part.as_str()))
    }

    /// `요청하신 페이지를 찾을 수 없습니다.`: the message of a server, and little else.
    fn is_error(&self, weight: usize) -> bool {
        weight < 300
            && self.blocks().iter().any(|b| {
                b.chars <= 80
                    && b.link_share() < 0.5
                    && ERROR_MESSAGES.iter().any(|m| b.text.contains(m))
            })
    }

    fn asks_for_password(&self) -> bool {
        self.document.elements(Tag::Input).any(|id| {
            self.document
                .attr(id, "type")
                .is_some_and(|t| t.eq_ignore_ascii_case("password"))
        })
    }

    fn has_list_title(&self, headline: &str) -> bool {
        let title = self.metadata.title.as_deref().unwrap_or_default();
        [title, headline]
            .into_iter()
            .flat_map(|t| t.split(['|', '<', '>', ':', '-', '·']))
            .any(|part| {
                let bare = skeleton(part);
                bare.chars().count() <= 14
                    && LIST_TITLES
                        .iter()
                        .any(|t| bare == *t || t.chars().count() >= 3 && bare.ends_with(t))
            })
    }

    fn is_described(&self, paragraphs: &[String]) -> bool {
        let start: String = paragraphs
            .iter()
            .flat_map(|p| p.chars())
            .take(1000)
            .collect();
        let start = skeleton(&start);
        self.metadata.description_skeletons().iter().any(|d| {
            let head: String = d.chars().take(20).collect();
            head.chars().count() >= 16 && start.contains(&head)
        })
    }

    /// Whether the page's title and a line of it are both this headline.
    fn shows(&self, headline: &str) -> bool {
        let bare = skeleton(headline);
        let titled = [
            self.metadata.first(&["og:title", "title"]),
            self.metadata.title.as_deref(),
            self.metadata.ld.headline.as_deref(),
        ]
        .into_iter()
        .flatten()
        .any(|t| skeleton(t).contains(&bare));
        titled
            && bare.chars().count() >= 6
            && self
                .blocks()
                .iter()
                .any(|b| (b.heading > 0 || b.link_share() < 0.5) && skeleton(&b.text) == bare)
    }
}

/// Whether most of many lines are not sentences: menus and messages of a page's scripts.
fn is_fragmented(paragraphs: &[String]) -> bool {
    let fragments = paragraphs
        .iter()
        .filter(|p| tidy::weight(p) < 16 || !furniture::is_sentence(p))
        .count();
    paragraphs.len() >= 6 && fragments * 10 >= paragraphs.len() * 6
}

/// The part of a URL after its host.
fn path(address: &str) -> &str {
    let address = outlet::original(address);
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find(['/', '?']).map_or("", |at| &rest[at..])
}

/// Whether a URL has a number of five digits or more, as those of articles do.
fn is_article_address(address: &str) -> bool {
    let mut run = 0;
    path(address).bytes().any(|b| {
        run = if b.is_ascii_digit() { run + 1 } else { 0 };
        run >= 5
    })
}

fn is_list_address(address: &str) -> bool {
    let path = path(address).to_ascii_lowercase();
    let place = path.split(['?', '#']).next().unwrap_or_default();
    if is_article_address(address) {
        return false;
    }
    path.trim_matches('/').is_empty()
        || place.split(['/', '.', '_', '-']).any(|part| {
            [
                "search",
                "list",
                "articlelist",
                "login",
                "ranking",
                "category",
                "section",
            ]
            .contains(&part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_articles_from_lists() {
        for address in [
            "https://www.example.com/news/articleView.html?idxno=239791",
            "https://example.com/article/20240222103105",
        ] {
            assert!(is_article_address(address), "{address}");
            assert!(!is_list_address(address), "{address}");
        }
        for address in [
            "https://www.example.com/",
            "https://www.example.com",
            "https://search.example.com/search.naver?query=a",
            "https://example.com/news/list.html?page=2",
        ] {
            assert!(!is_article_address(address), "{address}");
            assert!(is_list_address(address), "{address}");
        }
    }
}
