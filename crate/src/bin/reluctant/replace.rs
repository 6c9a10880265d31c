//! `reluctant replace` and `reluctant sweep`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use reluctant::api::{
    self, BudgetUnit, Code, Error, LayerWish, NamedFile, Plan, ReadAt, ReplaceReport, ReplaceSettings,
    SWEEP_COLUMNS, Spliced, SweepPoint, Tensor, Workbench,
};

use super::bench::{bench, plan};
use super::cost::Terms;
use super::run::{labels, neighbours, read, write};
use super::shared::{Source, one_of, print_json, settings};

/// What is replaced, and by what.
#[derive(clap::Args)]
struct Wish {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    pricing: Terms,
    /// What the budget counts; seconds (online, of the whole network) and bytes need --protocol.
    #[arg(long, default_value = "relus", value_parser = one_of(BudgetUnit::ALL, BudgetUnit::name))]
    unit: BudgetUnit,
    /// What is kept together: pixel, spatial, channel, patch:SIDE, layer or stage.
    #[arg(long, default_value = "pixel")]
    granularity: String,
    /// With the places that go, drop the outputs of convolutions that nothing else needs; with --granularity spatial, and
    /// the identity for what goes.
    #[arg(long)]
    drop_outputs: bool,
    /// As of `reluctant poly`: dapa, fit, minimax, chebyshev, autorep, pillar, 0.25x2+0.5x, x2+x, identity.
    #[arg(long, default_value = "dapa")]
    method: String,
    /// Degree.
    #[arg(long, default_value_t = 2)]
    degree: usize,
    /// A layer with a method or a degree of its own, by the name of its result: OUTPUT=minimax:4.
    #[arg(long, value_name = "OUTPUT=METHOD:DEGREE")]
    layer: Vec<String>,
    /// One polynomial for a layer, not one a channel.
    #[arg(long)]
    per_layer: bool,
    /// Fit every layer on what flows through the original, not on what arrives after the layers
    /// before it were replaced.
    #[arg(long)]
    at_once: bool,
    /// Sigmoid and Tanh by themselves may go too.
    #[arg(long)]
    gates: bool,
    /// Seed of random choices.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// A list of SENet's ratios, for that policy.
    #[arg(long, value_name = "NAME")]
    ratios: Option<String>,
    /// Samples for statistics: .npy, or .npz with labels as y.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Samples for judging; those of --data where not given.
    #[arg(long, value_name = "FILE")]
    test: Option<PathBuf>,
    /// Class numbers of the samples for judging.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Samples that layers and blocks are tried on; by default 256, fewer for a large network.
    #[arg(long, value_name = "N")]
    probe: Option<usize>,
    /// Rounds of a descent.
    #[arg(long, default_value_t = 16)]
    rounds: usize,
    /// Blocks tried in each round.
    #[arg(long, default_value_t = 8)]
    candidates: usize,
    /// Samples of one run, where the model leaves that open.
    #[arg(long, default_value_t = 32)]
    batch: usize,
}

/// Replaces activations under a budget and writes the changed model.
#[derive(clap::Args)]
pub(super) struct Replace {
    #[command(flatten)]
    wish: Wish,
    /// What may stay: a number, or a share of it: 25%.
    #[arg(long, value_name = "N|P%", required_unless_present_any = ["apply", "preset"])]
    budget: Option<String>,
    /// A published recipe in place of budget, policy, method and degree. aespa: each activation becomes its Hermite
    /// polynomial of degree 2 on the law that flows in; priced under ckks:gpu where no protocol is named.
    #[arg(long, value_name = "NAME", value_parser = ["aespa"], conflicts_with_all = ["apply", "budget", "drop_outputs"])]
    preset: Option<String>,
    /// What is kept first: error, senet, criticality, balance, uniform, random, nested, senet-ratios or
    /// bcd.
    #[arg(long, default_value = "error")]
    policy: String,
    /// Carries out a plan file instead.
    #[arg(long, value_name = "PLAN", conflicts_with = "budget")]
    apply: Option<PathBuf>,
    /// The changed model.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Writes the plan (reluctant.plan/1).
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Writes masks and coefficients for PyTorch (docs/masks.md).
    #[arg(long, value_name = "FILE.npz")]
    masks: Option<PathBuf>,
    /// Prints everything (reluctant.replace/1).
    #[arg(long)]
    json: bool,
}

/// Measures many budgets.
#[derive(clap::Args)]
pub(super) struct Sweep {
    #[command(flatten)]
    wish: Wish,
    /// Budgets, each a number or a share; by default eight shares from 100% down.
    #[arg(long, value_name = "N|P%,..", value_delimiter = ',')]
    budgets: Vec<String>,
    /// Policies, one after another.
    #[arg(long, value_name = "ID,..", value_delimiter = ',', default_value = "error")]
    policy: Vec<String>,
    /// Prints a table with one line for each budget and protocol.
    #[arg(long)]
    csv: bool,
}

