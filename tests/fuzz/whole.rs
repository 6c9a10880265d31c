//! Damage through everything: score, cost, run and replace of mutants of eight models; flips, cuts and structured mutations.
//! No panic, none above ten seconds, memory below a gigabyte.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use reluctant::api::{
    self, Ask, Model, NamedFile, OwnFile, ReadAt, ReplaceSettings, Result, RunOptions, RunRequest,
    RunSession, Settings, Workbench,
};

use super::{Random, corpus, structured};

const LIMIT: Duration = Duration::from_secs(10);
/// Seeds of the test; RELUCTANT_FUZZ_MUTANTS asks for more.
const MUTANTS: u64 = 500;

const MODELS: [&str; 8] = [
    "models/lstm_small.legacy.op13.b1.onnx",
    "models/resnet20_32.legacy.op13.b1.onnx",
    "models/resnet20_32.qdq.op13.b1.onnx",
    "models/tiny_mlp.dynamo.op18.b1.onnx",
    "models/unet_convt_64.legacy.op13.b1.onnx",
    "../cases/conv1d_nopads_if.onnx",
    "../cases/more/scan_axis.onnx",
    "../cases/replace_if_other_branch.onnx",
];

fn mutant(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    match random.below(8) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 | 2 => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        _ => (0..=random.below(3)).for_each(|_| structured::mutate(&mut bytes, random)),
    }
    bytes
}

/// How far a mutant came: scored, priced, run, replaced.
fn through(bytes: &[u8]) -> [bool; 4] {
    let named = || NamedFile { name: "mutant.onnx".to_owned(), bytes: &bytes as &dyn ReadAt };
    let mut go = |_: u64, _: u64| ControlFlow::Continue(());
    let settings = Settings::default();
    let said = |result: Result<()>| {
        if let Err(e) = &result {
            assert!(!e.message.is_empty(), "no message: {:?}", e.code);
        }
        result.is_ok()
    };
    let scored = Model::open(&named(), Vec::new(), &mut go).and_then(|model| model.score(&settings));
    let mut ask = Ask::default();
    ask.terms.protocols = vec!["semi2k".to_owned(), "ckks:cpu".to_owned()];
    let priced = scored.as_ref().is_ok_and(|scored| said(scored.cost(&ask).map(drop)));
    let run = || -> Result<()> {
        let options = RunOptions { batch: 1, ..RunOptions::default() };
        let mut go = |_: u64, _: u64| ControlFlow::Continue(());
        let mut session = RunSession::open(&[named()], &settings, &options, &mut go)?;
        let given = session.random(1, 1)?;
        api::ready(session.run(given, &RunRequest::default(), &mut go)).map(drop)
    };
    let replace = || -> Result<()> {
        let files: Vec<OwnFile> = vec![("mutant.onnx".to_owned(), Box::new(bytes.to_vec()))];
        let mut bench = Workbench::open(files, &settings, &RunOptions::default())?;
        bench.set_wish(&ReplaceSettings { budget: "50%".to_owned(), ..ReplaceSettings::default() })?;
        api::ready(bench.replace()).map(drop)
    };
    [said(scored.map(drop)), priced, said(run()), said(replace())]
}

/// Most memory that the process has had, in bytes; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[test]
fn mutants_pass_through_everything() {
    let seeds: Vec<Vec<u8>> = MODELS.iter().map(|name| std::fs::read(corpus().join(name)).unwrap()).collect();
    let number =
        |name: &str, other: u64| std::env::var(name).ok().and_then(|s| s.parse().ok()).unwrap_or(other);
    let (first, mutants) = (number("RELUCTANT_FUZZ_SEED", 1), number("RELUCTANT_FUZZ_MUTANTS", MUTANTS));
    let (mut came, mut slowest, mut all) = ([0u64; 4], (Duration::ZERO, first), Duration::ZERO);
    for seed in first..first + mutants {
        let bytes = mutant(&seeds, &mut Random(seed));
        let start = Instant::now();
        let outcome = std::panic::catch_unwind(|| through(&bytes));
        let took = start.elapsed();
        (slowest, all) = (slowest.max((took, seed)), all + took);
        let far = outcome.unwrap_or_else(|panic| {
            println!("RELUCTANT_FUZZ_SEED={seed} RELUCTANT_FUZZ_MUTANTS=1 fails");
            std::panic::resume_unwind(panic)
        });
        assert!(took < LIMIT, "seed {seed} took {took:?}");
        came.iter_mut().zip(far).for_each(|(sum, one)| *sum += u64::from(one));
    }
    let [scored, priced, run, replaced] = came;
    println!(
        "{mutants} mutants from seed {first}: {scored} scored, {priced} priced, {run} run, {replaced} replaced; {:.1} ms each, \
         slowest {slowest:?}; at most {} MB",
        all.as_secs_f64() * 1e3 / mutants as f64,
        peak() >> 20
    );
    assert!(peak() < 1 << 30, "{} MB", peak() >> 20);
    if mutants >= 100 {
        // Mutants that are too broken test nothing behind the reader.
        assert!(
            scored > mutants / 4 && priced > mutants / 4 && run > mutants / 20 && replaced > mutants / 20,
            "{came:?}"
        );
    }
}
