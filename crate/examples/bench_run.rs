//! Times a model on an engine: `bench_run MODEL cpu|gpu SAMPLES [REPEATS]`. The first run compiles and
//! is left out; the fastest of the others is printed, with each layer's own time where the engine can
//! measure it, as JSON lines.

use std::ops::ControlFlow;
use std::path::Path;

use reluctant::api::{self, EngineKind, LocalFile, NamedFile, RunOptions, RunRequest, RunSession, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, path, engine, samples, rest @ ..] = args.as_slice() else {
        return Err("usage: bench_run MODEL cpu|gpu SAMPLES [REPEATS]".into());
    };
    let samples: usize = samples.parse()?;
    let repeats: usize = rest.first().map_or(Ok(5), |text| text.parse())?;
    let file = LocalFile::open(Path::new(path))?;
    let files = [NamedFile { name: path.clone(), bytes: &file }];
    let engine = if engine == "gpu" { EngineKind::Gpu } else { EngineKind::Cpu };
    let options = RunOptions { engine, batch: samples };
    let go = &mut |_, _| ControlFlow::Continue(());
    let mut session = RunSession::open(&files, &Settings::default(), &options, go)?;
    for timings in [false, true] {
        let ask = RunRequest { timings, ..RunRequest::default() };
        let mut best: Option<api::RunReport> = None;
        for repeat in 0..=repeats {
            let given = session.random(samples, 1)?;
            let report = api::ready(session.run(given, &ask, go))?.report;
            let faster = best.as_ref().is_none_or(|best| report.seconds < best.seconds);
            if repeat > 0 && faster {
                best = Some(report);
            }
        }
        let Some(report) = best else { continue };
        if !timings {
            let (engine, detail) = (report.engine.engine, &report.engine.detail);
            println!(
                "{{\"engine\":\"{engine}\",\"detail\":\"{detail}\",\"samples\":{samples},\"seconds\":{}}}",
                report.seconds
            );
            for note in &report.engine.notes {
                eprintln!("{note}");
            }
        }
        for layer in &report.layers {
            println!("{{\"node\":\"{}\",\"op\":\"{}\",\"seconds\":{}}}", layer.node, layer.op, layer.seconds);
        }
    }
    Ok(())
}
