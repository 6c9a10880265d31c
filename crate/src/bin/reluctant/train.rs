//! `reluctant train`: reads data, trains, tells of each epoch on stderr, prints and writes what came out.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reluctant::api::{
    self, ChosenOn, Code, Error, Picture, Torchvision, TrainData, TrainMethod, TrainNet, TrainProgress,
    TrainSettings, TrainWatch, Trained, TrainedBase, Untrained,
};

use super::adjust::{self, Adjust};
use super::shared::{self, name, one_of, print_json};

/// Time between two checkpoints.
const BETWEEN: Duration = Duration::from_secs(20);

/// Trains a small network, then reduces its ReLUs by a method.
#[derive(clap::Args)]
pub struct Train {
    /// digits, shapes, or a folder: of train.npz and test.npz (x and y in each), or of train/CLASS/ and test/CLASS/ with
    /// pictures (PNG or JPEG, all of one size) in them; with --pytorch also cifar10, cifar100
    /// and images, which the folder reads by a path.
    #[arg(long, required_unless_present = "x", conflicts_with_all = ["x", "y", "test_x", "test_y"])]
    data: Option<String>,
    /// Images to train on (.npy).
    #[arg(long, value_name = "FILE", requires_all = ["y", "test_x", "test_y"])]
    x: Option<PathBuf>,
    /// Their classes (.npy).
    #[arg(long, value_name = "FILE")]
    y: Option<PathBuf>,
    /// Images to test on (.npy).
    #[arg(long, value_name = "FILE")]
    test_x: Option<PathBuf>,
    /// Their classes (.npy).
    #[arg(long, value_name = "FILE")]
    test_y: Option<PathBuf>,
    /// Figures of --data shapes to train on.
    #[arg(long, value_name = "N", default_value_t = 4000)]
    shapes_train: usize,
    /// Figures of --data shapes to test on.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    shapes_test: usize,
    /// digits-cnn, plain-4-4-6, resnet-1-1-1-1, resnet-2-2-2-2, a residual network as JSON, or that of an ONNX file, whose weights
    /// are drawn; resnet-2-2-2-2 for shapes, plain-4-4-6 with --gap, else digits-cnn.
    #[arg(long, value_name = "NET|SPEC.json|FILE.onnx")]
    net: Option<String>,
    /// Channels of the first stage of resnet-...
    #[arg(long, value_name = "N", default_value_t = 8)]
    width: u32,
    /// Methods, by commas: several are tested against each other.
    #[arg(long, value_delimiter = ',', required_unless_present_any = ["gap", "criticality", "adjust"], value_parser = one_of(TrainMethod::ALL, TrainMethod::name))]
    method: Vec<TrainMethod>,
    /// ReLUs that stay, by commas.
    #[arg(long, value_name = "N", value_delimiter = ',', required_unless_present_any = ["criticality", "plan", "adjust"])]
    budget: Vec<u64>,
    /// Seeds, by commas.
    #[arg(long, value_name = "S", value_delimiter = ',', default_value = "0")]
    seed: Vec<u64>,
    /// A trained network (.onnx) instead of one with all ReLUs that is trained first.
    #[arg(long, value_name = "FILE")]
    teacher: Option<PathBuf>,
    /// A plan for the network (reluctant.plan/1) that --method plan fine-tunes.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["gap", "criticality"])]
    plan: Option<PathBuf>,
    /// Epochs of each phase.
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Epochs of the search, at most.
    #[arg(long, value_name = "N")]
    search_epochs: Option<usize>,
    /// Epochs of fine-tuning.
    #[arg(long, value_name = "N")]
    tune_epochs: Option<usize>,
    /// What chooses checkpoints. test: as released code does, and the accuracy flatters.
    #[arg(long, default_value = "validation", value_parser = one_of(ChosenOn::ALL, ChosenOn::name))]
    chosen_on: ChosenOn,
    /// AutoReP: coefficients from the released code's start values.
    #[arg(long)]
    code_start: bool,
    /// AutoReP: degree of the polynomials; 0 for x.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=2))]
    degree: u8,
    /// AutoReP: decide by channels.
    #[arg(long)]
    channels: bool,
    /// A control: training labels in random order, which must end at chance.
    #[arg(long)]
    permute_labels: bool,
    /// Adam's rate in every phase, instead of each phase's own.
    #[arg(long, value_name = "X")]
    rate: Option<f64>,
    /// SNL's lambda at the start, of each ReLU.
    #[arg(long, value_name = "X")]
    snl_lambda: Option<f64>,
    /// Seeds that are trained at once; what comes out is the same.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    jobs: u8,
    /// Goes on from a checkpoint that a divergence or a run that broke off left. Arguments as then; methods, budgets, seeds, jobs
    /// and --rate may be others.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
    /// Writes down every 20 seconds and at the end what --resume goes on from, over no other file than that. With -o it is
    /// written beside the output by itself, and deleted at the end.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Instead of methods: every mask of whole channels of a small network, without fine-tuning, and how far from the best
    /// it is what selectors keep.
    #[arg(long, conflicts_with_all = ["method", "teacher", "output", "resume", "checkpoint", "pytorch", "criticality"])]
    gap: bool,
    /// Instead of methods: trains the network with the ReLUs of each stage alone, with all and with none.
    #[arg(long, conflicts_with_all = ["method", "budget", "teacher", "output", "resume", "checkpoint", "pytorch"])]
    criticality: bool,
    #[command(flatten)]
    adjust: Adjust,
    /// Prints everything.
    #[arg(long)]
    json: bool,
    /// Trains nothing, but writes a folder in which PyTorch does, on one or many GPUs.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["json", "output"])]
    pytorch: Option<PathBuf>,
    /// Writes the network; of several, BUDGET and SEED (and the method) go into the name.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub fn run(args: &Train) -> Result<(), Error> {
    let settings = settings(args)?;
    if let Some(folder) = &args.pytorch {
        return write_folder(folder, &settings);
    }
    if args.gap {
        return gap(args, &settings);
    }
    if args.criticality {
        return criticality(args, &settings);
    }
    if let Some(how) = args.adjust.settings() {
        return adjust::adjust(&settings, &how, args.output.as_deref(), args.json);
    }
    let from = args.resume.as_deref().map(read).transpose()?;
    let mut watch = Watch { path: checkpoint(args)?, written: None, fault: None };
    let trained = api::train_on(&settings, from.as_deref(), &mut watch)
        .map_err(|untrained| stopped(watch.path.as_deref(), untrained))?;
    if let Some(fault) = watch.fault.take() {
        eprintln!("note: {fault}");
    }
    if let Some(path) = &args.output {
        write(path, &trained)?;
    }
    if args.json {
        print_json(&trained);
    } else {
        print(&trained);
    }
    // What came out is written and said: nothing is left to go on from.
    let ours = args.checkpoint.is_none() && args.output.is_some() && watch.written.is_some();
    if let Some(path) = watch.path.filter(|_| ours) {
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

/// Where checkpoints go, if anywhere before a divergence. What is there stays, but what is gone on from.
fn checkpoint(args: &Train) -> Result<Option<PathBuf>, Error> {
    let beside = args.output.as_ref().map(|path| path.with_extension("checkpoint"));
    let path = args.checkpoint.clone().or(beside).or_else(|| args.resume.clone());
    let whole = |path: &PathBuf| path.canonicalize().ok();
    let there = path.as_ref().and_then(whole);
    if there.is_some() && there != args.resume.as_ref().and_then(whole) {
        let path = path.unwrap_or_default();
        let text = format!("{} is there already: what an earlier run left would be lost", path.display());
        return Err(Error::new(Code::InvalidSetting, text).hint(format!(
            "--resume {} goes on from it; or delete it, or give another --checkpoint",
            path.display()
        )));
    }
    Ok(path)
}

/// A name that nothing has, for what no path was given for.
fn free() -> PathBuf {
    let name =
        |at: u32| if at == 0 { "train.checkpoint".to_owned() } else { format!("train-{at}.checkpoint") };
    (0..u32::MAX).map(|at| PathBuf::from(name(at))).find(|path| !path.exists()).unwrap_or_default()
}

/// Tells of each epoch on stderr, and writes checkpoints.
struct Watch {
    path: Option<PathBuf>,
    written: Option<Instant>,
    /// A checkpoint that could not be written, which is no reason to stop.
    fault: Option<String>,
}

impl TrainWatch for Watch {
    fn epoch(&mut self, at: &TrainProgress<'_>) {
        tell(at);
    }

    fn keep(&mut self, bytes: &dyn Fn() -> Vec<u8>) {
        if self.written.is_none_or(|last| last.elapsed() >= BETWEEN) {
            self.last(bytes);
        }
    }

    fn last(&mut self, bytes: &dyn Fn() -> Vec<u8>) {
        let Some(path) = &self.path else { return };
        if let Err(why) = replace(path, &bytes()) {
            self.fault = Some(format!("no checkpoint could be written to {}: {why}", path.display()));
        }
        self.written = Some(Instant::now());
    }
}

/// Writes a file at once or not at all: whoever breaks off leaves the last one whole.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("checkpoint-part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(part, path)
}

/// Where training diverged: what was made until then is written.
fn stopped(path: Option<&Path>, Untrained { error, checkpoint }: Untrained) -> Error {
    let Some(bytes) = checkpoint else { return error };
    let path = path.map_or_else(free, Path::to_path_buf);
    let hint = match replace(&path, &bytes) {
        Ok(()) => {
            let path = path.display();
            format!(
                "the last good checkpoint is in {path}; --resume {path} with a lower --rate goes on from it"
            )
        }
        Err(why) => format!("its last good checkpoint could not be written to {}: {why}", path.display()),
    };
    error.hint(hint)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::new(Code::Io, error.to_string()).file(name(path)))
}

