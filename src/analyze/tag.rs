//! Parts of speech of mecab-ko-dic (the Sejong tag set), as far as the analyzer tells them apart.

/// A part of speech.
///
/// The names are the tags of the Sejong corpus, see the tag table of mecab-ko-dic 2.1.1.
#[allow(clippy::upper_case_acronyms)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Common noun.
    NNG,
    /// Proper noun.
    NNP,
    /// Dependent noun.
    NNB,
    /// Unit noun.
    NNBC,
    /// Numeral.
    NR,
    /// Pronoun.
    NP,
    /// Verb.
    VV,
    /// Adjective.
    VA,
    /// Auxiliary predicate.
    VX,
    /// Copula 이다.
    VCP,
    /// Negative copula 아니다.
    VCN,
    /// Determiner.
    MM,
    /// Adverb.
    MA,
    /// Interjection.
    IC,
    /// Particle, any of JKS, JKC, JKG, JKO, JKB, JKV, JKQ, JX, JC.
    J,
    /// Ending, any of EP, EF, EC, ETN, ETM.
    E,
    /// Prefix of a noun.
    XPN,
    /// Suffix that makes a noun.
    XSN,
    /// Suffix that makes a verb.
    XSV,
    /// Suffix that makes an adjective.
    XSA,
    /// Root.
    XR,
    /// Latin letters.
    SL,
    /// Hanja.
    SH,
    /// Digits.
    SN,
    /// Any other sign or tag.
    Other,
}

impl Tag {
    /// Reads one tag such as `JKS`; what is not known is [`Tag::Other`].
    pub fn parse(tag: &str) -> Tag {
        match tag {
            "NNG" => Tag::NNG,
            "NNP" => Tag::NNP,
            "NNB" => Tag::NNB,
            "NNBC" => Tag::NNBC,
            "NR" => Tag::NR,
            "NP" => Tag::NP,
            "VV" => Tag::VV,
            "VA" => Tag::VA,
            "VX" => Tag::VX,
            "VCP" => Tag::VCP,
            "VCN" => Tag::VCN,
            "MM" => Tag::MM,
            "MAG" | "MAJ" => Tag::MA,
            "IC" => Tag::IC,
            "XPN" => Tag::XPN,
            "XSN" => Tag::XSN,
            "XSV" => Tag::XSV,
            "XSA" => Tag::XSA,
            "XR" => Tag::XR,
            "SL" => Tag::SL,
            "SH" => Tag::SH,
            "SN" => Tag::SN,
            t if t.starts_with('J') => Tag::J,
            t if t.starts_with('E') => Tag::E,
            _ => Tag::Other,
        }
    }

    /// A noun of any kind, a root, or a stretch of Latin, Hanja or digits.
    pub fn is_nominal(self) -> bool {
        matches!(
            self,
            Tag::NNG
                | Tag::NNP
                | Tag::NNB
                | Tag::NNBC
                | Tag::NR
                | Tag::NP
                | Tag::XR
                | Tag::SL
                | Tag::SH
                | Tag::SN
        )
    }

    /// A verb or adjective that carries meaning of its own.
    pub fn is_predicate(self) -> bool {
        matches!(self, Tag::VV | Tag::VA | Tag::VCN)
    }
}
