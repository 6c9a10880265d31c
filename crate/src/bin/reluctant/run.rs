//! `reluctant run`: reads arrays, runs the model, prints and writes what came out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use reluctant::api::{
    self, Code, EngineKind, Error, Given, LocalFile, NamedFile, Outcome, ReadAt, RunOptions, RunRequest,
    RunSession, StatsScope, Tensor,
};

use super::beside::{alone, beside};
use super::shared::{Source, name, one_of, print_json, settings};

/// Runs a model on arrays: outputs, accuracy, times, statistics.
#[derive(clap::Args)]
pub struct Run {
    #[command(flatten)]
    source: Source,
    /// A .npy or .npz file for an input; the name may be left out where there is one input.
    #[arg(long = "input", value_name = "[NAME=]FILE")]
    inputs: Vec<String>,
    /// Random samples instead of files.
    #[arg(long, value_name = "SAMPLES", conflicts_with = "inputs")]
    random: Option<usize>,
    /// Seed of the random samples.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Writes an output to a .npy file, or all to a .npz file. A name may be any value of the graph.
    #[arg(long = "output", value_name = "[NAME=]FILE")]
    outputs: Vec<String>,
    /// cpu or gpu.
    #[arg(long, default_value = "cpu", value_parser = one_of(EngineKind::ALL, EngineKind::name))]
    engine: EngineKind,
    /// Class numbers, for accuracy: .npy, or .npz with them as y or labels.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Writes statistics of the activations (reluctant.stats/1).
    #[arg(long, value_name = "FILE")]
    stats: Option<PathBuf>,
    /// Statistics of every value.
    #[arg(long, requires = "stats")]
    all: bool,
    /// Measures each layer by itself.
    #[arg(long)]
    timings: bool,
    /// Simulates fixed-point arithmetic in a ring of so many bits (8 to 64).
    #[arg(long, value_name = "BITS")]
    ring: Option<u32>,
    /// Bits after the point.
    #[arg(long, value_name = "BITS", default_value_t = 16, requires = "ring")]
    fraction: u32,
    /// How products are truncated.
    #[arg(
        long,
        default_value = "probabilistic",
        requires = "ring",
        value_parser = one_of(api::Truncation::ALL, api::Truncation::name)
    )]
    truncation: api::Truncation,
    /// Samples of one run, where the model leaves that open.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Lists the values that --output takes, and runs nothing.
    #[arg(long)]
    values: bool,
    /// Prints the report (reluctant.run/1).
    #[arg(long)]
    json: bool,
}

/// Runs.
///
/// # Errors
/// What is wrong with a file, an array, or a setting; what the engine lacks.
pub fn run(args: &Run) -> Result<(), Error> {
    let Some(path) = args.source.model.as_ref().filter(|_| args.source.example.is_none()) else {
        return Err(Error::new(Code::MissingData, "an example has no weights").hint("name an .onnx file"));
    };
    let files = neighbours(path)?;
    let files: Vec<NamedFile<'_>> = files
        .iter()
        .map(|(name, file)| NamedFile { name: name.clone(), bytes: file as &dyn ReadAt })
        .collect();
    let arrays = if args.values { Vec::new() } else { arrays(&args.inputs)? };
    let shapes = arrays.iter().map(|(name, tensor)| (name.clone(), tensor.shape().to_vec())).collect();
    let options = RunOptions { engine: args.engine, batch: args.batch, shapes };
    let mut quiet = |_, _| ControlFlow::Continue(());
    let mut session = RunSession::open(&files, &settings(&args.source)?, &options, &mut quiet)?;
    if args.values {
        for value in session.info().values {
            let shape: Vec<String> = value.shape.into_iter().flatten().map(|n| n.to_string()).collect();
            say!("{:<44} {:<18} {}", value.name, value.op.unwrap_or_default(), shape.join("x"));
        }
        return Ok(());
    }
    let given = given(args, arrays, &session)?;
    if let Some(ring_bits) = args.ring {
        let (fraction_bits, truncation) = (args.fraction, args.truncation);
        let settings = api::FixedSettings { ring_bits, fraction_bits, truncation, seed: args.seed };
        let report = session.fixed(given, &settings, &mut quiet)?;
        if args.json {
            print_json(&report);
        } else {
            print_fixed(&report);
        }
        return Ok(());
    }
    let ask = RunRequest {
        outputs: args.outputs.iter().filter_map(|text| split(text).0).map(str::to_owned).collect(),
        stats: match (&args.stats, args.all) {
            (None, _) => StatsScope::None,
            (Some(_), false) => StatsScope::Activations,
            (Some(_), true) => StatsScope::All,
        },
        timings: args.timings,
        top: 0,
    };
    let outcome = api::ready(session.run(given, &ask, &mut quiet))?;
    write_outputs(args, &outcome)?;
    if let (Some(path), Some(stats)) = (&args.stats, &outcome.stats) {
        let text = serde_json::to_vec(stats).map_err(|e| Error::new(Code::Io, e.to_string()))?;
        write(path, &text)?;
    }
    if args.json {
        print_json(&outcome.report);
    } else {
        print(&outcome);
    }
    Ok(())
}

/// The arrays of the files, by name.
pub(super) fn arrays(inputs: &[String]) -> Result<Vec<(String, Tensor)>, Error> {
    let mut arrays = Vec::new();
    for text in inputs {
        let (name, file) = split(text);
        let read = read(Path::new(file))?;
        match (name, read.len()) {
            (Some(name), 1) => arrays.extend(read.into_iter().map(|(_, tensor)| (name.to_owned(), tensor))),
            _ => arrays.extend(read),
        }
    }
    Ok(arrays)
}

