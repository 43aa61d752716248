//! Signs and their weights, for decisions that no single sign can make.
//!
//! Whether a page is an article, who published it, whether a line is a caption or a deck: for each
//! decision, the weights of the signs present are added and compared with a threshold. All weights
//! are in this file. [`Options::without`](super::Options::without) omits one sign, with which
//! `cargo run --example ablation` measures the contribution of each.

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The page is one article, not a list, a form or a product.
    Article,
    /// A name is the publisher's.
    Outlet,
    /// A line belongs to a picture.
    Caption,
    /// A line between headline and text summarizes the article.
    Deck,
}

impl Decision {
    /// Minimum sum for a yes.
    pub fn threshold(self) -> f32 {
        match self {
            Decision::Article => 0.5,
            Decision::Outlet => 1.0,
            Decision::Caption => 2.0,
            Decision::Deck => 2.0,
        }
    }
}

macro_rules! signs {
    ($($sign:ident $decision:ident $weight:literal $says:literal)*) => {
        /// A sign for or against a decision.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Sign { $(#[doc = $says] $sign,)* }

        impl Sign {
            /// All signs.
            pub const ALL: &[Sign] = &[$(Sign::$sign,)*];

            /// The decision it counts for.
            pub fn decision(self) -> Decision {
                match self { $(Sign::$sign => Decision::$decision,)* }
            }

            /// Its weight.
            pub fn weight(self) -> f32 {
                match self { $(Sign::$sign => $weight,)* }
            }
        }
    };
}

signs! {
    TypedArticle        Article  2.0 "typed as an article in its metadata"
    PublicationMeta     Article  2.0 "a time of publication in its metadata"
    BodyElement         Article  1.5 "the text is in an element named as an article's"
    Byline              Article  1.5 "a byline"
    Dateline            Article  2.0 "a dateline"
    DateNearHeadline    Article  1.5 "a date between headline and text"
    HeadlineShown       Article  1.5 "a line of the page is its title"
    ArticleAddress      Article  1.0 "its URL is that of an article"
    DescribedText       Article  1.5 "its description is the beginning of the text"
    LongText            Article  2.5 "running text of 400 characters and more"
    ShortText           Article  1.0 "running text of 40 characters and more"
    NoText             Article -2.0 "hardly any running text"
    MostOfProse         Article  1.0 "most running text is in one element"
    ScatteredProse      Article -1.0 "running text is scattered over the page"
    TeasersInText       Article -6.0 "half of the text is teasers with links"
    TeasersOnPage       Article -2.0 "teasers with links fill the page"
    LinksOnly           Article -2.0 "dozens of links and hardly any text"
    ManyDates           Article -2.0 "a date in row after row"
    ListTitle           Article -3.5 "its title is that of a list or search"
    ListAddress         Article -2.0 "its URL is that of a front page, list or search"
    TypedOther          Article -6.0 "typed as something else in its metadata"
    TypedVideo          Article -3.0 "typed as a video in its metadata"
    Offered             Article -3.0 "it offers something for sale or download"
    ServiceTitle        Article -10.0 "its title is that of a page about the site"
    ErrorMessage        Article -5.0 "it says that there is no such page"
    AddressesReader     Article -3.0 "its sentences instruct the reader"
    Unreported          Article -5.0 "no byline, date, type or outlet, and not in the style of a report"
    LoginForm           Article -3.0 "a form for a password and little text"
    Anonymous           Article -1.5 "no byline, no date, no type"
    TypedWebsite        Article -1.5 "typed as a website in its metadata"
    FragmentedText      Article -2.0 "most lines of the text are fragments"

    PortalNumber        Outlet   6.0 "the number in the portal's address"
    BesideHeadline      Outlet   4.0 "name beside the headline on a portal"
    OwnHost             Outlet   4.0 "the page's address"
    GuestHost           Outlet   1.5 "a subdomain of another outlet"
    LdPublisher         Outlet   3.0 "JSON-LD publisher"
    SiteName            Outlet   3.0 "og:site_name"
    MetaPublisher       Outlet   2.5 "a publisher in the metadata"
    MetaAuthor          Outlet   2.0 "an outlet as the metadata's author"
    CopyrightLine       Outlet   2.5 "copyright line"
    DatelineOutlet      Outlet   2.0 "dateline"
    TitleSuffix         Outlet   1.5 "end of the title"
    Logo                Outlet   1.0 "logo"
    LinksToOutlet       Outlet   1.0 "most of the page's links"
    UnknownName         Outlet  -0.5 "a name not in the table of outlets"
    LatinName           Outlet  -2.0 "an unknown name in Latin letters on a Korean page"

    AltText             Caption  3.0 "the alternative text of the picture before it"
    CaptionMark         Caption  3.0 "a mark of captions at its beginning"
    MarkedList          Caption -3.0 "one of several lines with such a mark"
    NoticeLine          Caption -4.0 "an item of an obituary or of appointments"
    NoPictureAtAll      Caption -2.0 "no picture in the whole text"
    PictureCredit       Caption  1.75 "a picture's credit at its end"
    CreditAlone         Caption  2.0 "nothing but a credit"
    AfterPicture        Caption  1.5 "right after a picture"
    NoPictureNear       Caption -0.5 "no picture before it"
    PictureCell         Caption  1.0 "in a table's cell"
    NoSentence          Caption  1.0 "no sentence"
    SceneEnding         Caption  0.75 "it describes a scene"
    SeveralSentences    Caption -1.5 "several sentences"
    LongLine            Caption -1.0 "longer than captions are"

    DeckElement         Deck     3.0 "an element named as a deck's"
    BelowHeadline       Deck     1.5 "right below the headline"
    BesideText          Deck     2.0 "right above the text, in an element beside the text's"
    SameContainer       Deck     1.0 "in one element with the headline"
    DeckMark            Deck     1.0 "a hyphen or mark at its beginning"
    DeckHeading         Deck     1.0 "a heading or bold"
    AboveByline         Deck     0.5 "before byline and date"
    RepeatsText         Deck    -2.0 "the text begins with it"
    LinkedLine          Deck    -3.0 "a link"
    TinyLine            Deck    -2.0 "a word or two"
    Elsewhere           Deck    -1.5 "the same line is elsewhere on the page"
}