impl Wish {
    fn settings(&self, budget: &str, policy: &str) -> Result<ReplaceSettings, Error> {
        Ok(ReplaceSettings {
            budget: budget.to_owned(),
            unit: self.unit,
            cost: self.pricing.ask()?.terms,
            policy: policy.to_owned(),
            granularity: self.granularity.clone(),
            method: self.method.clone(),
            degree: self.degree,
            per_channel: !self.per_layer,
            drop_outputs: self.drop_outputs,
            sequential: !self.at_once,
            gates: self.gates,
            seed: self.seed,
            ratios: self.ratios.clone(),
            probe: self.probe,
            descent: (self.rounds, self.candidates),
            layers: self.layer.iter().map(|text| layer(text)).collect::<Result<_, _>>()?,
        })
    }

    fn path(&self) -> Result<&Path, Error> {
        let path = self.source.model.as_deref().filter(|_| self.source.example.is_none());
        path.ok_or_else(|| {
            Error::new(Code::MissingData, "an example has no weights").hint("name an .onnx file")
        })
    }

    fn arrays(path: Option<&PathBuf>) -> Result<Option<Vec<(String, Tensor)>>, Error> {
        path.map(|path| read(path)).transpose()
    }

    /// Opens the bench and does something on it.
    fn on_bench<T>(
        &self,
        settings_of: &ReplaceSettings,
        work: impl FnOnce(&mut Workbench) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut bench = self.bench()?;
        bench.set_wish(settings_of)?;
        work(&mut bench)
    }

    fn bench(&self) -> Result<Workbench, Error> {
        let mut bench = bench(self.path()?, &settings(&self.source)?, self.batch)?;
        bench.set_data(Self::arrays(self.data.as_ref())?);
        bench.set_test(Self::arrays(self.test.as_ref())?, labels(self.labels.as_deref())?);
        Ok(bench)
    }

    /// What is to be known of a plan's model before it is taken away; that it could not be tried is no reason to keep it back.
    fn doubt(&self, plan: &Plan, changed: &Spliced) -> Option<String> {
        let tried = self.bench().and_then(|mut bench| {
            bench.held(plan)?;
            api::ready(bench.doubt(changed))
        });
        tried.unwrap_or_else(|e| Some(format!("whether it gives numbers is not known: {}", e.message)))
    }
}

/// OUTPUT=METHOD:DEGREE, OUTPUT=METHOD or OUTPUT=DEGREE; a name may hold = and : itself.
fn layer(text: &str) -> Result<LayerWish, Error> {
    let bad = || {
        Error::new(Code::InvalidSetting, format!("{text} names no layer and what becomes of it"))
            .hint("OUTPUT=METHOD:DEGREE")
    };
    let (output, way) = text.rsplit_once('=').ok_or_else(bad)?;
    let (method, degree) = match way.split_once(':') {
        Some((method, degree)) => (Some(method.to_owned()), Some(degree.parse().map_err(|_| bad())?)),
        None => match way.parse() {
            Ok(degree) => (None, Some(degree)),
            Err(_) => (Some(way.to_owned()), None),
        },
    };
    Ok(LayerWish { output: output.to_owned(), method, degree })
}

pub(super) fn replace(args: &Replace) -> Result<(), Error> {
    if let Some(path) = &args.apply {
        return apply(args, path);
    }
    let mut wish = args.wish.settings(args.budget.as_deref().unwrap_or_default(), &args.policy)?;
    let aespa = args.preset.is_some();
    if aespa {
        let (budget, policy, method) = ("0".to_owned(), "uniform".to_owned(), "dapa".to_owned());
        wish = ReplaceSettings { budget, policy, method, degree: 2, layers: Vec::new(), ..wish };
        if !args.wish.pricing.names_protocol() {
            wish.cost.protocols = vec!["ckks:gpu".to_owned()];
        }
    }
    let (plan, report) = args.wish.on_bench(&wish, |bench| {
        let (plan, spliced, mut report) = api::ready(bench.replace())?;
        if aespa {
            report.folded = bench.folded()?;
        }
        save(args.output.as_deref(), &spliced, bench.file()?.bytes)?;
        Ok((plan, report))
    })?;
    if let Some(path) = &args.plan {
        write(path, plan.to_json()?.as_bytes())?;
    }
    if let Some(path) = &args.masks {
        write(path, &api::plan_npz(&plan)?)?;
    }
    if args.json {
        print_json(&report);
    } else {
        print(&report);
    }
    Ok(())
}

