//! Runs the corpus of the fuzz targets through the same functions, with a stable compiler.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::env::{Random, number_from};

#[path = "../../fuzz/src/lib.rs"]
mod targets;

#[test]
fn corpus_inputs_never_panic() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut folders: Vec<String> = fs::read_dir(&seeds)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
    names.sort();
    assert_eq!(
        folders, names,
        "every target has inputs, all inputs have a target"
    );
    for (name, target) in targets::TARGETS {
        for entry in fs::read_dir(seeds.join(name)).unwrap() {
            let path = entry.unwrap().path();
            // Printed when the test fails: the last one caused it.
            println!("{}", path.display());
            target(&fs::read(&path).unwrap());
        }
    }
}

#[test]
fn every_target_is_built_by_cargo_fuzz() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for (name, _) in targets::TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
        assert!(
            fuzz.join(format!("fuzz_targets/{name}.rs")).is_file(),
            "{name}"
        );
    }
}

/// Mutated corpus inputs, without the coverage feedback of `cargo fuzz`: a few hundred in every
/// run, or for `CLIPPINGS_FUZZ_SECONDS` per target.
#[test]
fn mutated_corpus_inputs_never_panic() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let seconds = number_from("CLIPPINGS_FUZZ_SECONDS", 0);
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 6));
    for (name, target) in targets::TARGETS {
        let mut paths: Vec<_> = fs::read_dir(seeds.join(name))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        paths.sort();
        let kept: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut runs = 0u64;
        while runs < 200 || Instant::now() < until {
            let input = mutated(&kept, &mut random);
            if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
                let bytes = input.escape_ascii();
                panic!(
                    "{name} breaks on {:?}: b\"{bytes}\"",
                    String::from_utf8_lossy(&input)
                );
            }
            runs += 1;
        }
        println!("{name}: {runs} inputs");
    }
}

/// A corpus input with up to eight mutations.
fn mutated(kept: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = kept[random.below(kept.len())].clone();
    for _ in 0..=random.below(8) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(24)).min(input.len());
        match random.below(7) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.next() as u8,
            2 => drop(input.drain(at..end)),
            3 => {
                // Repeat a part, up to a hundred times.
                let part = input[at..end].repeat(1 + random.below(100));
                input.splice(at..at, part);
            }
            4 => {
                // Insert a part of another input.
                let other = &kept[random.below(kept.len())];
                let from = random.below(other.len() + 1);
                let to = (from + random.below(64)).min(other.len());
                input.splice(at..end, other[from..to].iter().copied());
            }
            5 => {
                let c = char::from_u32(random.below(0x11_0000) as u32).unwrap_or('\u{fffd}');
                input.splice(at..at, c.encode_utf8(&mut [0; 4]).bytes());
            }
            _ => {
                let signs = [
                    "\n",
                    "\"",
                    "(",
                    "<",
                    ">",
                    "&",
                    "\0",
                    "\u{1b}[",
                    " OR ",
                    "다.",
                    "\u{1112}\u{1161}",
                    "9999",
                    "-",
                    "</p>",
                    "기자",
                ];
                input.splice(at..at, signs[random.below(signs.len())].bytes());
            }
        }
    }
    input
}
