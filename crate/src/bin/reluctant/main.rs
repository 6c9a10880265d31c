//! The command line. No logic: reads arguments, calls the api, prints.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use cost::{Cost, Pricing, cost, print_estimate};
use reluctant::api::{self, Axis, Code, Error, LinkView, OwnPoint, ParetoSettings, Terms};
use shared::{Source, open, print_json, settings};

/// Prints a line; ends quietly when the reader has gone, as `head` does.
macro_rules! say {
    ($($text:tt)*) => {
        if std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($text)*))).is_err() {
            std::process::exit(0);
        }
    };
}

mod adjust;
mod advice;
mod ascend;
mod atlas;
mod bench;
mod beside;
mod calibrate;
mod cells;
mod clean;
mod coarse;
mod cost;
mod design;
mod diff;
mod exits;
mod lab;
mod mpc;
mod poly;
mod replace;
mod run;
mod shared;
#[cfg(test)]
mod tests;
mod train;
mod utilisation;

/// What a network costs in private inference.
#[derive(Parser)]
#[command(version, about)]
struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Counts ReLUs, other activations, MACs and parameters.
    Score(Score),
    /// Prices the layers under protocols: offline and online seconds, bytes, rounds.
    Cost(Cost),
    /// Prices a network that may stop early: at a fixed exit, by a secure test, or by running all exits.
    Exits(exits::Exits),
    /// Prints a link that opens to the score, without the file.
    Link(Link),
    /// Prints what a link holds.
    Open {
        /// The link, its whole address, or a file that holds it.
        link: String,
        /// Prints everything (reluctant.link/1).
        #[arg(long)]
        json: bool,
    },
    /// Compares with published points: fronts, and the best at a budget or an accuracy.
    Pareto(Pareto),
    /// Fits the polynomial that stands for an activation.
    Poly(poly::Poly),
    /// Fits a profile of your own to measurements.
    Calibrate(calibrate::Calibrate),
    /// Replaces activations under a budget, writes the changed model, shows what it does and costs.
    Replace(Box<replace::Replace>),
    /// Cleans an export: takes out what training left in it and nobody reads.
    Clean(clean::Clean),
    /// Measures many budgets: fidelity or accuracy against what stays, with costs.
    Sweep(Box<replace::Sweep>),
    /// Lists the protocols, with constants and sources.
    Protocols {
        /// Prints everything.
        #[arg(long)]
        json: bool,
    },
    /// Demonstrations with plain numbers.
    #[command(subcommand)]
    Lab(lab::Lab),
    /// Finds the inputs that maximise classes, through a copy whose ReLUs have a slope left of 0.
    Ascend(ascend::Ascend),
    /// Measures how much a network would miss of each layer, and proposes moves.
    Utilisation(utilisation::Utilisation),
    /// Runs a model on arrays: outputs, accuracy, times, statistics.
    Run(run::Run),
    /// Runs a protocol for real, two parties and a dealer in this process, and counts what they send.
    Mpc(mpc::Mpc),
    /// Compares two models or specs: structure and cost, aligned by stage.
    Diff(diff::Diff),
    /// Asks of every pair of networks whether bytes and seconds order them as ReLUs do.
    Atlas(atlas::Atlas),
    /// Merges parts of a sweep that `design sweep --shard` printed as JSON.
    Merge(design::Merge),
    /// Makes networks from specs.
    #[command(subcommand)]
    Design(design::Design),
    /// Trains a small network, then reduces its ReLUs by a method.
    Train(Box<train::Train>),
    /// Lists the examples that `--example` takes.
    Examples,
}

#[derive(clap::Args)]
struct Score {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Prints the whole report (reluctant.score/1).
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints the layer table.
    #[arg(long)]
    csv: bool,
}

#[derive(clap::Args)]
struct Link {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Pricing,
    /// Lets the names of the model, its layers and symbols into the link.
    #[arg(long)]
    names: bool,
    /// Address of the page that the link opens.
    #[arg(long, value_name = "URL", default_value = "")]
    base: String,
}

