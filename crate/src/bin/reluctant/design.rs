//! `reluctant design`.

use std::path::PathBuf;

use reluctant::api::{self, Block, EqualiseSettings, Error, RankBy};

use super::cost::Terms;
use super::run::write;
use super::shared::{name, one_of, print_json, read, spec};

#[derive(clap::Subcommand)]
pub(super) enum Design {
    /// Builds a spec: an ONNX file with seeded He weights, a PyTorch module.
    Build(Build),
    /// Finds channel multipliers that put the ReLUs of stages in order of their criticality.
    Equalise(Equalise),
    /// What one channel more costs, for each set of layers that must widen together.
    Gradient(super::diff::Gradient),
    /// Scores every candidate of a family, prints the front.
    Sweep(Sweep),
    /// Takes ReLUs out of a spec or changes its widths, prints the new spec.
    Alter(Alter),
    /// Plans coarse steps on a model: culling, thinning, groups; `reluctant replace --apply` carries the plan out.
    Coarse(super::coarse::Coarse),
    /// Measures what each stage's ReLUs bring, by running the model; the order is for `equalise`.
    Criticality(super::coarse::Criticality),
    /// Searches small cells at a ReLU budget by short training on drawn figures, beside random cells of equal ReLUs.
    Cells(super::cells::Cells),
    /// Lists papers' headline claims beside what is computed here.
    Claims {
        /// Prints everything.
        #[arg(long)]
        json: bool,
    },
    /// Lists the networks of the literature, or prints the spec of one.
    Preset {
        /// One of the list.
        name: Option<String>,
        /// Prints the list with sources, counts and specs.
        #[arg(long, conflicts_with = "name")]
        json: bool,
    },
}

