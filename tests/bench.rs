//! The bench that lives across questions: what it remembers is what a fresh one would find, a plan is
//! priced as its file is, and plan files are not trusted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::Cell;
use std::fs;
use std::ops::ControlFlow;
use std::rc::Rc;

use reluctant::api::{
    self, Activations, Ask, Code, Estimate, LayerWish, LocalFile, Model, NamedFile, OwnFile, Plan, PlanMask,
    ReplaceSettings, RunOptions, Settings, Spliced, Tensor, Terms, Workbench,
};
use reluctant_tests::corpus;

const DIGITS: &str = "digits/digits_cnn.onnx";
const TRAIN: &str = "digits/digits_train.npz";
const TEST: &str = "digits/digits.npz";

fn go(_: u64, _: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn arrays(path: &str, samples: usize) -> Vec<(String, Tensor)> {
    let arrays = api::arrays("x.npz", &fs::read(corpus(path)).unwrap()).unwrap();
    arrays.into_iter().map(|(name, tensor)| (name, tensor.rows(0, samples))).collect()
}

fn open(model: &str) -> Workbench {
    let file = LocalFile::open(&corpus(model)).unwrap();
    let files: Vec<OwnFile> = vec![(model.to_owned(), Box::new(file))];
    Workbench::open(files, &Settings::default(), &RunOptions::default()).unwrap()
}

/// Digits with a part of the data: what is compared is exact on any.
fn digits() -> Workbench {
    let mut bench = open(DIGITS);
    bench.set_data(Some(arrays(TRAIN, 64)));
    bench.set_test(Some(arrays(TEST, 96)), None);
    bench
}

/// At once, not one after another.
fn wish(budget: &str, policy: &str, granularity: &str) -> ReplaceSettings {
    ReplaceSettings {
        budget: budget.to_owned(),
        policy: policy.to_owned(),
        granularity: granularity.to_owned(),
        sequential: false,
        ..ReplaceSettings::default()
    }
}

fn plan(bench: &mut Workbench, wish: &ReplaceSettings) -> Plan {
    bench.set_wish(wish).unwrap();
    api::ready(bench.planned()).unwrap().plan.clone()
}

/// Samples that run while something is done.
fn samples_run(bench: &mut Workbench, work: impl FnOnce(&mut Workbench)) -> u64 {
    let seen = Rc::new(Cell::new(0));
    let told = Rc::clone(&seen);
    bench.tell(Box::new(move |done, _| {
        told.set(told.get().max(done));
        ControlFlow::Continue(())
    }));
    work(bench);
    seen.get()
}

fn questions() -> Vec<ReplaceSettings> {
    let layer = |bench: &Workbench, method: &str, degree| LayerWish {
        output: bench.info().layers[1].output.clone(),
        method: Some(method.to_owned()),
        degree: Some(degree),
    };
    let own = vec![layer(&open(DIGITS), "minimax", 4)];
    vec![
        wish("25%", "error", "pixel"),
        wish("60%", "error", "channel"),
        wish("40%", "senet", "pixel"),
        ReplaceSettings { degree: 4, ..wish("40%", "senet", "pixel") },
        ReplaceSettings { layers: own.clone(), ..wish("40%", "senet", "pixel") },
        wish("800", "criticality", "layer"),
        ReplaceSettings { sequential: true, layers: own, ..wish("700", "error", "layer") },
        ReplaceSettings { per_channel: false, ..wish("50%", "balance", "channel") },
        ReplaceSettings { method: "identity".to_owned(), ..wish("0", "error", "pixel") },
        ReplaceSettings { descent: (2, 2), probe: Some(32), ..wish("50%", "bcd", "channel") },
    ]
}

#[test]
fn a_bench_that_was_asked_before_answers_as_a_fresh_one() {
    let mut old = digits();
    for wish in questions() {
        assert_eq!(plan(&mut old, &wish), plan(&mut digits(), &wish), "{wish:?}");
    }
    // Other data: nothing of the old is left.
    let more = || Some(arrays(TEST, 80));
    old.set_data(more());
    let mut fresh = open(DIGITS);
    fresh.set_data(more());
    fresh.set_test(Some(arrays(TEST, 96)), None);
    for wish in questions() {
        assert_eq!(plan(&mut old, &wish), plan(&mut fresh, &wish), "{wish:?}");
    }
    // Other labels: accuracies that order stages are of them.
    let wish = wish("800", "criticality", "layer");
    for bench in [&mut old, &mut fresh] {
        bench.set_test(Some(arrays(TRAIN, 96)), None);
    }
    assert_eq!(plan(&mut old, &wish), plan(&mut fresh, &wish));
}

#[test]
fn a_question_runs_the_model_only_for_what_it_lacks() {
    let mut bench = digits();
    let asked = |bench: &mut Workbench, wish: ReplaceSettings| {
        samples_run(bench, |bench| {
            plan(bench, &wish);
        })
    };
    // Statistics, then the original and each of five layers on the first 256.
    assert_eq!(asked(&mut bench, wish("25%", "error", "pixel")), 64 + 6 * 64);
    for cheap in [
        wish("50%", "error", "pixel"),
        wish("50%", "error", "layer"),
        ReplaceSettings { degree: 4, ..wish("50%", "error", "pixel") },
        ReplaceSettings { method: "minimax".to_owned(), ..wish("50%", "error", "channel") },
        wish("50%", "uniform", "pixel"),
        wish("50%", "balance", "channel"),
    ] {
        assert_eq!(asked(&mut bench, cheap.clone()), 0, "{cheap:?}");
    }
    assert_eq!(asked(&mut bench, wish("50%", "senet", "pixel")), 64);
    assert_eq!(asked(&mut bench, wish("20%", "senet", "pixel")), 0);
    // Its score is of the polynomials.
    assert_eq!(asked(&mut bench, ReplaceSettings { degree: 4, ..wish("20%", "senet", "pixel") }), 64);
    let point = |bench: &mut Workbench| {
        samples_run(bench, |bench| {
            api::ready(bench.point()).unwrap();
        })
    };
    assert_eq!(point(&mut bench), 2 * 96);
    assert_eq!(point(&mut bench), 96, "the original's outputs are known");
}

#[test]
fn a_stopped_run_leaves_nothing_half_known() {
    let mut bench = digits();
    let wish = wish("25%", "error", "pixel");
    bench.set_wish(&wish).unwrap();
    let stop = |done, _| if done < 200 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    bench.tell(Box::new(stop));
    assert_eq!(api::ready(bench.planned()).unwrap_err().code, Code::Cancelled);
    bench.tell(Box::new(go));
    assert_eq!(plan(&mut bench, &wish), plan(&mut digits(), &wish));
}

#[test]
fn measured_side_by_side_is_what_separate_runs_give() {
    let mut bench = digits();
    bench.set_wish(&wish("25%", "error", "pixel")).unwrap();
    let point = api::ready(bench.point()).unwrap();
    let measured = api::ready(bench.measure(None)).unwrap();
    let compared = &measured.beside.compared;
    assert_eq!((point.agreement, point.kl), (compared.agreement, compared.kl));
    assert_eq!(point.relative_error, Some(compared.relative_error));
    assert_eq!(point.accuracy, compared.changed.as_ref().map(|a| a.top1));
    // By class: every labelled sample once, right ones as the accuracy counts them.
    let classes = measured.beside.classes.unwrap();
    let sum = |of: &dyn Fn(&api::ClassChange) -> usize| classes.iter().map(of).sum::<usize>();
    assert_eq!((classes.len(), sum(&|c| c.samples)), (10, 96));
    assert_eq!(sum(&|c| c.after), compared.changed.as_ref().unwrap().correct as usize);
    assert_eq!(sum(&|c| c.before), compared.original.as_ref().unwrap().correct as usize);
    // Error grows from the first layer that changes.
    assert_eq!(measured.beside.growth.len(), 5);
    assert!(measured.beside.growth.iter().all(|g| g.relative_error > 0.0 && g.relative_error < 1.0));
    // A plan file's measures the same; keeping everything measures nothing.
    let plan = Plan::from_json(&measured.planned.plan.to_json().unwrap()).unwrap();
    let again = api::ready(bench.measure(Some(&plan))).unwrap();
    assert_eq!(again.beside.compared.relative_error, compared.relative_error);
    bench.set_wish(&wish("100%", "error", "pixel")).unwrap();
    let same = api::ready(bench.measure(None)).unwrap();
    assert_eq!(same.beside.compared.relative_error, 0.0);
    assert!(same.beside.growth.iter().all(|g| g.relative_error == 0.0));
}

/// Functions, float16, external data, an old opset: each is followed through a changed file, layer by layer.
#[test]
fn every_kind_of_file_is_measured() {
    for (model, beside) in [
        ("net", None),
        ("functions", None),
        ("half", None),
        ("old", None),
        ("external", Some("external.bin")),
    ] {
        let file = |name: &str| -> OwnFile {
            (name.to_owned(), Box::new(LocalFile::open(&corpus(format!("rewrite/{name}"))).unwrap()))
        };
        let files =
            [Some(format!("{model}.onnx").as_str()), beside].into_iter().flatten().map(file).collect();
        let mut bench = Workbench::open(files, &Settings::default(), &RunOptions::default()).unwrap();
        let x = fs::read(corpus(format!("rewrite/{model}.x.npy"))).unwrap();
        bench.set_data(Some(api::arrays("x.npy", &x).unwrap()));
        for sequential in [false, true] {
            bench.set_wish(&ReplaceSettings { sequential, ..wish("0", "error", "layer") }).unwrap();
            let measured = api::ready(bench.measure(None)).unwrap();
            assert_eq!(
                (measured.beside.growth.len(), measured.planned.figures.kept),
                (bench.info().layers.len(), 0),
                "{model}"
            );
            let errors: Vec<f64> = measured.beside.growth.iter().map(|g| g.relative_error).collect();
            assert!(errors.iter().all(|e| *e > 0.0 && *e < 1.0), "{model}: {errors:?}");
        }
    }
}

#[test]
fn a_layer_is_shown_with_the_polynomial_of_the_plan() {
    let mut bench = digits();
    let wish = ReplaceSettings { degree: 3, ..wish("0", "uniform", "pixel") };
    let plan = plan(&mut bench, &wish);
    for (channel, coefficients) in plan.layers[2].coefficients.iter().enumerate() {
        let view = api::ready(bench.view(&plan.layers[2].output, Some(channel))).unwrap();
        assert_eq!(&view.coefficients, coefficients);
        let seen: u64 = view.histogram.unwrap().counts.iter().sum();
        // 16 channels of 4 x 4.
        assert_eq!((view.channels, seen), (16, 64 * 16));
        let of_degree = view.by_degree.iter().find(|d| d.degree == 3).unwrap();
        assert_eq!((view.by_degree.len(), of_degree.mse), (8, view.mse));
    }
    assert!(api::ready(bench.view("nothing", None)).is_err());
    assert!(api::ready(bench.view(&plan.layers[2].output, Some(16))).is_err());
}

fn costs(spliced: &Spliced, file: &dyn api::ReadAt, ask: &Ask) -> Vec<Estimate> {
    let mut bytes = Vec::new();
    let put = &mut |part: &[u8]| {
        bytes.extend_from_slice(part);
        Ok(())
    };
    spliced.write(file, put).unwrap();
    let named = NamedFile { name: "model.onnx".to_owned(), bytes: &bytes };
    let model = Model::open(&named, Vec::new(), &mut go).unwrap();
    model.score(&Settings::default()).unwrap().cost(ask).unwrap().estimates
}

/// Pricing what stays of each activation is pricing the file that the plan writes. Under CKKS not to the
/// second: a file's Horner is refreshed node by node, and its sums have a price; a plan's is refreshed once.
#[test]
fn a_plan_costs_what_its_file_costs() {
    let protocols = ["semi2k", "aby3", "cheetah:spu", "delphi:server-garbler", "crypten", "ckks:openfhe"];
    let protocols = protocols.map(str::to_owned).to_vec();
    let as_it_is: Ask = Terms { protocols, ..Terms::default() }.into();
    let models = [
        DIGITS,
        "models/resnet20_32.legacy.op13.b1.onnx",
        "models/cifar_resnet18_32_c100.legacy.op13.b1.noweights.onnx",
        "models/mobilenet_v3_large_224.dynamo.op18.b1.noweights.onnx",
    ];
    let method = |method: &str, degree, wish| ReplaceSettings { method: method.to_owned(), degree, ..wish };
    let wishes = [
        wish("0", "uniform", "pixel"),
        wish("25%", "uniform", "pixel"),
        wish("50%", "uniform", "layer"),
        wish("40%", "random", "channel"),
        method("dapa", 4, wish("30%", "uniform", "layer")),
        method("x2+x", 2, wish("0", "uniform", "pixel")),
        method("identity", 1, wish("0", "uniform", "pixel")),
    ];
    let mut compared = 0;
    for model in models {
        let mut bench = open(model);
        let file = LocalFile::open(&corpus(model)).unwrap();
        for wish in &wishes {
            bench.set_wish(wish).unwrap();
            let planned = api::ready(bench.planned()).unwrap();
            let spliced = bench.carry_out(&planned.plan).unwrap();
            let activations = Activations::Plan(planned.replaced.clone());
            let stays = Ask { activations, ..as_it_is.clone() };
            let untouched = Spliced { pieces: whole(&file), ..Spliced::default() };
            let pairs = costs(&untouched, &file, &stays).into_iter().zip(costs(&spliced, &file, &as_it_is));
            for (by_plan, by_file) in pairs {
                let name = format!("{model} {} {wish:?}", by_plan.protocol);
                assert_eq!(by_plan.partial, by_file.partial, "{name}");
                compared += usize::from(!by_plan.partial);
                let counts = |e: &Estimate| (e.bytes_total, e.offline.rounds, e.online.rounds);
                // Under CKKS the input is as large as its level, and lower bounds of two graphs plan it apart.
                if !(by_plan.partial && by_plan.protocol.starts_with("ckks")) {
                    assert_eq!(counts(&by_plan), counts(&by_file), "{name}");
                }
                let seconds = |e: &Estimate| [e.offline.seconds, e.online.seconds];
                for (a, b) in seconds(&by_plan).into_iter().zip(seconds(&by_file)) {
                    assert_eq!(a.is_some(), b.is_some(), "{name}");
                    let middles = a.into_iter().flatten().zip(b.into_iter().flatten());
                    let slack = match by_plan.protocol {
                        id if id.starts_with("ckks") => 0.3,
                        // Thirds of the bytes are whole for each piece of work, and a plan has two in a layer.
                        "aby3" => 1e-7,
                        _ => 1e-9,
                    };
                    for (a, b) in middles {
                        assert!((a - b).abs() <= slack * b.max(1e-9), "{name}: {a} by plan, {b} by file");
                    }
                }
            }
        }
    }
    assert!(compared > 120, "{compared}");
}

fn whole(file: &dyn api::ReadAt) -> Vec<api::Piece> {
    vec![api::Piece::Copy { offset: 0, length: file.len() }]
}

/// Whatever a plan file says, it is refused before it is believed.
#[test]
fn plan_files_are_held_to_the_model() {
    let mut bench = digits();
    let good = plan(&mut bench, &wish("25%", "error", "pixel"));
    let held = bench.held(&good).unwrap();
    assert_eq!(held.plan, good);
    assert!(held.notes.is_empty());
    let changed = |change: &dyn Fn(&mut Plan)| {
        let mut plan = good.clone();
        change(&mut plan);
        plan
    };
    let masked = good.layers.iter().position(|l| l.mask.is_some()).unwrap();
    let huge = PlanMask { shape: vec![1 << 31, 1 << 31, 2], bits: String::new() };
    let bad: Vec<Plan> = vec![
        changed(&|p| p.layers[masked].output = "another".to_owned()),
        changed(&|p| p.layers[0].elements += 1),
        changed(&|p| p.layers.push(p.layers[0].clone())),
        changed(&|p| p.layers[masked].kept += 1),
        changed(&|p| p.layers[masked].mask = Some(huge.clone())),
        changed(&|p| p.layers[masked].mask.as_mut().unwrap().shape = vec![2, 2, 2]),
        changed(&|p| p.layers[masked].mask.as_mut().unwrap().bits.push_str("AAAA")),
        changed(&|p| p.layers[masked].mask.as_mut().unwrap().bits = "%%%".to_owned()),
        changed(&|p| p.layers[masked].coefficients = vec![vec![1.0]; 3]),
        changed(&|p| p.layers[masked].coefficients = Vec::new()),
        changed(&|p| p.layers[masked].coefficients = vec![vec![0.5; 26]]),
        changed(&|p| p.layers[masked].coefficients = vec![vec![f64::INFINITY]]),
    ];
    for (index, plan) in bad.iter().enumerate() {
        assert_eq!(bench.held(plan).unwrap_err().code, Code::InvalidSetting, "{index}");
        // Carrying it out without asking first is no way around.
        if index != 1 && index != 2 {
            assert!(bench.carry_out(plan).is_err(), "{index}");
        }
    }
    // Totals are counted, not believed; a layer that is not named stays; a note tells of another structure.
    let lies = changed(&|p| (p.kept, p.total) = (0, 1));
    assert_eq!(bench.held(&lies).unwrap().figures.kept, good.kept);
    let fewer = changed(&|p| {
        p.layers.truncate(1);
        p.hash = "another".to_owned();
    });
    let held = bench.held(&fewer).unwrap();
    assert_eq!((held.figures.kept, held.notes.len()), (good.total - 512 + good.layers[0].kept, 1));
    assert_eq!(Plan::from_json(&" ".repeat((32 << 20) + 1)).unwrap_err().code, Code::LimitExceeded);
    assert!(Plan::from_json("{}").is_err());
    // Damage of any kind is an answer, never a panic.
    const LETTERS: &[u8] = b"0123456789-e.[]{}\",AZ";
    let text = good.to_json().unwrap();
    let mut state = 1u64;
    for _ in 0..400 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] = LETTERS[(state >> 20) as usize % LETTERS.len()];
        }
        if let Ok(plan) = Plan::from_json(&String::from_utf8(bytes).unwrap()) {
            let _ = bench.held(&plan);
            let _ = bench.carry_out(&plan);
            let _ = api::plan_npz(&plan);
        }
    }
}

#[test]
fn an_example_is_planned_and_never_run() {
    let mut bench = Workbench::example("resnet18-cifar100", &Settings::default()).unwrap();
    let info = bench.info();
    assert_eq!((info.runnable, info.total, info.layers.len()), (false, 557_056, 17));
    let made = plan(&mut bench, &wish("50000", "error", "pixel"));
    assert_eq!(made.kept, 50_000);
    for error in [
        bench.carry_out(&made).map(|_| ()).unwrap_err(),
        api::ready(bench.measure(None)).map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error.code, Code::MissingData);
    }
    assert_eq!(
        bench
            .set_wish(&ReplaceSettings { method: "sign".to_owned(), ..Default::default() })
            .unwrap_err()
            .code,
        Code::NotSupported
    );
    let layers = vec![LayerWish { output: "none".to_owned(), ..LayerWish::default() }];
    let unknown = ReplaceSettings { layers, ..ReplaceSettings::default() };
    assert_eq!(bench.set_wish(&unknown).unwrap_err().code, Code::InvalidSetting);
}
