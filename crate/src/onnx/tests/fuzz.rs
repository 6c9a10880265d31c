//! A seeded mutation fuzzer: damage as an ordinary test, longer on demand
//! (tests/fuzz/README.md).

use std::time::{Duration, Instant};

use prost::Message;

use super::damage::survive;
use super::{Random, corpus, models};

#[test]
fn mutated_models_are_survived() {
    let seconds = std::env::var("RELUCTANT_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok());
    let seed = std::env::var("RELUCTANT_FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let begin = Instant::now();
    let seeds = Seeds::new();
    for round in 0u64.. {
        let more = match seconds {
            Some(s) => begin.elapsed() < Duration::from_secs(s),
            None => round < 3000,
        };
        if !more {
            println!("{round} mutants from seed {seed}");
            break;
        }
        // Each round has its own seed, so that one number repeats it.
        let own = seed + round;
        let mutant = mutant(&seeds, &mut Random(own));
        // The message of a panic elsewhere must still name the round.
        let outcome = std::panic::catch_unwind(|| drop(survive(&format!("seed {own}"), &mutant)));
        if let Err(panic) = outcome {
            let file = std::env::temp_dir().join(format!("reluctant-fuzz-{own}.onnx"));
            std::fs::write(&file, &mutant).unwrap();
            println!("RELUCTANT_FUZZ_SEED={own} fails; the mutant is {}", file.display());
            std::panic::resume_unwind(panic);
        }
    }
}

/// What is mutated: small real models, one of every kind of message, and the bad files.
struct Seeds {
    good: Vec<Vec<u8>>,
    bad: Vec<Vec<u8>>,
}

impl Seeds {
    fn new() -> Self {
        let mut good: Vec<_> = models().into_iter().map(|(_, b)| b).filter(|b| b.len() < 30_000).collect();
        let hidden = super::wire::model_of_every_hiding_place(40).encode_to_vec();
        good.extend([hidden, super::wire::model_of_every_hiding_place(1100).encode_to_vec()]);
        let mut paths: Vec<_> =
            std::fs::read_dir(corpus("bad")).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        let bad = paths.iter().filter(|p| p.is_file()).map(|p| std::fs::read(p).unwrap()).collect();
        Self { good, bad }
    }

    /// Mostly a model: a bad file is refused at its first bytes, whatever follows.
    fn pick(&self, random: &mut Random) -> &[u8] {
        let from = if random.below(8) > 0 { &self.good } else { &self.bad };
        &from[random.below(from.len())]
    }
}

fn mutant(seeds: &Seeds, random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds.pick(random).to_vec();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(64)).min(bytes.len());
        match random.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x2a][random.below(7)],
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..to)),
            4 => {
                let part = bytes[at..to].to_vec();
                let into = random.below(bytes.len() + 1);
                bytes.splice(into..into, part);
            }
            5 => {
                let other = seeds.pick(random);
                let from = random.below(other.len() + 1);
                let part = other[from..(from + 256).min(other.len())].to_vec();
                bytes.splice(at..to, part);
            }
            // A length or a number of any size, up to ten bytes.
            _ => {
                let mut number = vec![0xff; random.below(10)];
                number.push(random.below(128) as u8);
                bytes.splice(at..at, number);
            }
        }
    }
    bytes
}
