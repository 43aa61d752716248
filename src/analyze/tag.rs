//! The part-of-speech tags of mecab-ko-dic (the Sejong tag set) that the analyzer distinguishes.

/// A part of speech, named by its tag in the Sejong corpus.
#[allow(clippy::upper_case_acronyms)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PosTag {
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
    /// Punctuation and any other tag.
    Other,
}

impl PosTag {
    /// Parses one tag such as `JKS`; an unknown one is [`PosTag::Other`].
    pub fn parse(tag: &str) -> PosTag {
        match tag {
            "NNG" => PosTag::NNG,
            "NNP" => PosTag::NNP,
            "NNB" => PosTag::NNB,
            "NNBC" => PosTag::NNBC,
            "NR" => PosTag::NR,
            "NP" => PosTag::NP,
            "VV" => PosTag::VV,
            "VA" => PosTag::VA,
            "VX" => PosTag::VX,
            "VCP" => PosTag::VCP,
            "VCN" => PosTag::VCN,
            "MM" => PosTag::MM,
            "MAG" | "MAJ" => PosTag::MA,
            "IC" => PosTag::IC,
            "XPN" => PosTag::XPN,
            "XSN" => PosTag::XSN,
            "XSV" => PosTag::XSV,
            "XSA" => PosTag::XSA,
            "XR" => PosTag::XR,
            "SL" => PosTag::SL,
            "SH" => PosTag::SH,
            "SN" => PosTag::SN,
            t if t.starts_with('J') => PosTag::J,
            t if t.starts_with('E') => PosTag::E,
            _ => PosTag::Other,
        }
    }

    /// A noun of any kind, a root, Latin letters, Hanja or digits.
    pub fn is_nominal(self) -> bool {
        matches!(
            self,
            PosTag::NNG
                | PosTag::NNP
                | PosTag::NNB
                | PosTag::NNBC
                | PosTag::NR
                | PosTag::NP
                | PosTag::XR
                | PosTag::SL
                | PosTag::SH
                | PosTag::SN
        )
    }

    /// A verb or adjective with lexical meaning.
    pub fn is_predicate(self) -> bool {
        matches!(self, PosTag::VV | PosTag::VA | PosTag::VCN)
    }
}
