//! Times models on both engines, in turns: `bench_run [--runs N] MODEL...`, a JSON line for each.
//!
//! The time of a slice is what three more slices cost beside one, so that what a run does once (the
//! first slice of a GPU run is repeated on the CPU) drops out. Medians over the runs.

use std::ops::ControlFlow;
use std::path::Path;

use reluctant::api::{EngineKind, LocalFile, NamedFile, RunOptions, RunRequest, RunSession, Settings, ready};

/// Slices beyond the first.
const MORE: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut runs = 15usize;
    if args.first().is_some_and(|arg| arg == "--runs") {
        runs = args.get(1).ok_or("--runs needs a number")?.parse()?;
        args.drain(..2);
    }
    for path in &args {
        let file = LocalFile::open(Path::new(path))?;
        let files = [NamedFile { name: path.clone(), bytes: &file }];
        let open = |engine| {
            let options = RunOptions { engine, batch: 1, ..RunOptions::default() };
            RunSession::open(&files, &Settings::default(), &options, &mut |_, _| ControlFlow::Continue(()))
        };
        let mut engines = [(open(EngineKind::Cpu)?, Vec::new()), (open(EngineKind::Gpu)?, Vec::new())];
        for run in 0..=runs {
            for (session, times) in &mut engines {
                let seconds = slice(session)?;
                // The first run compiles.
                if run > 0 {
                    times.push(seconds);
                }
            }
        }
        let [cpu, gpu] = engines.map(|(session, times)| (session.info().engine, median(times)));
        for note in cpu.0.sentences().iter().chain(&gpu.0.sentences()) {
            eprintln!("{path}: {note}");
        }
        let (engine, device) = (gpu.0.engine, gpu.0.detail);
        println!("{{\"model\":{path:?},\"cpu\":{},\"{engine}\":{},\"device\":{device:?}}}", cpu.1, gpu.1);
    }
    Ok(())
}

/// Seconds of one slice.
fn slice(session: &mut RunSession) -> Result<f64, Box<dyn std::error::Error>> {
    let size = session.info().batch.unwrap_or(1);
    let mut seconds = |slices: usize| {
        let given = session.random(size * slices, 1)?;
        let (ask, go) = (RunRequest::default(), &mut |_, _| ControlFlow::Continue(()));
        let run = session.run(given, &ask, go);
        ready(run).map(|outcome| outcome.report.seconds)
    };
    Ok((seconds(1 + MORE)? - seconds(1)?) / MORE as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