fn given(args: &Run, arrays: Vec<(String, Tensor)>, session: &RunSession) -> Result<Given, Error> {
    if let Some(samples) = args.random {
        return session.random(samples, args.seed);
    }
    session.given(arrays, labels(args.labels.as_deref())?)
}

/// `NAME=FILE`, or a file alone; a name may hold what a path may.
fn split(text: &str) -> (Option<&str>, &str) {
    match text.rsplit_once('=') {
        Some((name, file)) => (Some(name), file),
        None => (None, text),
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<(String, Tensor)>, Error> {
    api::arrays(&name(path), &bytes(path)?)
}

/// The labels of a file, where one is named.
pub(super) fn labels(path: Option<&Path>) -> Result<Option<Tensor>, Error> {
    path.map(|path| api::labels(&name(path), &bytes(path)?)).transpose()
}

pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|e| {
        Error::new(Code::Io, format!("cannot be read: {e}"))
            .file(path.display().to_string())
            .hint("check the path")
    })
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes)
        .map_err(|e| Error::new(Code::Io, format!("cannot be written: {e}")).file(path.display().to_string()))
}

fn write_outputs(args: &Run, outcome: &Outcome) -> Result<(), Error> {
    let mut unnamed = outcome.outputs.iter();
    for text in &args.outputs {
        let (name, file) = split(text);
        let tensor = match name {
            Some(name) => outcome.outputs.iter().find(|(known, _)| known == name),
            None => unnamed.next(),
        };
        if Path::new(file).extension().is_some_and(|e| e == "npz") {
            write(Path::new(file), &api::npz_from(&outcome.outputs)?)?;
        } else if let Some((_, tensor)) = tensor {
            write(Path::new(file), &api::npy_from(tensor))?;
        } else {
            return Err(Error::new(Code::InvalidSetting, "more files than outputs").file(file));
        }
    }
    Ok(())
}

fn print(outcome: &Outcome) {
    let report = &outcome.report;
    say!("{} on {} ({})", report.model, report.engine.engine, report.engine.detail);
    for note in report.engine.sentences().iter().chain(&report.notes) {
        say!("  {note}");
    }
    let rate = report.samples as f64 / report.seconds.max(1e-9);
    say!(
        "{} samples in {} slices, {:.3} s, {rate:.1} samples/s",
        report.samples,
        report.slices,
        report.seconds
    );
    for output in &report.outputs {
        let shape: Vec<String> = output.shape.iter().flatten().map(usize::to_string).collect();
        say!("  {} {} {}", output.name, shape.join("x"), output.dtype.unwrap_or_default());
    }
    if let Some(accuracy) = &report.accuracy {
        let [low, high] = accuracy.top1_interval;
        let (right, all) = (accuracy.correct, accuracy.samples);
        say!("top-1 {:.4} [{low:.4}, {high:.4}] ({right} of {all})", accuracy.top1);
        if let (Some(top5), Some([low, high])) = (accuracy.top5, accuracy.top5_interval) {
            say!("top-5 {top5:.4} [{low:.4}, {high:.4}]");
        }
    }
    for layer in &report.layers {
        let (ms, share) = (layer.seconds * 1e3, layer.share * 100.0);
        say!("  {ms:>10.3} ms {share:>5.1} %  {:<18} {}", layer.op, layer.node);
    }
    for site in outcome.stats.iter().flat_map(|stats| &stats.activations) {
        if !site.dead.is_empty() || !site.always_on.is_empty() {
            let (dead, on, all) = (site.dead.len(), site.always_on.len(), site.channels);
            say!("  {}: {dead} of {all} channels dead, {on} always on", site.port.node);
        }
    }
}

fn print_fixed(report: &api::FixedReport) {
    let settings = &report.settings;
    say!(
        "{} in a ring of {} bits, {} after the point",
        report.model,
        settings.ring_bits,
        settings.fraction_bits
    );
    say!("{} samples, {:.3} s; {} numbers wrapped around", report.samples, report.seconds, report.wrapped);
    for (name, accuracy) in [("ring", &report.accuracy), ("float32", &report.float_accuracy)] {
        if let Some(accuracy) = accuracy {
            let ([low, high], right) = (accuracy.top1_interval, accuracy.correct);
            say!(
                "top-1 {name:<8} {:.4} [{low:.4}, {high:.4}] ({right} of {})",
                accuracy.top1,
                accuracy.samples
            );
        }
    }
    if let Some(agreement) = &report.agreement {
        let [low, high] = agreement.interval;
        say!("same best class  {:.4} [{low:.4}, {high:.4}]", agreement.share);
    }
    say!("largest difference {:.6}", report.largest_difference);
    for layer in &report.layers {
        let (rms, largest) = (layer.rms_difference, layer.largest_difference);
        say!(
            "  {:<18} {:>3} bits  rms {rms:.2e}  largest {largest:.2e}  {}",
            layer.op,
            layer.bits,
            layer.node
        );
    }
    for outside in &report.in_floating_point {
        say!("  {} of {} in floating point, then encoded again", outside.nodes, outside.op);
    }
}

/// The model and the files that may hold its weights, the model first; a file that cannot be opened is not here.
pub(super) fn neighbours(path: &Path) -> Result<Vec<(String, LocalFile)>, Error> {
    let mut files = vec![(name(path), LocalFile::open(path)?)];
    let others = beside(path, &alone(path)?).into_iter();
    files.extend(others.filter_map(|(name, path)| Some((name, LocalFile::open(&path).ok()?))));
    Ok(files)
}