/// The pictures of a folder of folders, one a class, in the order of their names.
fn pictures(folder: &Path) -> Result<Vec<Picture>, Error> {
    let mut found = Vec::new();
    for class in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        for path in entries(&class)? {
            let kind = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            if ["png", "jpg", "jpeg"].contains(&kind.as_str()) {
                found.push(Picture {
                    class: name(&class),
                    name: path.display().to_string(),
                    bytes: read(&path)?,
                });
            }
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed =
        |error: std::io::Error| Error::new(Code::Io, error.to_string()).file(folder.display().to_string());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn settings(args: &Train) -> Result<TrainSettings, Error> {
    let data = match (args.data.as_deref(), &args.x, &args.y, &args.test_x, &args.test_y) {
        (Some("digits"), ..) => TrainData::Digits,
        (Some("shapes"), ..) => TrainData::Shapes(args.shapes_train, args.shapes_test),
        (Some(set), ..) if args.pytorch.is_some() && set.parse::<Torchvision>().is_ok() => {
            TrainData::Torchvision(set.parse()?)
        }
        (Some(folder), ..) => {
            let folder = Path::new(folder);
            let [train, test] = ["train", "test"].map(|part| folder.join(part));
            if train.is_dir() {
                TrainData::Pictures(pictures(&train)?, pictures(&test)?)
            } else {
                let archive = |path: PathBuf| {
                    let hint = "--data takes digits, shapes, or a folder: train.npz and test.npz, or train/CLASS/ and test/CLASS/ of pictures";
                    read(&path.with_extension("npz")).map_err(|error| error.hint(hint))
                };
                TrainData::Archives(archive(train)?, archive(test)?)
            }
        }
        (None, Some(x), Some(y), Some(test_x), Some(test_y)) => {
            TrainData::Arrays([read(x)?, read(y)?, read(test_x)?, read(test_y)?])
        }
        _ => return Err(Error::new(Code::InvalidSetting, "--x, --y, --test-x and --test-y go together")),
    };
    let default = match data {
        _ if args.gap => "plain-4-4-6",
        TrainData::Shapes(..) => "resnet-2-2-2-2",
        _ => "digits-cnn",
    };
    let net = match args.net.as_deref().unwrap_or(default) {
        "digits-cnn" => TrainNet::DigitsCnn,
        "plain-4-4-6" => TrainNet::Plain,
        "resnet-1-1-1-1" => TrainNet::ResNet([1; 4], args.width),
        "resnet-2-2-2-2" => TrainNet::ResNet([2; 4], args.width),
        path if path.ends_with(".onnx") => TrainNet::Onnx(name(Path::new(path)), read(Path::new(path))?),
        path => TrainNet::Spec(String::from_utf8_lossy(&read(Path::new(path))?).into_owned()),
    };
    let plan = args.plan.as_deref().map(shared::read).transpose()?;
    let teacher = args.teacher.as_ref().map(|path| Ok((name(path), read(path)?))).transpose()?;
    Ok(TrainSettings {
        data,
        net,
        teacher,
        plan,
        methods: args.method.clone(),
        budgets: args.budget.clone(),
        seeds: args.seed.clone(),
        epochs: [args.epochs, args.search_epochs.or(args.epochs), args.tune_epochs.or(args.epochs)],
        chosen_on: args.chosen_on,
        code_start: args.code_start,
        degree: usize::from(args.degree),
        channels: args.channels,
        permuted: args.permute_labels,
        rate: args.rate,
        snl_lambda: args.snl_lambda,
        jobs: usize::from(args.jobs),
    })
}

fn gap(args: &Train, settings: &TrainSettings) -> Result<(), Error> {
    let gap = api::train_gap(settings, &mut |words| eprintln!("{words}"))?;
    if args.json {
        print_json(&gap);
        return Ok(());
    }
    say!(
        "{} masks of {} channels, {} ReLUs, {} images",
        1u64 << gap.channels,
        gap.channels,
        gap.relus,
        gap.images[2]
    );
    for of in &gap.seeds {
        for front in &of.fronts {
            for at in &front.budgets {
                let selectors = at.selectors.iter();
                let regrets: Vec<_> =
                    selectors.map(|kept| format!("{} {:.3}", kept.selector.name(), kept.regret)).collect();
                say!(
                    "seed {}, {}, {} ReLUs: best {:.3}; regret {}",
                    of.seed,
                    front.instead.name(),
                    at.budget,
                    at.best,
                    regrets.join(", ")
                );
            }
        }
    }
    Ok(())
}

fn criticality(args: &Train, settings: &TrainSettings) -> Result<(), Error> {
    let trained = api::train_stages(settings, &mut tell).map_err(|untrained| stopped(None, untrained))?;
    if args.json {
        print_json(&trained);
        return Ok(());
    }
    let mean =
        |of: &[TrainedBase]| of.iter().map(|base| base.test_accuracy).sum::<f64>() / of.len().max(1) as f64;
    say!("all ReLUs {:.4}, none {:.4}", mean(&trained.all), mean(&trained.none));
    for stage in &trained.stages {
        let (at, relus, accuracy) = (stage.stage, stage.relus, mean(&stage.seeds));
        say!("stage {at} alone, {relus} ReLUs: {accuracy:.4}, criticality {:.4}", stage.criticality);
    }
    let order: Vec<_> = trained.order.iter().map(|stage| format!("S{stage}")).collect();
    say!("order: {}", order.join(" > "));
    Ok(())
}

fn tell(at: &TrainProgress<'_>) {
    let budget = at.budget.map(|budget| format!(" to {budget}")).unwrap_or_default();
    eprintln!(
        "{}{budget}, seed {}, epoch {} of {}: loss {:.4}, validation {:.3}, {} ReLUs",
        at.what, at.seed, at.epoch, at.epochs, at.loss, at.validation, at.relus
    );
}

fn write(path: &Path, trained: &Trained) -> Result<(), Error> {
    let several = trained.files.len() > 1;
    for file in &trained.files {
        let mut to = path.to_path_buf();
        if several {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            to.set_file_name(format!("{stem}-{}-{}-{}.onnx", file.method.name(), file.budget, file.seed));
        }
        std::fs::write(&to, &file.bytes)
            .map_err(|error| Error::new(Code::Io, error.to_string()).file(name(&to)))?;
    }
    Ok(())
}

fn write_folder(folder: &Path, settings: &TrainSettings) -> Result<(), Error> {
    let failed =
        |path: &Path, error: std::io::Error| Error::new(Code::Io, error.to_string()).file(name(path));
    let files = api::pytorch_folder(settings)?;
    for (path, bytes) in &files {
        let to = folder.join(path);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|error| failed(parent, error))?;
        }
        std::fs::write(&to, bytes).map_err(|error| failed(&to, error))?;
    }
    say!("{} files in {}: torchrun --nproc_per_node 2 train.py", files.len(), folder.display());
    Ok(())
}

