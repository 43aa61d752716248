//! What makes two records the same clipping.

use blake3::Hasher;

use crate::clipping::{BigKinds, Clipping};
use crate::index::hash::{first_u64, hash_part};

/// Digits of derived ids: Crockford's Base32, which omits letters that look like other characters.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Length of a derived id: 60 bits. The probability that two of a million clippings collide is 1 in
/// 2 million.
const ID_LEN: usize = 12;

/// How a clipping is identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// By an id from its source.
    Given,
    /// By its canonical URL.
    Url,
    /// By its content.
    Content,
}

/// Sets the id of a clipping unless the source gave one: derived from its URL, else from its
/// content.
pub fn assign_id(clipping: &mut Clipping) -> Identity {
    if !clipping.id.is_empty() {
        return Identity::Given;
    }
    match &clipping.url {
        Some(url) => {
            clipping.id = derive_id(&[b"url", url.as_bytes()]);
            Identity::Url
        }
        None => {
            clipping.id = derive_id(&[
                b"text",
                clipping.headline.as_bytes(),
                clipping.body.as_bytes(),
            ]);
            Identity::Content
        }
    }
}

/// The id that adding the clipping would give it.
pub fn id_of(clipping: &Clipping) -> String {
    let mut clipping = Clipping {
        id: clipping.id.clone(),
        url: clipping.url.clone(),
        headline: clipping.headline.clone(),
        body: clipping.body.clone(),
        ..Clipping::default()
    };
    assign_id(&mut clipping);
    clipping.id
}

/// Derives an id from `parts`.
fn derive_id(parts: &[&[u8]]) -> String {
    let mut hasher = Hasher::new();
    for part in parts {
        hash_part(&mut hasher, part);
    }
    let mut bits = first_u64(&hasher);
    let mut id = String::with_capacity(ID_LEN);
    for _ in 0..ID_LEN {
        id.push(char::from(DIGITS[(bits & 31) as usize]));
        bits >>= 5;
    }
    id
}

/// Hash of everything in a clipping except its id and sources. Equal hashes mean that nothing
/// changed.
pub fn content_hash(clipping: &Clipping) -> u64 {
    // Destructured, so that a new field cannot be forgotten here.
    let Clipping {
        id: _,
        source: _,
        other_sources: _,
        url,
        headline,
        subheads,
        reporters,
        outlet,
        carrier,
        section,
        published,
        body,
        captions,
        keywords,
        bigkinds,
        excerpt,
        warnings: _,
        corrected,
    } = clipping;
    let mut hasher = Hasher::new();
    for optional in [url, outlet, carrier, section] {
        hash_part(&mut hasher, optional.as_deref().unwrap_or("\0").as_bytes());
    }
    for list in [subheads, reporters, captions, keywords] {
        hash_list(&mut hasher, list);
    }
    if let Some(bigkinds) = bigkinds {
        let BigKinds {
            news_id,
            categories,
            incidents,
            persons,
            places,
            organizations,
            keywords,
            excluded,
        } = &**bigkinds;
        for optional in [news_id, excluded] {
            hash_part(&mut hasher, optional.as_deref().unwrap_or("\0").as_bytes());
        }
        for list in [
            categories,
            incidents,
            persons,
            places,
            organizations,
            keywords,
        ] {
            hash_list(&mut hasher, list);
        }
    }
    let published = published.map(|p| p.to_string()).unwrap_or_default();
    for text in [headline, body, &published] {
        hash_part(&mut hasher, text.as_bytes());
    }
    hasher.update(&[u8::from(*excerpt)]);
    for field in corrected {
        hash_part(&mut hasher, field.name().as_bytes());
    }
    first_u64(&hasher)
}

fn hash_list(hasher: &mut Hasher, list: &[String]) {
    hasher.update(&(list.len() as u64).to_le_bytes());
    for item in list {
        hash_part(hasher, item.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clipping() -> Clipping {
        Clipping {
            headline: "반도체 수출 늘어".to_owned(),
            body: "지난달 반도체 수출이 늘었다.".to_owned(),
            ..Clipping::default()
        }
    }

    #[test]
    fn a_given_id_is_kept_and_others_are_derived() {
        let mut given = Clipping {
            id: "law:1".to_owned(),
            url: Some("https://news.example/1".to_owned()),
            ..clipping()
        };
        assert_eq!(assign_id(&mut given), Identity::Given);
        assert_eq!(given.id, "law:1");

        let mut by_url = Clipping {
            url: Some("https://news.example/1".to_owned()),
            ..clipping()
        };
        assert_eq!(assign_id(&mut by_url), Identity::Url);
        let mut changed = Clipping {
            url: by_url.url.clone(),
            body: "고쳐 쓴 본문".to_owned(),
            ..clipping()
        };
        assign_id(&mut changed);
        assert_eq!(by_url.id, changed.id);
        assert_eq!(by_url.id.len(), ID_LEN);

        let mut by_text = clipping();
        assert_eq!(assign_id(&mut by_text), Identity::Content);
        assert_ne!(by_text.id, by_url.id);
    }

    #[test]
    fn the_content_hash_ignores_id_and_source() {
        let base = content_hash(&clipping());
        let elsewhere = Clipping {
            id: "x".to_owned(),
            source: "b.html".to_owned(),
            ..clipping()
        };
        assert_eq!(content_hash(&elsewhere), base);
        let bylined = Clipping {
            reporters: vec!["김하나".to_owned()],
            ..clipping()
        };
        assert_ne!(content_hash(&bylined), base);
        let split = Clipping {
            reporters: vec!["김하".to_owned(), "나".to_owned()],
            ..clipping()
        };
        assert_ne!(content_hash(&split), content_hash(&bylined));
    }
}
