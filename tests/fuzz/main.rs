//! Damage through the whole core: every mutant of a model opens and scores, or fails with code,
//! hint and the file's name; never a panic. The slowest is printed. README.md says how to run it longer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod structured;
mod whole;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reluctant::api::{Model, NamedFile, Result, Settings};

#[test]
fn mutated_models_score_or_fail_with_a_hint() {
    let number = |name: &str| std::env::var(name).ok().and_then(|s| s.parse::<u64>().ok());
    let (seconds, seed) = (number("RELUCTANT_FUZZ_SECONDS"), number("RELUCTANT_FUZZ_SEED").unwrap_or(1));
    let begin = Instant::now();
    let seeds = seeds();
    let (mut rounds, mut scored, mut slowest) = (0, 0, (Duration::ZERO, seed));
    while seconds.map_or(rounds < 1000, |s| begin.elapsed() < Duration::from_secs(s)) {
        // Each round has its own seed, so that one number repeats it.
        let own = seed + rounds;
        let mutant = mutant(&seeds, &mut Random(own));
        let start = Instant::now();
        let outcome = std::panic::catch_unwind(|| score(&mutant));
        slowest = slowest.max((start.elapsed(), own));
        match outcome {
            Ok(true) => scored += 1,
            Ok(false) => {}
            Err(panic) => {
                let file = std::env::temp_dir().join(format!("reluctant-fuzz-{own}.onnx"));
                std::fs::write(&file, &mutant).unwrap();
                println!("RELUCTANT_FUZZ_SEED={own} fails; the mutant is {}", file.display());
                std::panic::resume_unwind(panic);
            }
        }
        rounds += 1;
    }
    println!("{rounds} mutants from seed {seed}, {scored} scored, slowest {slowest:?}");
    assert!(scored > rounds / 50, "{scored} of {rounds} scored: the mutants are too broken to test scoring");
}

/// Opens and scores; true when both worked. Panics on whatever must not be.
fn score(bytes: &[u8]) -> bool {
    let outcome = open_and_score(&bytes);
    if let Err(e) = &outcome {
        assert!(!e.message.is_empty() && !e.hint.is_empty(), "no hint: {:?} {e}", e.code);
    }
    outcome.is_ok()
}

fn open_and_score(bytes: &&[u8]) -> Result<()> {
    let file = NamedFile { name: "mutant.onnx".into(), bytes };
    let model = Model::open(&file, Vec::new(), &mut |_, _| ControlFlow::Continue(()))?;
    let scored = model.score(&Settings::default())?;
    // The report must be writable, whatever names it holds.
    assert!(!serde_json::to_string(&scored.score).unwrap().is_empty());
    Ok(())
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Small models, and the bad ones.
fn seeds() -> Vec<Vec<u8>> {
    let corpus = corpus();
    let list = |folder: &str| -> Vec<PathBuf> {
        let mut paths: Vec<_> =
            std::fs::read_dir(corpus.join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "onnx")).collect()
    };
    let small: Vec<_> =
        list("models").iter().map(|p| std::fs::read(p).unwrap()).filter(|b| b.len() < 700_000).collect();
    assert!(small.len() >= 5, "{} small models", small.len());
    // A bad file is refused at once: one in ten is enough.
    let bad = list("bad").into_iter().map(|p| std::fs::read(p).unwrap()).step_by(10);
    small.into_iter().chain(bad).collect()
}

/// One to four changes. Single bytes for the most part, so that many mutants reach the scoring.
fn mutant(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(64)).min(bytes.len());
        match random.below(12) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let part = bytes[at..to].to_vec();
                let into = random.below(bytes.len() + 1);
                bytes.splice(into..into, part);
            }
            3..=5 if at < bytes.len() => bytes[at] = [0, 1, 2, 0x7f, 0x80, 0xff][random.below(6)],
            // Digits and letters: another name, operator, dimension.
            6..=8 if at < bytes.len() => bytes[at] = bytes[at].wrapping_add(1),
            _ if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ => {}
        }
    }
    bytes
}

/// SplitMix64: a few lines, the same numbers everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}