fn print(trained: &Trained) {
    for base in &trained.bases {
        say!("{:<12} {:>8} ReLUs, seed {}: {:.4}", "all", base.relus, base.seed, base.test_accuracy);
    }
    for result in &trained.results {
        say!(
            "{:<12} {:>8} ReLUs, seed {}: {:.4}, {:.4} before fine-tuning ({:.0} s)",
            result.method.name(),
            result.relus,
            result.seed,
            result.test_accuracy,
            result.accuracy_before_finetune,
            result.seconds
        );
    }
    for pair in trained.paired.iter().filter(|pair| pair.seed.is_none()) {
        let (first, second) = (pair.first.name(), pair.second.name());
        say!(
            "{first} against {second} at {}: {} and {} images alone, McNemar p {:.3e}",
            pair.budget,
            pair.only_first,
            pair.only_second,
            pair.p
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        train: Train,
    }

    fn line(more: &[&str]) -> Train {
        let words = "train --data shapes --shapes-train 40 --shapes-test 20 --net resnet-1-1-1-1 --width 2 \
                     --method random --budget 40 --epochs 2";
        Line::try_parse_from(words.split_whitespace().chain(more.iter().copied())).unwrap().train
    }

    struct Epochs(usize);

    impl TrainWatch for Epochs {
        fn epoch(&mut self, _: &TrainProgress<'_>) {
            self.0 += 1;
        }
    }

    /// All is done sooner than a second checkpoint is due: it holds all nevertheless, and is not written over.
    #[test]
    fn a_checkpoint_holds_all_at_the_end_and_stays() {
        let folder = std::env::temp_dir().join(format!("reluctant-checkpoint-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let [kept, net] = ["kept", "net.onnx"].map(|name| folder.join(name));
        let path = kept.to_str().unwrap();
        let args = line(&["--checkpoint", path]);
        run(&args).unwrap();
        let bytes = std::fs::read(&kept).unwrap();
        let mut again = Epochs(0);
        api::train_on(&settings(&args).unwrap(), Some(&bytes), &mut again).unwrap();
        assert_eq!(again.0, 0, "nothing is trained again");

        let refused = run(&args).unwrap_err();
        assert!(refused.to_string().contains("is there already"), "{refused}");
        assert!(refused.hint.contains("--resume"));
        assert_eq!(std::fs::read(&kept).unwrap(), bytes);
        run(&line(&["--checkpoint", path, "--resume", path])).unwrap();
        // The one beside an output, which a run that broke off left.
        let beside = net.with_extension("checkpoint");
        std::fs::write(&beside, &bytes).unwrap();
        let output = net.to_str().unwrap();
        assert!(run(&line(&["-o", output])).is_err() && !net.exists());
        run(&line(&["-o", output, "--resume", beside.to_str().unwrap()])).unwrap();
        assert!(net.exists() && !beside.exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