/// The signs present for a decision, and their sum.
#[derive(Debug, Clone, Default)]
pub struct Weighing {
    without: Option<Sign>,
    held: Vec<Sign>,
}

impl Weighing {
    pub(super) fn new(without: Option<Sign>) -> Self {
        Weighing {
            without,
            held: Vec::new(),
        }
    }

    /// Counts a sign once if it is present.
    pub(super) fn note(&mut self, sign: Sign, holds: bool) {
        if holds && self.without != Some(sign) && !self.held.contains(&sign) {
            self.held.push(sign);
        }
    }

    /// Whether a sign was counted.
    pub(super) fn has(&self, sign: Sign) -> bool {
        self.held.contains(&sign)
    }

    /// The signs present, in the order in which they were found.
    pub fn signs(&self) -> &[Sign] {
        &self.held
    }

    /// The sum of their weights.
    pub fn sum(&self) -> f32 {
        self.held.iter().map(|s| s.weight()).sum()
    }

    /// Whether the sum reaches the threshold.
    pub(super) fn decides(&self, decision: Decision) -> bool {
        self.sum() >= decision.threshold()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_counted_once_and_one_can_be_left_out() {
        let mut weighing = Weighing::new(Some(Sign::SiteName));
        weighing.note(Sign::CopyrightLine, true);
        weighing.note(Sign::CopyrightLine, true);
        weighing.note(Sign::SiteName, true);
        weighing.note(Sign::Logo, false);
        assert_eq!(weighing.sum(), Sign::CopyrightLine.weight());
        assert!(weighing.decides(Decision::Outlet));
    }

    #[test]
    fn every_decision_can_be_reached() {
        for decision in [
            Decision::Article,
            Decision::Outlet,
            Decision::Caption,
            Decision::Deck,
        ] {
            let sum: f32 = Sign::ALL
                .iter()
                .filter(|s| s.decision() == decision)
                .map(|s| s.weight().max(0.0))
                .sum();
            assert!(sum >= decision.threshold(), "{decision:?}");
        }
    }
}