fn apply(args: &Replace, path: &Path) -> Result<(), Error> {
    let plan = plan(path)?;
    let files = neighbours(args.wish.path()?)?;
    let place = api::model_among(files.iter().map(|(name, _)| name.as_str()));
    let Some((name, file)) = files.get(place) else {
        return Err(Error::new(Code::EmptyFile, "there is no file"));
    };
    let named = NamedFile { name: name.clone(), bytes: file };
    let mut quiet = |_, _| std::ops::ControlFlow::Continue(());
    let spliced = plan.apply(&named, &settings(&args.wish.source)?, &mut quiet)?;
    if args.output.is_some()
        && let Some(note) = args.wish.doubt(&plan, &spliced)
    {
        say!("note: {note}");
    }
    save(args.output.as_deref(), &spliced, file)?;
    if let Some(path) = &args.masks {
        write(path, &api::plan_npz(&plan)?)?;
    }
    say!("{} of {} stay; {} bytes, {} read", plan.kept, plan.total, spliced.bytes, spliced.bytes_read);
    Ok(())
}

pub(super) fn save(path: Option<&Path>, spliced: &Spliced, source: &dyn ReadAt) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    let fault = |e: std::io::Error| {
        Error::new(Code::Io, format!("cannot be written: {e}")).file(path.display().to_string())
    };
    let mut file = BufWriter::new(File::create(path).map_err(fault)?);
    spliced.write(source, &mut |bytes| file.write_all(bytes).map_err(fault))?;
    file.flush().map_err(fault)
}

fn print(report: &ReplaceReport) {
    say!(
        "{}: {} of {} stay{}",
        report.model,
        report.figures.kept,
        report.figures.total,
        if report.figures.exact { " (exact)" } else { "" }
    );
    if let Some(reduction) = report.figures.reduction {
        say!("reduction {reduction:.1}x");
    }
    for layer in &report.figures.layers {
        let number = |n: Option<f64>| n.map_or_else(|| "-".to_owned(), |n| format!("{n:.3e}"));
        say!(
            "{:<44} {:<10} {:>9} of {:>9}  mse {:>10}  outside {:>10}",
            layer.node,
            layer.target,
            layer.kept,
            layer.elements,
            number(layer.mse),
            number(layer.outside)
        );
    }
    if let Some(compared) = &report.compared {
        let share = |n: Option<f64>| n.map_or_else(|| "-".to_owned(), |n| format!("{n:.4}"));
        say!(
            "{} samples: same class {}, divergence {}, relative error {:.3e}",
            compared.samples,
            share(compared.agreement),
            share(compared.kl),
            compared.relative_error
        );
        for (name, accuracy) in [("original", &compared.original), ("changed", &compared.changed)] {
            if let Some(accuracy) = accuracy {
                let [low, high] = accuracy.top1_interval;
                say!("  {name:<8} {:.4} [{low:.4}, {high:.4}]", accuracy.top1);
            }
        }
    }
    let folded = report.folded.iter().map(|cost| (format!("{}, scale folded", cost.protocol), cost));
    for (name, cost) in report.costs.iter().map(|cost| (cost.protocol.clone(), cost)).chain(folded) {
        let seconds = |n: Option<f64>| n.map_or_else(|| "-".to_owned(), |n| format!("{n:.3} s"));
        let change = cost.change.map_or_else(
            || "no percentage: some work has no price".to_owned(),
            |change| format!("{:+.1} %", 100.0 * change),
        );
        say!(
            "{name:<24} online {} -> {}, {} -> {} B, {change}",
            seconds(cost.before.online_seconds),
            seconds(cost.after.online_seconds),
            cost.before.bytes,
            cost.after.bytes
        );
    }
    for note in &report.notes {
        say!("note: {note}");
    }
}

pub(super) fn sweep(args: &Sweep) -> Result<(), Error> {
    let shares = || (1..=8).rev().map(|n| format!("{}%", 12.5 * f64::from(n))).collect();
    let budgets: Vec<String> = if args.budgets.is_empty() { shares() } else { args.budgets.clone() };
    let wish = args.wish.settings("0", "error")?;
    if args.csv {
        say!("{}", SWEEP_COLUMNS.join(","));
    }
    let mut told = |point: &SweepPoint| {
        if args.csv {
            for line in point.csv() {
                say!("{line}");
            }
        } else {
            let share = |n: Option<f64>| n.map_or_else(|| "-".to_owned(), |n| format!("{n:.4}"));
            say!(
                "{:<12} {:>10} {:>9} of {:>9}  accuracy {}  same class {}",
                point.policy,
                point.budget,
                point.kept,
                point.total,
                share(point.accuracy),
                share(point.agreement)
            );
        }
        true
    };
    args.wish.on_bench(&wish, |bench| api::ready(bench.sweep(&budgets, &args.policy, &mut told)))?;
    Ok(())
}
