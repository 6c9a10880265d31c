//! Replacing: the accuracy that polynomials leave, rewritten files against ONNX Runtime's outputs,
//! costs before and after, plans that are read back, sweeps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;

use reluctant::api::{
    self, LocalFile, Model, NamedFile, OwnFile, Plan, ReadAt, ReplaceReport, ReplaceSettings, RunOptions,
    RunRequest, RunSession, Settings, Spliced, Tensor, Terms, Workbench,
};
use reluctant_tests::corpus;

fn go(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn arrays(path: &str) -> Vec<(String, Tensor)> {
    let path = corpus(path);
    api::arrays(&path.file_name().unwrap().to_string_lossy(), &fs::read(&path).unwrap()).unwrap()
}

fn bytes_of(spliced: &Spliced, source: &dyn ReadAt) -> Vec<u8> {
    let mut out = Vec::new();
    spliced
        .write(source, &mut |part| {
            out.extend_from_slice(part);
            Ok(())
        })
        .unwrap();
    out
}

/// Plan, changed bytes and report of a model of the corpus.
fn replaced(
    model: &str,
    wish: &ReplaceSettings,
    data: Option<&str>,
    test: Option<&str>,
) -> (Plan, Vec<u8>, ReplaceReport) {
    let mut bench = bench(model, wish, data, test);
    let (plan, spliced, report) = api::ready(bench.replace()).unwrap();
    let bytes = bytes_of(&spliced, bench.file().unwrap().bytes);
    (plan, bytes, report)
}

/// A model of the corpus on the bench.
fn bench(model: &str, wish: &ReplaceSettings, data: Option<&str>, test: Option<&str>) -> Workbench {
    bench_under(&Settings::default(), model, wish, data, test)
}

fn bench_under(
    settings: &Settings,
    model: &str,
    wish: &ReplaceSettings,
    data: Option<&str>,
    test: Option<&str>,
) -> Workbench {
    let file = LocalFile::open(&corpus(model)).unwrap();
    let files: Vec<OwnFile> = vec![(model.to_owned(), Box::new(file))];
    let mut bench = Workbench::open(files, settings, &RunOptions::default()).unwrap();
    bench.set_data(data.map(arrays));
    bench.set_test(test.map(arrays), None);
    bench.set_wish(wish).unwrap();
    bench
}

const DIGITS: &str = "digits/digits_cnn.onnx";

fn on_digits(wish: &ReplaceSettings) -> (Plan, Vec<u8>, ReplaceReport) {
    replaced(DIGITS, wish, Some("digits/digits_train.npz"), Some("digits/digits.npz"))
}

/// PyTorch's accuracies without fine-tuning; an image is 0.002.
#[test]
fn digits_without_any_relu() {
    for (method, sequential, expected) in [
        ("dapa", false, 0.984),
        ("dapa", true, 0.986),
        ("0.25x2+0.5x", true, 0.966),
        ("identity", true, 0.436),
    ] {
        let wish = ReplaceSettings {
            method: method.to_owned(),
            sequential,
            policy: "uniform".to_owned(),
            ..ReplaceSettings::default()
        };
        let (plan, _, report) = on_digits(&wish);
        assert_eq!((plan.total, plan.kept), (1568, 0));
        let compared = report.compared.unwrap();
        assert_eq!((compared.samples, compared.original.unwrap().top1), (500, 0.994));
        let accuracy = compared.changed.unwrap().top1;
        assert!((accuracy - expected).abs() <= 0.006, "{method}, sequential {sequential}: {accuracy}");
    }
}

#[test]
fn budgets_are_met_and_the_files_count_says_so() {
    let budget = |budget: &str, policy: &str, granularity: &str| ReplaceSettings {
        budget: budget.to_owned(),
        policy: policy.to_owned(),
        granularity: granularity.to_owned(),
        sequential: false,
        ..ReplaceSettings::default()
    };
    for (wish, kept) in [
        (budget("25%", "error", "pixel"), Some(392)),
        (budget("392", "senet", "pixel"), Some(392)),
        (budget("400", "balance", "channel"), None),
        (budget("25%", "criticality", "layer"), None),
        (budget("800", "error", "layer"), None),
    ] {
        let (plan, bytes, report) = on_digits(&wish);
        assert!(report.figures.kept <= report.figures.budget && report.figures.kept == plan.kept, "{wish:?}");
        if let Some(kept) = kept {
            assert_eq!(report.figures.kept, kept);
        }
        let again = NamedFile { name: "again.onnx".to_owned(), bytes: &bytes };
        let score =
            Model::open(&again, Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap().score;
        assert_eq!(score.totals.relu.elements, plan.kept, "{wish:?}: the count of the file is the plan's");
        assert!(report.compared.unwrap().changed.unwrap().top1 > 0.95, "{wish:?}");
        // A plan that is read back gives the same bytes.
        let read = Plan::from_json(&plan.to_json().unwrap()).unwrap();
        assert_eq!(read, plan);
        let file = LocalFile::open(&corpus(DIGITS)).unwrap();
        let named = NamedFile { name: DIGITS.to_owned(), bytes: &file };
        let spliced = read.apply(&named, &Settings::default(), &mut go).unwrap();
        assert!(bytes_of(&spliced, &file) == bytes, "{wish:?}");
    }
}

/// `make.py` has ONNX check the files and ONNX Runtime run them; we must write the same bytes and
/// compute the same numbers. Relative to the largest output; float16 runs here as float32.
#[test]
fn rewritten_files_are_those_that_onnx_has_checked() {
    let cases = [
        ("all", "net", 1e-5),
        ("channels", "net", 1e-5),
        ("pixels", "net", 1e-5),
        ("by_channel", "net", 1e-5),
        ("old", "old", 1e-5),
        ("half", "half", 1e-2),
        ("functions", "functions", 1e-5),
        ("external", "external", 1e-5),
        ("dropped", "residual", 1e-5),
        ("dropped_old", "old", 1e-5),
    ];
    let mut failed = Vec::new();
    for (case, model, tolerance) in cases {
        let at = |name: String| corpus(format!("rewrite/{name}"));
        let plan = Plan::from_json(&fs::read_to_string(at(format!("{case}.plan.json"))).unwrap()).unwrap();
        let file = LocalFile::open(&at(format!("{model}.onnx"))).unwrap();
        let named = NamedFile { name: format!("{model}.onnx"), bytes: &file };
        let spliced = plan.apply(&named, &Settings::default(), &mut go).unwrap();
        let bytes = bytes_of(&spliced, &file);
        if bytes != fs::read(at(format!("{case}.out.onnx"))).unwrap() {
            failed.push(format!("{case}: other bytes than those that were checked"));
        }
        let beside = LocalFile::open(&at("external.bin".to_owned())).unwrap();
        let files = [
            NamedFile { name: format!("{case}.onnx"), bytes: &bytes },
            NamedFile { name: "external.bin".to_owned(), bytes: &beside },
        ];
        let mut session =
            RunSession::open(&files, &Settings::default(), &RunOptions::default(), &mut go).unwrap();
        let given = session.given(arrays(&format!("rewrite/{model}.x.npy")), None).unwrap();
        let outcome = api::ready(session.run(given, &RunRequest::default(), &mut go)).unwrap();
        let wanted = arrays(&format!("rewrite/{case}.out.npy")).remove(0).1;
        let (found, wanted): (Vec<f64>, Vec<f64>) =
            (outcome.outputs[0].1.data().convert(), wanted.data().convert());
        let scale = wanted.iter().fold(0f64, |m, v| m.max(v.abs()));
        let off = found.iter().zip(&wanted).fold(0f64, |m, (a, b)| m.max((a - b).abs())) / scale;
        if found.len() != wanted.len() || off.is_nan() || off > tolerance {
            failed.push(format!("{case}: {off:e} off"));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

fn costs(model: &str, wish: &ReplaceSettings, protocols: &[&str]) -> Vec<api::CostChange> {
    let protocols = protocols.iter().map(|p| (*p).to_owned()).collect();
    let cost = Terms { protocols, ..Terms::default() };
    let wish = ReplaceSettings { cost, policy: "uniform".to_owned(), ..wish.clone() };
    replaced(model, &wish, None, None).2.costs
}

/// Fewer ReLUs cost less, and the costs of the changed file are those of its own counts.
#[test]
fn costs_before_and_after() {
    for model in ["models/resnet20_32.legacy.op13.b1.onnx", DIGITS] {
        let protocols = ["semi2k", "aby3", "delphi:server-garbler", "cheetah:spu"];
        let changes = costs(model, &ReplaceSettings::default(), &protocols);
        assert_eq!(changes.len(), 4);
        for change in changes {
            // Products of two secrets cost Cheetah more than its comparisons: the sign turns.
            let more = change.protocol.starts_with("cheetah");
            assert!((change.after.bytes > change.before.bytes) == more, "{model}: {change:?}");
            assert_eq!(change.worse, change.change.is_some_and(|change| change > 0.0));
            // Of lower bounds there is no percentage.
            assert_eq!(change.change.is_none(), change.before.partial || change.after.partial, "{change:?}");
        }
        // Keeping everything changes nothing.
        let all = ReplaceSettings { budget: "100%".to_owned(), ..ReplaceSettings::default() };
        for change in costs(model, &all, &protocols) {
            assert!(change.before == change.after && change.change.unwrap_or(0.0) == 0.0 && !change.worse);
        }
    }
}

#[test]
fn a_budget_in_bytes_is_kept() {
    let wish = ReplaceSettings {
        unit: api::BudgetUnit::Bytes,
        budget: "0".to_owned(),
        policy: "uniform".to_owned(),
        cost: Terms::under("semi2k"),
        ..ReplaceSettings::default()
    };
    let model = "models/resnet20_32.legacy.op13.b1.onnx";
    let none = costs(model, &ReplaceSettings::default(), &["semi2k"]).remove(0);
    let all = none.before.bytes;
    let half = none.after.bytes + (all - none.after.bytes) / 2;
    let (_, _, report) = replaced(model, &ReplaceSettings { budget: half.to_string(), ..wish }, None, None);
    let after = report.costs[0].after.bytes;
    assert!(after <= half, "{after} of {half}");
    assert!(after as f64 > 0.9 * half as f64, "{after} of {half}: the budget is used");
}

/// Under Cheetah a polynomial has no price: what it saves is not known, however the budget is written. Where nothing stands
/// in for an activation it is. CrypTen has no compute times.
#[test]
fn a_budget_counts_no_lower_bound_as_the_whole() {
    let model = "models/resnet20_32.legacy.op13.b1.onnx";
    let asked = |protocol: &str, unit, budget: &str, method: &str| {
        let wish = ReplaceSettings {
            unit,
            budget: budget.to_owned(),
            policy: "uniform".to_owned(),
            method: method.to_owned(),
            cost: Terms::under(protocol),
            ..ReplaceSettings::default()
        };
        api::ready(bench(model, &wish, None, None).replace()).map(|(_, _, report)| report.figures.kept)
    };
    let (bytes, seconds) = (api::BudgetUnit::Bytes, api::BudgetUnit::Seconds);
    for budget in ["50%", "200000000"] {
        let refused = asked("cheetah:paper", bytes, budget, "dapa").unwrap_err();
        assert_eq!(refused.code, api::Code::InvalidSetting);
        assert!(refused.message.contains("no product of two secrets"), "{refused}");
        assert!(refused.message.contains("1 of 2 pieces have none"), "{refused}");
    }
    assert!(asked("cheetah:paper", bytes, "50%", "identity").unwrap() < 188_416);
    assert!(asked("crypten", bytes, "50%", "dapa").unwrap() < 188_416);
    let refused = asked("crypten", seconds, "50%", "dapa").unwrap_err();
    assert!(refused.message.contains("compute times of crypten are not known"), "{refused}");
}

#[test]
fn a_sweep_falls_with_its_budget() {
    let wish =
        ReplaceSettings { method: "identity".to_owned(), sequential: false, ..ReplaceSettings::default() };
    let mut bench = bench(DIGITS, &wish, Some("digits/digits.npz"), None);
    let budgets = ["100%", "50%", "0%"].map(str::to_owned);
    let mut seen = 0;
    let told = &mut |_: &api::SweepPoint| {
        seen += 1;
        true
    };
    let points = api::ready(bench.sweep(&budgets, &["random".to_owned()], told)).unwrap();
    assert_eq!((points.len(), seen), (3, 3));
    let accuracy: Vec<f64> = points.iter().map(|p| p.accuracy.unwrap()).collect();
    assert_eq!(points.iter().map(|p| p.kept).collect::<Vec<_>>(), [1568, 784, 0]);
    assert!(accuracy[0] == 0.994 && accuracy[0] > accuracy[1] && accuracy[1] > accuracy[2], "{accuracy:?}");
    let columns = api::SWEEP_COLUMNS.len();
    assert!(points.iter().flat_map(api::SweepPoint::csv).all(|line| line.split(',').count() == columns));
}

/// What a model gives on random inputs of four samples: whether every output is a number.
fn gives_numbers(bytes: &[u8]) -> bool {
    let files = [NamedFile { name: "changed.onnx".to_owned(), bytes: &bytes }];
    let mut session =
        RunSession::open(&files, &Settings::default(), &RunOptions::default(), &mut go).unwrap();
    let given = session.random(4, 0).unwrap();
    let outcome = api::ready(session.run(given, &RunRequest::default(), &mut go)).unwrap();
    let outputs: Vec<f64> = outcome.outputs[0].1.data().convert();
    outputs.iter().all(|value| value.is_finite())
}

/// Without data a model is tried on random inputs before it is handed out; the file itself, run again, says whether that
/// was right.
#[test]
fn a_plan_without_data_that_gives_no_numbers_is_said() {
    let wish = ReplaceSettings { budget: "0".to_owned(), ..ReplaceSettings::default() };
    for model in [DIGITS, "rewrite/net.onnx"] {
        let (mut plan, bytes, report) = replaced(model, &wish, None, None);
        let said = |notes: &[String]| notes.iter().any(|note| note.contains("gives NaN or infinity"));
        assert_eq!(said(&report.notes), !gives_numbers(&bytes), "{model}: {:?}", report.notes);
        // Coefficients that fit float32, and squares that do not.
        for layer in &mut plan.layers {
            layer.coefficients.iter_mut().for_each(|row| *row = vec![1.0, 1e30, 1e30]);
        }
        let mut bench = bench(model, &wish, None, None);
        let spliced = bench.carry_out(&plan).unwrap();
        let bytes = bytes_of(&spliced, bench.file().unwrap().bytes);
        assert!(!gives_numbers(&bytes), "{model}");
        let note = api::ready(bench.doubt(&spliced)).unwrap().unwrap_or_default();
        assert!(note.starts_with("on random inputs the changed model gives NaN or infinity from "), "{note}");
        assert!(note.contains("where the original gives numbers"), "{note}");
    }
    // With data it is those that are run.
    let mut bench = bench(DIGITS, &wish, Some("digits/digits.npz"), None);
    let (mut plan, ..) = api::ready(bench.replace()).unwrap();
    for layer in &mut plan.layers {
        layer.coefficients.iter_mut().for_each(|row| *row = vec![1.0, 1e30, 1e30]);
    }
    let spliced = bench.carry_out(&plan).unwrap();
    let note = api::ready(bench.doubt(&spliced)).unwrap().unwrap_or_default();
    assert!(note.starts_with("on the first samples the changed model gives NaN or infinity"), "{note}");
}

/// The network with the rows of the unfolded input removed: products of matrices in the place of its convolutions.
fn removed(rows: &[api::Row], plan: &[api::Stay]) -> Vec<api::Row> {
    let of_row = |row: &api::Row| {
        let Some(stay) = plan.iter().find(|stay| stay.index == row.index) else { return row.clone() };
        let of_work = |work: &api::Work| match work {
            api::Work::Conv(conv) => api::Work::MatMul {
                batch: 1,
                m: stay.kept / conv.out_channels,
                k: conv.in_channels * conv.kernel.iter().product::<u64>(),
                n: conv.out_channels,
                secret: false,
                steps: 1,
            },
            api::Work::Activation(a) => {
                api::Work::Activation(api::Activation { elements: stay.kept, comparisons: stay.kept, ..*a })
            }
            other => other.clone(),
        };
        api::Row { work: row.work.iter().map(of_work).collect(), ..row.clone() }
    };
    rows.iter().map(of_row).collect()
}

/// Outputs that are dropped with the activations: what the plan in force costs is what the written file costs, under every
/// protocol; under SEMI2K it is the network with those rows removed, to the byte.
#[test]
fn dropped_outputs_cost_what_rows_removed_do() {
    for model in [DIGITS, "models/resnet20_32.legacy.op13.b1.onnx"] {
        let wish = ReplaceSettings {
            budget: "70%".to_owned(),
            policy: "nested".to_owned(),
            granularity: "spatial".to_owned(),
            drop_outputs: true,
            ..ReplaceSettings::default()
        };
        let mut bench = bench(model, &wish, None, None);
        let planned = api::ready(bench.planned()).unwrap();
        let (plan, spliced, report) = api::ready(bench.replace()).unwrap();
        let bytes = bytes_of(&spliced, bench.file().unwrap().bytes);
        let layers = plan.layers.iter().filter(|layer| !layer.drops.is_empty()).count();
        assert!(layers >= 2, "{model}: {layers}");
        assert!(planned.replaced.len() >= 2 * layers && report.figures.kept <= report.figures.budget);
        let scored = |bytes: &dyn ReadAt| {
            let named = NamedFile { name: "m.onnx".to_owned(), bytes };
            Model::open(&named, Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap()
        };
        let file = LocalFile::open(&corpus(model)).unwrap();
        let (original, changed) = (scored(&file), scored(&bytes));
        assert!(changed.score.totals.macs < original.score.totals.macs);
        assert_eq!(changed.score.totals.relu.elements, plan.kept);
        let price = |rows: &[api::Row], protocol: &str, activations| {
            let ask = api::Ask { terms: Terms::under(protocol), activations };
            api::cost_of(rows, &ask, api::Detail::Totals).unwrap().estimates.remove(0).bytes_total
        };
        let keep = || api::Activations::Keep;
        let stays = || api::Activations::Plan(planned.replaced.clone());
        for protocol in ["semi2k", "aby3", "trio", "fss", "crypten", "delphi:server-garbler", "cheetah:spu"] {
            let [force, written] =
                [price(original.rows(), protocol, stays()), price(changed.rows(), protocol, keep())];
            assert_eq!(force, written, "{model} {protocol}");
        }
        let recounted = price(&removed(original.rows(), &planned.replaced), "semi2k", keep());
        assert_eq!(price(original.rows(), "semi2k", stays()), recounted, "{model}");
        // The plan is read back to the same bytes, and held to what it may drop.
        let again = Plan::from_json(&plan.to_json().unwrap()).unwrap();
        assert!(bytes_of(&bench.carry_out(&again).unwrap(), bench.file().unwrap().bytes) == bytes);
        let mut other = again.clone();
        other.layers[0].drops = vec!["nothing".to_owned()];
        assert_eq!(bench.carry_out(&other).unwrap_err().code, api::Code::InvalidSetting);
        assert_eq!(bench.held(&again).unwrap().replaced, planned.replaced);
    }
}

/// A constant is written as 0 x + c and 2 x^2 as x 2 x: a product with a whole number is free in the plan as in the file.
#[test]
fn whole_coefficients_cost_in_the_plan_what_they_do_in_the_file() {
    let wish = ReplaceSettings { policy: "uniform".to_owned(), ..ReplaceSettings::default() };
    let mut bench = bench(DIGITS, &wish, None, None);
    let (mut plan, ..) = api::ready(bench.replace()).unwrap();
    let scored = |bytes: &dyn ReadAt| {
        let named = NamedFile { name: "m.onnx".to_owned(), bytes };
        Model::open(&named, Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap()
    };
    let original = scored(&LocalFile::open(&corpus(DIGITS)).unwrap());
    for (coefficients, scales) in [
        (vec![0.5], 0),
        (vec![0.0], 0),
        (vec![0.0, 0.0, 2.0], 0),
        (vec![0.5, -3.0], 0),
        (vec![0.0, 0.5], 1),
        (vec![0.0, 0.0, 300.0], 1),
    ] {
        plan.layers.iter_mut().for_each(|layer| layer.coefficients = vec![coefficients.clone()]);
        let replaced = bench.held(&plan).unwrap().replaced;
        assert!(replaced.iter().all(|stay| stay.scales == scales), "{coefficients:?}: {replaced:?}");
        let spliced = bench.carry_out(&plan).unwrap();
        let changed = scored(&bytes_of(&spliced, bench.file().unwrap().bytes));
        let price = |rows: &[api::Row], activations| {
            let ask = api::Ask { terms: Terms::under("semi2k"), activations };
            let estimate = api::cost_of(rows, &ask, api::Detail::Totals).unwrap().estimates.remove(0);
            (estimate.bytes_total, estimate.online.rounds)
        };
        let force = price(original.rows(), api::Activations::Plan(replaced));
        assert_eq!(force, price(changed.rows(), api::Activations::Keep), "{coefficients:?}");
    }
}

/// Of four samples at once the plan in force costs what the written file does, and keeps four times as many elements of
/// activations and linear outputs.
#[test]
fn plans_of_a_batch_cost_what_their_files_do() {
    let mut four = Settings::default();
    four.add("batch=4").unwrap();
    for drop_outputs in [true, false] {
        let wish = ReplaceSettings {
            budget: "70%".to_owned(),
            policy: "nested".to_owned(),
            granularity: "spatial".to_owned(),
            drop_outputs,
            ..ReplaceSettings::default()
        };
        let one = api::ready(bench(DIGITS, &wish, None, None).planned()).unwrap().replaced;
        let mut bench = bench_under(&four, DIGITS, &wish, None, None);
        let plan = api::ready(bench.planned()).unwrap().replaced;
        assert!(plan.iter().map(|stay| stay.kept).eq(one.iter().map(|stay| 4 * stay.kept)), "{plan:?}");
        let (_, spliced, _) = api::ready(bench.replace()).unwrap();
        let bytes = bytes_of(&spliced, bench.file().unwrap().bytes);
        let scored = |bytes: &dyn ReadAt| {
            let named = NamedFile { name: "m.onnx".to_owned(), bytes };
            Model::open(&named, Vec::new(), &mut go).unwrap().score(&four).unwrap()
        };
        let (original, changed) = (scored(&LocalFile::open(&corpus(DIGITS)).unwrap()), scored(&bytes));
        // The MACs that the page shows of a plan in force are those that are counted in the file.
        let ask =
            api::Ask { terms: Terms::under("semi2k"), activations: api::Activations::Plan(plan.clone()) };
        let table = original.cost_table(&ask).unwrap();
        let rows = original.rows().len();
        let value = |field: &str, index: u32| {
            let start = |field: &str| table.fields.iter().position(|known| *known == field).unwrap() * rows;
            let row = (0..rows).find(|row| table.values[start("index") + row] == f64::from(index))?;
            Some(table.values[start(field) + row]).filter(|value| !value.is_nan())
        };
        let left = |layer: &api::Layer| {
            let macs = layer.macs.unwrap();
            let part = value("linear", layer.index).zip(value("linear_kept", layer.index));
            part.map_or(macs, |(all, kept)| macs / all as u64 * kept as u64)
        };
        let macs: u64 = original.score.layers.iter().map(left).sum();
        assert_eq!(macs, changed.score.totals.macs);
        assert_eq!(macs < original.score.totals.macs, drop_outputs);
        for protocol in ["semi2k", "aby3", "cheetah:spu"] {
            let price = |rows: &[api::Row], activations| {
                let ask = api::Ask { terms: Terms::under(protocol), activations };
                api::cost_of(rows, &ask, api::Detail::Totals).unwrap().estimates.remove(0).bytes_total
            };
            let force = price(original.rows(), api::Activations::Plan(plan.clone()));
            assert_eq!(force, price(changed.rows(), api::Activations::Keep), "{protocol} {drop_outputs}");
        }
    }
}

/// Dropping needs places of all channels, and says what it does not save.
#[test]
fn dropping_is_refused_or_explained() {
    let wish = ReplaceSettings {
        budget: "50%".to_owned(),
        policy: "uniform".to_owned(),
        drop_outputs: true,
        granularity: "spatial".to_owned(),
        cost: Terms { protocols: vec!["cheetah:spu".to_owned(), "semi2k".to_owned()], ..Terms::default() },
        ..ReplaceSettings::default()
    };
    let (_, _, report) = replaced(DIGITS, &wish, None, None);
    let said: Vec<&String> = report.notes.iter().filter(|note| note.contains("save nothing")).collect();
    assert!(said.len() == 1 && said[0].contains("all places of a map"), "{:?}", report.notes);
    let mut bench = bench(DIGITS, &ReplaceSettings::default(), None, None);
    let error = bench.set_wish(&ReplaceSettings { granularity: "pixel".to_owned(), ..wish }).unwrap_err();
    assert_eq!((error.code, error.hint.as_str()), (api::Code::InvalidSetting, "--granularity spatial"));
    let mut bench =
        self::bench("models/tiny_mlp.dynamo.op18.b1.onnx", &ReplaceSettings::default(), None, None);
    let none = ReplaceSettings {
        granularity: "spatial".to_owned(),
        drop_outputs: true,
        ..ReplaceSettings::default()
    };
    assert_eq!(bench.set_wish(&none).unwrap_err().code, api::Code::NotSupported);
}

/// Every policy chooses places under a budget where outputs go with them, and a budget in bytes holds for the whole network.
#[test]
fn policies_choose_places_and_bytes_hold() {
    for policy in ["error", "senet", "balance", "uniform", "random", "nested"] {
        let wish = ReplaceSettings {
            budget: "60%".to_owned(),
            policy: policy.to_owned(),
            granularity: "spatial".to_owned(),
            drop_outputs: true,
            ..ReplaceSettings::default()
        };
        let (plan, _, report) = on_digits(&wish);
        assert!(report.figures.kept <= report.figures.budget && plan.kept > 0, "{policy}");
        assert!(report.compared.unwrap().relative_error.is_finite(), "{policy}");
    }
    let model = "models/resnet20_32.legacy.op13.b1.onnx";
    let wish = ReplaceSettings {
        policy: "nested".to_owned(),
        granularity: "spatial".to_owned(),
        drop_outputs: true,
        cost: Terms::under("semi2k"),
        ..ReplaceSettings::default()
    };
    let (_, _, none) =
        replaced(model, &ReplaceSettings { budget: "1".to_owned(), ..wish.clone() }, None, None);
    let change = &none.costs[0];
    let half = change.after.bytes + (change.before.bytes - change.after.bytes) / 2;
    let bytes = ReplaceSettings { unit: api::BudgetUnit::Bytes, budget: half.to_string(), ..wish };
    let (_, _, report) = replaced(model, &bytes, None, None);
    let after = report.costs[0].after.bytes;
    assert!(after <= half && after as f64 > 0.9 * half as f64, "{after} of {half}");
}

/// AESPA's recipe: DaPa of degree 2 on what flows in, nothing stays. Its form with folded scales is priced under CKKS; the
/// file's products by themselves have a time under OpenFHE alone, where folding takes no more.
#[test]
fn aespa_end_to_end() {
    let protocols = ["ckks:gpu", "ckks:openfhe"].map(str::to_owned).to_vec();
    let wish = ReplaceSettings {
        policy: "uniform".to_owned(),
        cost: Terms { protocols, ..Terms::default() },
        ..ReplaceSettings::default()
    };
    let mut bench = bench(DIGITS, &wish, Some("digits/digits_train.npz"), Some("digits/digits.npz"));
    let (plan, spliced, report) = api::ready(bench.replace()).unwrap();
    assert_eq!((plan.kept, report.figures.kept), (0, 0));
    assert!(report.compared.unwrap().changed.unwrap().top1 > 0.97);
    let seconds = |line: &api::CostLine| line.online_seconds.unwrap();
    for (folded, written) in bench.folded().unwrap().iter().zip(&report.costs) {
        let protocol = folded.protocol.as_str();
        assert_eq!(folded.before, written.before, "{protocol}");
        assert!(!folded.after.partial && seconds(&folded.after) < seconds(&folded.before), "{folded:?}");
        assert_eq!(written.after.partial, protocol == "ckks:gpu", "{written:?}");
        if !written.after.partial {
            assert!(seconds(&folded.after) <= seconds(&written.after), "{folded:?} {written:?}");
        }
    }
    assert!(gives_numbers(&bytes_of(&spliced, bench.file().unwrap().bytes)));
}
