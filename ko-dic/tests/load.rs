//! The embedded dictionary loads and has the words.

use lindera_dictionary::dictionary::Dictionary;

fn details<'d>(dictionary: &'d Dictionary, surface: &str) -> Vec<Vec<&'d str>> {
    let entries = dictionary.prefix_dictionary.find_surface(surface);
    let ids = entries.iter().map(|entry| entry.word_id().id() as usize);
    ids.map(|id| dictionary.word_details(id)).collect()
}

#[test]
fn words_have_their_features() {
    let dictionary = clippings_ko_dic::load().unwrap();
    assert_eq!(
        details(&dictionary, "국회의원"),
        [[
            "NNG",
            "*",
            "T",
            "국회의원",
            "Compound",
            "*",
            "*",
            "국회/NNG/*+의원/NNG/*"
        ]]
    );
    println!("{:?}", details(&dictionary, "는"));
    println!("{} words", dictionary.prefix_dictionary.word_count());
}