#[derive(clap::Args)]
pub(super) struct Build {
    /// The spec (docs/design.md).
    spec: PathBuf,
    /// The ONNX file to write.
    #[arg(short, long, value_name = "FILE", required_unless_present = "pytorch")]
    output: Option<PathBuf>,
    /// The PyTorch module to write.
    #[arg(long, value_name = "FILE")]
    pytorch: Option<PathBuf>,
    /// Seed of the weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

#[derive(clap::Args)]
pub(super) struct Equalise {
    /// Blocks of each stage, 2 to 6 stages.
    #[arg(long, value_name = "N,N,..", value_delimiter = ',', required = true)]
    blocks: Vec<u32>,
    /// Stages from the most critical to the least.
    #[arg(long, value_name = "N,N,..", value_delimiter = ',', required = true)]
    order: Vec<u32>,
    /// Least multiplier.
    #[arg(long, default_value_t = 2)]
    min_mult: u32,
    /// Largest multiplier.
    #[arg(long, default_value_t = 64)]
    max_mult: u32,
    /// Kind of block.
    #[arg(long, default_value = "basic", value_parser = one_of(Block::ALL, Block::name))]
    block: Block,
    /// Stride of each stage; 1, then 2 each, unless said.
    #[arg(long, value_name = "N,N,..", value_delimiter = ',')]
    strides: Vec<u32>,
    /// Channels of the stem and of the first stage.
    #[arg(long, default_value_t = 16)]
    base: u32,
    /// Channels, height and width of the input.
    #[arg(long, value_name = "C,H,W", value_delimiter = ',', num_args = 1, default_value = "3,32,32")]
    input: Vec<u32>,
    /// Classes.
    #[arg(long, default_value_t = 100)]
    classes: u32,
    /// Puts this first multiplier in each solution: 2 for low budgets.
    #[arg(long)]
    alpha: Option<u32>,
    /// Leaves out networks of more ReLUs.
    #[arg(long, value_name = "N")]
    max_relus: Option<u64>,
    /// What comes first.
    #[arg(long, default_value = "macs", value_parser = one_of(RankBy::ALL, RankBy::name))]
    rank: RankBy,
    #[command(flatten)]
    pricing: Terms,
    /// Prints everything (reluctant.equalise/1).
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(super) struct Alter {
    /// The spec.
    spec: PathBuf,
    /// Stages that lose all ReLUs, from 1; the first takes the stem's with it.
    #[arg(long, value_name = "N,..", value_delimiter = ',')]
    cull: Vec<usize>,
    /// One of two ReLUs in each block.
    #[arg(long)]
    thin: bool,
    /// No ReLUs after sums.
    #[arg(long)]
    skip: bool,
    /// Channels times four as the map halves.
    #[arg(long)]
    balance: bool,
    /// Channels over so many.
    #[arg(long, default_value_t = 1)]
    narrow: u32,
    /// Sides of all maps over so many, by the stem's stride.
    #[arg(long, default_value_t = 1)]
    shrink: u32,
}

#[derive(clap::Args)]
pub(super) struct Sweep {
    /// What varies, what is kept, what the front is of (docs/design.md).
    sweep: PathBuf,
    /// Does part I of N.
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    shard: String,
    /// Prints the front as CSV; JSON (reluctant.design-sweep/1) otherwise.
    #[arg(long)]
    csv: bool,
}

#[derive(clap::Args)]
pub(super) struct Merge {
    /// The parts.
    #[arg(required = true)]
    parts: Vec<PathBuf>,
    /// Prints the front as CSV; JSON otherwise.
    #[arg(long)]
    csv: bool,
}

pub(super) fn run(verb: &Design) -> Result<(), Error> {
    match verb {
        Design::Build(args) => build(args),
        Design::Equalise(args) => equalise(args),
        Design::Gradient(args) => super::diff::gradient(args),
        Design::Sweep(args) => sweep(args),
        Design::Alter(args) => alter(args),
        Design::Coarse(args) => super::coarse::coarse(args),
        Design::Criticality(args) => super::coarse::criticality(args),
        Design::Cells(args) => super::cells::cells(args),
        Design::Claims { json } => claims(*json),
        Design::Preset { name, json } => preset(name.as_deref(), *json),
    }
}

fn build(args: &Build) -> Result<(), Error> {
    let spec = spec(&args.spec)?;
    if let Some(path) = &args.pytorch {
        write(path, api::design_pytorch(&spec)?.as_bytes())?;
    }
    if let Some(path) = &args.output {
        write(path, &api::design_onnx(&spec, &name(&args.spec), args.seed)?)?;
    }
    Ok(())
}

fn equalise(args: &Equalise) -> Result<(), Error> {
    let input = args.input.as_slice().try_into().map_err(|_| {
        Error::new(api::Code::InvalidSetting, "the input has channels, a height and a width")
            .hint("--input 3,32,32")
    })?;
    let report = api::equalise(&EqualiseSettings {
        blocks: args.blocks.clone(),
        order: args.order.clone(),
        min_mult: args.min_mult,
        max_mult: args.max_mult,
        block: args.block,
        strides: args.strides.clone(),
        base: args.base,
        input,
        classes: args.classes,
        alpha: args.alpha,
        max_relus: args.max_relus,
        rank: args.rank,
        cost: args.pricing.ask()?,
    })?;
    if args.json {
        print_json(&report);
        return Ok(());
    }
    say!("{:<20} {:>12} {:>16} {:>14}  ReLUs of stages", "network", "ReLUs", "MACs", "params");
    for s in &report.solutions {
        let stages: Vec<String> = s.stage_relus.iter().map(u64::to_string).collect();
        say!("{:<20} {:>12} {:>16} {:>14}  {}", s.name, s.relus, s.macs, s.params, stages.join(" "));
    }
    if report.bounded {
        say!("there are more above the largest multiplier, {}", args.max_mult);
    }
    Ok(())
}

fn preset(name: Option<&str>, json: bool) -> Result<(), Error> {
    if let Some(name) = name {
        print_json(&api::preset(name)?.spec);
    } else if json {
        print_json(&api::presets());
    } else {
        for preset in api::presets() {
            let kept = preset.kept.map_or_else(String::new, |kept| format!(", of which {kept:.0} stay"));
            say!("{:<42} {}: {} ReLUs{kept}, {} MACs", preset.name, preset.title, preset.relus, preset.macs);
        }
    }
    Ok(())
}

fn sweep(args: &Sweep) -> Result<(), Error> {
    let bad = || Error::new(api::Code::InvalidSetting, "a part is written I/N, from 1/N to N/N");
    let (part, of) = args.shard.split_once('/').ok_or_else(bad)?;
    let shard = [part.parse().map_err(|_| bad())?, of.parse().map_err(|_| bad())?];
    let mut explorer = api::Explorer::new(json(&args.sweep)?, shard)?;
    let start = std::time::Instant::now();
    while explorer.step(1 << 16, &mut |_, _| {})? {}
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{} candidates in {seconds:.3} s: {:.0} a second",
        explorer.done(),
        explorer.done() as f64 / seconds
    );
    print_sweep(&explorer.report(), args.csv);
    Ok(())
}

pub(super) fn merge(args: &Merge) -> Result<(), Error> {
    let parts = args.parts.iter().map(|path| json(path)).collect::<Result<Vec<_>, _>>()?;
    print_sweep(&api::merge(&parts)?, args.csv);
    Ok(())
}

fn print_sweep(report: &api::ExploreReport, csv: bool) {
    if csv {
        say!("{}", api::explore_csv(report).trim_end());
    } else {
        print_json(report);
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &std::path::Path) -> Result<T, Error> {
    let fault = |e: serde_json::Error| {
        Error::new(api::Code::InvalidSetting, format!("the file cannot be read: {e}"))
            .file(path.display().to_string())
            .hint("docs/design.md describes it")
    };
    serde_json::from_str(&read(path)?).map_err(fault)
}

fn alter(args: &Alter) -> Result<(), Error> {
    let mut spec = spec(&args.spec)?.narrowed(args.narrow).shrunk(args.shrink).culled(&args.cull);
    for (asked, change) in [
        (args.thin, api::Spec::thinned as fn(api::Spec) -> api::Spec),
        (args.skip, api::Spec::without_skip_relus),
        (args.balance, api::Spec::balanced),
    ] {
        spec = if asked { change(spec) } else { spec };
    }
    spec.check()?;
    print_json(&spec);
    Ok(())
}

fn claims(json: bool) -> Result<(), Error> {
    let claims = api::claims()?;
    if json {
        print_json(&claims);
        return Ok(());
    }
    for claim in claims {
        let number = |n: Option<f64>| n.map_or_else(|| "-".to_owned(), |n| format!("{n:.3}"));
        let (published, computed) = (number(claim.published), number(claim.computed));
        say!("{published:>10} {computed:>10} {:<8} {} ({})", claim.unit, claim.claim, claim.source);
        say!("{:>30} {}", "", claim.how);
    }
    Ok(())
}