#[derive(clap::Args)]
struct Pareto {
    /// CIFAR-10, CIFAR-100, TinyImageNet or ImageNet.
    #[arg(long, default_value = "CIFAR-100")]
    dataset: String,
    /// What a point costs; latency and traffic take the first protocol.
    #[arg(long, default_value = "relus")]
    x: X,
    #[command(flatten)]
    pricing: Pricing,
    /// Looks for the most accurate point within this cost, in the axis' unit.
    #[arg(long, value_name = "N")]
    budget: Option<f64>,
    /// Looks for the cheapest point of this accuracy.
    #[arg(long, value_name = "PERCENT")]
    accuracy: Option<f64>,
    /// Trained networks of your own, from `reluctant train --json` or a folder of `--pytorch`.
    #[arg(long, value_name = "FILE")]
    own: Option<PathBuf>,
    /// Lists every published point with its source instead.
    #[arg(long)]
    published: bool,
    /// Prints everything (reluctant.pareto/1).
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum X {
    Relus,
    Latency,
    Traffic,
    Macs,
}

fn main() -> ExitCode {
    let result = match Args::parse().verb {
        Verb::Score(args) => score(&args),
        Verb::Cost(args) => cost(&args),
        Verb::Exits(args) => exits::exits(&args),
        Verb::Lab(args) => lab::lab(&args),
        Verb::Link(args) => link(&args),
        Verb::Open { link, json } => open_link(&link, json),
        Verb::Pareto(args) => pareto(&args),
        Verb::Calibrate(args) => calibrate::run(&args),
        Verb::Replace(args) => replace::replace(&args),
        Verb::Clean(args) => clean::clean(&args),
        Verb::Sweep(args) => replace::sweep(&args),
        Verb::Poly(args) => poly::run(&args),
        Verb::Protocols { json } => protocols(json),
        Verb::Ascend(args) => ascend::ascend(&args),
        Verb::Utilisation(args) => utilisation::utilisation(&args),
        Verb::Run(args) => run::run(&args),
        Verb::Mpc(args) => mpc::mpc(&args),
        Verb::Diff(args) => diff::run(&args),
        Verb::Atlas(args) => atlas::run(&args),
        Verb::Merge(args) => design::merge(&args),
        Verb::Design(verb) => design::run(&verb),
        Verb::Train(args) => train::run(&args),
        Verb::Examples => {
            for example in api::examples() {
                say!("{:<28} {}", example.id, example.title);
            }
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn score(args: &Score) -> Result<(), Error> {
    let mut scored = open(&args.source)?.score(&settings(&args.source)?)?;
    if args.pricing.names_protocol() {
        scored.score.estimates = Some(scored.cost(&args.pricing.ask()?)?.estimates);
    }
    if args.json {
        print_json(&scored.score);
    } else if args.csv {
        say!("{}", api::csv(&scored.score).trim_end());
    } else {
        print_table(&scored.score);
        scored.score.estimates.iter().flatten().for_each(print_estimate);
    }
    Ok(())
}

fn link(args: &Link) -> Result<(), Error> {
    let scored = open(&args.source)?.score(&settings(&args.source)?)?;
    let view = LinkView {
        example: args.source.example.clone(),
        view: "score".to_owned(),
        cost: Some(args.pricing.ask()?),
        ..LinkView::default()
    };
    say!("{}{}", args.base, scored.link(&view, args.names)?);
    Ok(())
}

fn open_link(text: &str, json: bool) -> Result<(), Error> {
    let saved = if text.contains('=') { None } else { std::fs::read_to_string(text).ok() };
    let document = api::open_link(saved.as_deref().unwrap_or(text))?.document()?;
    if json {
        print_json(&document);
        return Ok(());
    }
    print_table(&document.score);
    document.score.estimates.iter().flatten().for_each(print_estimate);
    for api::ProfileChange { id, was, now, what } in &document.state.changed {
        let now = now.map_or_else(|| "not known here".to_owned(), |now| format!("v{now} here"));
        say!("{id} was v{was} for the sender and is {now}");
        what.iter().for_each(|what| say!("  {what}"));
    }
    Ok(())
}

fn published(json: bool) -> Result<(), Error> {
    let published = api::published()?;
    if json {
        print_json(&published);
        return Ok(());
    }
    for point in published.points {
        let relus = point.relus.map_or_else(|| "-".to_owned(), |relus| relus.to_string());
        let (dataset, method) = (&point.dataset, &point.method);
        say!(
            "{dataset:<12} {relus:>7} {:>6.2} %  {method}: {}, {}",
            point.accuracy,
            point.source,
            point.place
        );
    }
    Ok(())
}

fn pareto(args: &Pareto) -> Result<(), Error> {
    if args.published {
        return published(args.json);
    }
    let own = args.own.as_deref().map(|path| own(path, args.x)).transpose()?;
    // Other images than the published points': nothing is said of how they compare.
    let beside = own.as_ref().filter(|own| own.data == args.dataset);
    let report = api::pareto_report(&ParetoSettings {
        dataset: args.dataset.clone(),
        own: beside
            .map(|own| own.points.iter().map(|(_, point)| point.clone()).collect())
            .unwrap_or_default(),
        axis: match args.x {
            X::Relus => Axis::Relus,
            X::Latency => Axis::Latency,
            X::Traffic => Axis::Traffic,
            X::Macs => Axis::Macs,
        },
        cost: args.pricing.ask()?.terms,
        budget: args.budget,
        accuracy: args.accuracy,
        ..ParetoSettings::default()
    })?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    let points = api::published()?.points;
    let line = |what: &str, index: usize| {
        let cost = report.points.iter().find(|placed| placed.index == index).and_then(|placed| placed.cost);
        if let (Some(point), Some(cost)) = (points.get(index), cost) {
            let (unit, method) = (report.unit, &point.method);
            say!("{what:<24} {cost:>14.6} {unit:<6} {:>6.2} %  {method}: {}", point.accuracy, point.source);
        }
    };
    report.front.iter().for_each(|index| line("front", *index));
    report.best_at_budget.iter().for_each(|index| line("best at the budget", *index));
    report.fewest_at_accuracy.iter().for_each(|index| line("fewest at the accuracy", *index));
    let Some(own) = own else { return Ok(()) };
    for (what, point) in &own.points {
        let accuracy = point.accuracy.map_or_else(|| "-".to_owned(), |percent| format!("{percent:.2}"));
        say!("{:<24} {:>14} ReLUs  {accuracy:>6} %  {what}", "own", point.relus);
    }
    if own.data != args.dataset {
        say!("own points are of {}: they are not compared with those of {}", own.data, args.dataset);
    }
    Ok(())
}

/// Networks of one's own, and what they were trained on.
struct Own {
    data: String,
    points: Vec<(String, OwnPoint)>,
}

/// Reads what `train --json` wrote: a point for each method, budget and seed.
fn own(path: &std::path::Path, x: X) -> Result<Own, Error> {
    if matches!(x, X::Macs) {
        return Err(Error::new(Code::InvalidSetting, "a run of training does not say its MACs"));
    }
    #[derive(serde::Deserialize)]
    struct One {
        method: String,
        seed: u64,
        relus: u64,
        test_accuracy: f64,
    }
    #[derive(serde::Deserialize)]
    struct File {
        data: String,
        results: Vec<One>,
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let bytes = std::fs::read(path).map_err(|error| Error::new(Code::Io, error.to_string()).file(&*name))?;
    let file: File = serde_json::from_slice(&bytes).map_err(|error| {
        let error = Error::new(Code::Malformed, error.to_string()).file(&*name);
        error.hint("reluctant train --json writes such a file, and train.py of a --pytorch folder")
    })?;
    let point = |one: One| {
        let accuracy = Some(100.0 * one.test_accuracy);
        (format!("{}, seed {}", one.method, one.seed), OwnPoint { relus: one.relus, macs: 0, accuracy })
    };
    Ok(Own { data: file.data, points: file.results.into_iter().map(point).collect() })
}

fn protocols(json: bool) -> Result<(), Error> {
    let protocols = api::protocols(&Terms::default())?;
    if json {
        print_json(&protocols);
        return Ok(());
    }
    for profile in protocols {
        say!("{:<24} v{}  {}", profile.id, profile.version, profile.title);
        say!("{:<24} leaves out: {}", "", profile.leaves_out);
        profile.trust.lines().iter().for_each(|line| say!("{:<24} {line}", ""));
    }
    Ok(())
}

fn print_table(score: &api::Score) {
    let model = &score.model;
    say!("{}  (IR {}, opset {}, {})", model.name, model.ir_version, model.opset, model.producer);
    for symbol in &model.symbols {
        let value = symbol.value.map_or_else(|| "not set".to_owned(), |v| v.to_string());
        let why = if symbol.why.is_empty() { String::new() } else { format!(": {}", symbol.why) };
        say!("  {} = {value} ({:?}{why})", symbol.name, symbol.origin);
    }
    for input in &model.inputs {
        if let Some(elements) = &input.value {
            let elements: Vec<String> = elements.iter().map(i64::to_string).collect();
            say!("  {} = {} (Set)", input.name, elements.join(","));
        }
    }
    say!("{:<44} {:<18} {:<20} {:>12} {:>16} {:>12}", "layer", "op", "shape", "params", "MACs", "activation");
    for layer in &score.layers {
        let shape = layer.shape.as_ref().map(|dims| api::shape_text(dims)).unwrap_or_default();
        let number = |n: Option<u64>| n.map_or_else(|| "unknown".to_owned(), |n| n.to_string());
        let activation = layer.activation.as_ref().map(|a| format!("{} {}", a.kind, a.elements));
        say!(
            "{:<44} {:<18} {:<20} {:>12} {:>16} {:>12}",
            layer.name,
            layer.op,
            shape,
            number(layer.params),
            number(layer.macs),
            activation.unwrap_or_default()
        );
    }
    let totals = &score.totals;
    let total = |name: &str, n: u64| match totals.not_known.contains(&name) {
        true => "-".to_owned(),
        false => n.to_string(),
    };
    let (macs, relus) = (total("macs", totals.macs), total("relu", totals.relu.elements));
    say!("params {}, MACs {macs}, ReLUs {relus}", totals.params);
    for (kind, tally) in &totals.activations {
        say!("  {kind} {} in {} nodes", tally.elements, tally.nodes);
    }
    for (mark, layers) in marks(score) {
        say!("  {mark} ({layers} layers)");
    }
    let coverage = &score.coverage;
    say!("{} of {} nodes counted", coverage.counted, coverage.nodes);
    for unknown in &coverage.unknown {
        say!("  unknown: {} ({}): {}", unknown.node, unknown.op, unknown.reason);
    }
}

/// What must be known of the figures, each once, with the number of layers that it is said of.
fn marks(score: &api::Score) -> Vec<(&str, usize)> {
    let mut said: Vec<(&str, usize)> = Vec::new();
    for mark in score.layers.iter().flat_map(|layer| &layer.marks) {
        match said.iter_mut().find(|(known, _)| known == mark) {
            Some((_, layers)) => *layers += 1,
            None => said.push((mark, 1)),
        }
    }
    said
}
