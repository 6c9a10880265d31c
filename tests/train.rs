//! Training end to end: budgets to the unit, and exported networks that other code reads, counts and runs alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;

use reluctant::api::{
    self, AdjustRound, AdjustSettings, AdjustWatch, Model, NamedFile, Plan, PlanLayer, PlanMask, RunOptions,
    RunRequest, RunSession, Settings, Tensor, Torchvision, TrainData, TrainMethod, TrainNet, TrainProgress,
    TrainSettings, TrainWatch, Trained, UtilisationOf,
};
use reluctant_tests::corpus;

fn settings(data: TrainData, net: TrainNet, methods: &[TrainMethod], budgets: &[u64]) -> TrainSettings {
    TrainSettings {
        methods: methods.to_vec(),
        budgets: budgets.to_vec(),
        epochs: [Some(3), Some(3), Some(2)],
        ..TrainSettings::new(data, net)
    }
}

fn digits() -> Vec<(String, Tensor)> {
    api::arrays("digits.npz", &fs::read(corpus("digits/digits.npz")).unwrap()).unwrap()
}

/// Images right and ReLUs counted of a file, by the CPU engine and by the counts.
fn seen(bytes: &[u8], arrays: Vec<(String, Tensor)>) -> (f64, u64) {
    let file = NamedFile { name: "trained.onnx".to_owned(), bytes: &bytes };
    let go = &mut |_, _| ControlFlow::Continue(());
    let model = Model::open(&file, Vec::new(), go).unwrap();
    let relus = model.score(&Settings::default()).unwrap().score.totals.relu.elements;
    let options = RunOptions::default();
    let mut session = RunSession::open(&[file], &Settings::default(), &options, go).unwrap();
    let given = session.given(arrays, None).unwrap();
    let outcome = api::ready(session.run(given, &RunRequest::default(), go)).unwrap();
    (outcome.report.accuracy.unwrap().top1, relus)
}

#[test]
fn exported_networks_answer_and_count_as_trained() {
    let methods: Vec<TrainMethod> =
        TrainMethod::ALL.iter().copied().filter(|method| *method != TrainMethod::Plan).collect();
    let trained =
        api::train(&settings(TrainData::Digits, TrainNet::DigitsCnn, &methods, &[1568, 301, 0]), &mut |_| {});
    let trained = trained.unwrap();
    assert_eq!((trained.relus, trained.results.len()), (1568, 18));
    assert_eq!(trained.images, [1167, 130, 500]);
    for (result, file) in trained.results.iter().zip(&trained.files) {
        // Whole places go: fewer than the 32 of the dense layer are left over.
        let over = if result.method == TrainMethod::Nested { 31 } else { 0 };
        assert!((0..=over).contains(&(result.budget - result.relus)), "{:?}", result.method);
        let (accuracy, relus) = seen(&file.bytes, digits());
        assert_eq!(relus, result.relus, "{:?}", result.method);
        assert!(
            (accuracy - result.test_accuracy).abs() < 1e-9,
            "{:?} {}: {accuracy}",
            result.method,
            result.test_accuracy
        );
    }
    // Fifteen pairs of methods at three budgets, of the seed and of all.
    assert_eq!(trained.paired.len(), 90);
}

#[test]
fn a_teacher_is_taken_as_it_is() {
    let bytes = fs::read(corpus("digits/digits_cnn.onnx")).unwrap();
    let mut settings = settings(TrainData::Digits, TrainNet::DigitsCnn, &[TrainMethod::RandomPoly], &[0]);
    settings.teacher = Some(("digits_cnn.onnx".to_owned(), bytes));
    let trained = api::train(&settings, &mut |_| {}).unwrap();
    assert_eq!(trained.bases[0].test_accuracy, 0.994);
    // PyTorch's polynomials of degree 2 from the moments of the same images: 0.984, here without a tenth of them.
    let before = trained.results[0].accuracy_before_finetune;
    assert!((before - 0.984).abs() < 0.0061, "{before}");
    // After fine-tuning PyTorch has 0.9933; here are two epochs.
    assert!(trained.results[0].test_accuracy > 0.98, "{}", trained.results[0].test_accuracy);
    let (accuracy, relus) = seen(&trained.files[0].bytes, digits());
    assert_eq!((accuracy, relus), (trained.results[0].test_accuracy, 0));
}

#[test]
fn a_residual_network_on_figures() {
    let spec = r#"{"input":[3,16,16],"classes":10,"stem":{"channels":4,"kernel":3,"stride":1,"relu":true},
        "stages":[{"block":"basic","blocks":1,"channels":4,"stride":1,"relu":"all"},
        {"block":"basic","blocks":1,"channels":8,"stride":2,"relu":"second"}],"head":"gap"}"#;
    let data = TrainData::Shapes(300, 100);
    let net = TrainNet::Spec(spec.to_owned());
    let trained = api::train(&settings(data, net, &[TrainMethod::Autorep], &[1000]), &mut |_| {}).unwrap();
    // 16 x 16 of 4 channels three times, 8 x 8 of 8 once.
    assert_eq!((trained.relus, trained.results[0].relus), (3 * 1024 + 512, 1000));
}

#[test]
fn what_does_not_go_together_is_refused() {
    let said = |settings: &TrainSettings| api::train(settings, &mut |_| {}).unwrap_err().error.to_string();
    let of = |budget: u64, net: TrainNet| settings(TrainData::Digits, net, &[TrainMethod::Snl], &[budget]);
    assert!(said(&of(1569, TrainNet::DigitsCnn)).contains("above the network's 1568 ReLUs"));
    assert!(said(&of(10, TrainNet::ResNet([1; 4], 4))).contains("the images are [1, 8, 8]"));
    assert!(said(&of(10, TrainNet::Spec("{}".to_owned()))).contains("the spec cannot be read"));
    let mut settings = of(10, TrainNet::DigitsCnn);
    settings.teacher =
        Some(("unet.onnx".to_owned(), fs::read(corpus("models/lstm_small.legacy.op13.b1.onnx")).unwrap()));
    assert!(said(&settings).contains("trained"), "{}", said(&settings));
}

#[test]
fn a_divergence_says_why_and_leaves_the_last_good_checkpoint() {
    let mut settings = settings(TrainData::Digits, TrainNet::DigitsCnn, &[TrainMethod::Snl], &[78]);
    settings.rate = Some(1e30);
    let untrained = api::train(&settings, &mut |_| {}).unwrap_err();
    let said = untrained.error.to_string();
    assert!(said.contains("base, seed 0: training diverged in epoch 1"), "{said}");
    assert!(untrained.checkpoint.unwrap().starts_with(b"reluctant.runs/1\n"));
    settings.rate = Some(0.0);
    let untrained = api::train(&settings, &mut |_| {}).unwrap_err();
    assert!(untrained.checkpoint.is_none() && untrained.error.to_string().contains("positive"));
}

/// The test digits, the first to train on and the rest to test on, as four arrays; `turn` changes the labels to test on.
fn few_digits(train: usize, turn: impl Fn(i64) -> i64) -> TrainData {
    let arrays = digits();
    let find = |name: &str| &arrays.iter().find(|(n, _)| n == name).unwrap().1;
    let (x, y) = (find("x"), find("y"));
    let labels = y.rows(train, 500).to_f32().iter().map(|label| turn(*label as i64)).collect::<Vec<_>>();
    let turned = Tensor::new(vec![labels.len()], labels).unwrap();
    let parts = [&x.rows(0, train), &y.rows(0, train), &x.rows(train, 500), &turned];
    TrainData::Arrays(parts.map(api::npy_from))
}

#[test]
fn wrong_test_labels_change_nothing_in_the_network() {
    let of = |turn: fn(i64) -> i64| {
        let data = few_digits(300, turn);
        let settings = settings(data, TrainNet::DigitsCnn, &[TrainMethod::Autorep], &[78]);
        api::train(&settings, &mut |_| {}).unwrap()
    };
    let (right, wrong) = (of(|label| label), of(|label| 9 - label));
    assert!(right.results[0].test_accuracy != wrong.results[0].test_accuracy);
    assert!(right.files[0].bytes == wrong.files[0].bytes);
}

#[test]
fn permuted_training_labels_end_at_chance() {
    let mut settings = settings(TrainData::Digits, TrainNet::DigitsCnn, &[TrainMethod::Random], &[392]);
    settings.permuted = true;
    let trained = api::train(&settings, &mut |_| {}).unwrap();
    // A tenth of 500 images, and five standard errors of 0.0134.
    for found in [trained.bases[0].test_accuracy, trained.results[0].test_accuracy] {
        assert!((found - 0.1).abs() < 0.067, "{found}");
    }
}

/// Keeps every checkpoint.
#[derive(Default)]
struct Kept(Vec<Vec<u8>>);

impl TrainWatch for Kept {
    fn epoch(&mut self, _: &TrainProgress<'_>) {}

    fn keep(&mut self, bytes: &dyn Fn() -> Vec<u8>) {
        self.0.push(bytes());
    }
}

/// Accuracies and files, without the seconds.
fn made(trained: Trained) -> Vec<(f64, f64, f64, Vec<u8>)> {
    let both = trained.results.iter().zip(trained.files);
    both.map(|(r, file)| (r.test_accuracy, r.accuracy_before_finetune, r.base_accuracy, file.bytes)).collect()
}

#[test]
fn a_killed_run_goes_on_as_if_it_had_not_been() {
    let methods = [TrainMethod::Snl, TrainMethod::Autorep, TrainMethod::Bcd];
    let mut settings = settings(few_digits(150, |label| label), TrainNet::DigitsCnn, &methods, &[300]);
    (settings.seeds, settings.jobs) = (vec![0, 1], 2);
    let mut kept = Kept::default();
    let whole = made(api::train_on(&settings, None, &mut kept).unwrap());
    let kept = kept.0;
    // Of each seed: epochs but the last of each phase, and its four runs.
    assert!(kept.len() > 50, "{}", kept.len());
    for at in [0, 4, kept.len() / 3, kept.len() / 2, kept.len() - 2, kept.len() - 1] {
        let again = api::train_on(&settings, Some(&kept[at]), &mut Kept::default()).unwrap();
        assert!(made(again) == whole, "from checkpoint {at} of {}", kept.len());
    }
    let all = kept.last().unwrap();
    // All is there: nothing is trained again, and another budget begins from the network that is there.
    settings.budgets = vec![300, 0];
    let mut more = Kept::default();
    let with_more = made(api::train_on(&settings, Some(all), &mut more).unwrap());
    assert!(more.0.len() < kept.len());
    assert!(with_more.iter().step_by(2).eq(&whole));
    // Of other settings, other data, or no checkpoint at all.
    let said = |settings: &TrainSettings, from: &[u8]| {
        api::train_on(settings, Some(from), &mut Kept::default()).unwrap_err().error.to_string()
    };
    settings.degree = 1;
    assert!(said(&settings, all).contains("other settings"));
    settings.degree = 2;
    assert!(said(&settings, &all[..all.len() / 2]).contains("no checkpoint"));
    settings.data = few_digits(151, |label| label);
    assert!(said(&settings, all).contains("other data"));
}

#[test]
fn a_diverged_run_goes_on_at_a_lower_rate() {
    let mut settings =
        settings(few_digits(150, |label| label), TrainNet::DigitsCnn, &[TrainMethod::Snl], &[78]);
    settings.rate = Some(1e30);
    let checkpoint = api::train(&settings, &mut |_| {}).unwrap_err().checkpoint.unwrap();
    settings.rate = Some(2e-3);
    let resumed = api::train_on(&settings, Some(&checkpoint), &mut Kept::default()).unwrap();
    assert!(made(resumed) == made(api::train(&settings, &mut |_| {}).unwrap()));
}

#[test]
fn seeds_at_once_give_what_they_give_one_by_one() {
    let of = |jobs: usize| {
        let data = few_digits(200, |label| label);
        let mut settings = settings(data, TrainNet::DigitsCnn, &[TrainMethod::Bcd], &[500]);
        (settings.seeds, settings.jobs) = (vec![4, 5, 6], jobs);
        let trained = api::train(&settings, &mut |_| {}).unwrap();
        trained.files.into_iter().map(|file| (file.seed, file.bytes)).collect::<Vec<_>>()
    };
    assert!(of(1) == of(2));
}

#[test]
fn the_folder_for_pytorch_holds_the_network_the_steps_and_the_data() {
    let methods = [TrainMethod::Snl, TrainMethod::Autorep];
    let mut settings = settings(TrainData::Digits, TrainNet::DigitsCnn, &methods, &[78, 0]);
    settings.seeds = vec![0, 7];
    let files = api::pytorch_folder(&settings).unwrap();
    let file = |name: &str| &files.iter().find(|(path, _)| path == name).unwrap().1;
    let plan: serde_json::Value = serde_json::from_slice(file("plan.json")).unwrap();
    assert_eq!(plan["jobs"].as_array().unwrap().len(), 4);
    assert_eq!(plan["jobs"][2]["steps"][3]["Fit"]["search"]["AutoRep"]["budget"], 78);
    // Every parameter lies where the header says, and nothing beside.
    for name in ["weights-0.safetensors", "weights-7.safetensors"] {
        let bytes = file(name);
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
        let mut end = 0;
        for param in plan["params"].as_array().unwrap() {
            let entry = &header[param["name"].as_str().unwrap()];
            assert_eq!(entry["shape"], param["dims"]);
            let numbers: u64 =
                param["dims"].as_array().unwrap().iter().map(|d| d.as_u64().unwrap()).product();
            assert_eq!(
                entry["data_offsets"][1].as_u64().unwrap() - entry["data_offsets"][0].as_u64().unwrap(),
                4 * numbers
            );
            end = end.max(entry["data_offsets"][1].as_u64().unwrap() as usize);
        }
        assert_eq!(bytes.len(), 8 + length + end);
    }
    assert!(file("weights-0.safetensors") != file("weights-7.safetensors"));
    let test = api::arrays("test.npz", file("data/test.npz")).unwrap();
    let given = digits();
    for (name, array) in &test {
        let like = &given.iter().find(|(n, _)| n == name).unwrap().1;
        assert!(array.to_f32() == like.to_f32(), "{name}");
    }
    // A set that is read there, for a network that is too large to be trained here.
    let spec = r#"{"input":[3,32,32],"classes":100,"stem":{"channels":64,"kernel":3,"stride":1,"relu":true},
        "stages":[{"block":"basic","blocks":2,"channels":64,"stride":1,"relu":"all"}],"head":"gap"}"#;
    settings.data = TrainData::Torchvision(Torchvision::Cifar100);
    settings.net = TrainNet::Spec(spec.to_owned());
    assert!(api::pytorch_folder(&settings).unwrap().iter().all(|(path, _)| !path.starts_with("data/")));
    assert!(api::train(&settings, &mut |_| {}).unwrap_err().error.to_string().contains("is not read here"));
}

#[test]
fn no_selector_beats_the_best_mask() {
    let mut settings = settings(few_digits(150, |label| label), TrainNet::Plain, &[], &[416, 208, 42, 0]);
    settings.epochs = [Some(4), Some(2), Some(1)];
    let gap = api::train_gap(&settings, &mut |_| {}).unwrap();
    assert_eq!((gap.relus, gap.channels), (4 * 64 + 4 * 16 + 6 * 16, 14));
    let of = &gap.seeds[0];
    assert_eq!(of.fronts.len(), 2);
    for front in &of.fronts {
        assert!(front.front.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1));
        let best: Vec<f64> = front.budgets.iter().map(|at| at.best).collect();
        assert!(best.is_sorted_by(|a, b| a >= b), "{best:?}");
        let masks: Vec<usize> = front.budgets.iter().map(|at| at.masks).collect();
        assert_eq!((masks[0], masks[3]), (1 << 14, 1));
        for at in &front.budgets {
            assert_eq!(at.selectors.len(), 6);
            for kept in &at.selectors {
                assert!(kept.relus <= at.budget as f64 && kept.regret >= -1e-12, "{kept:?}");
                assert!((at.best - kept.accuracy - kept.regret).abs() < 1e-12);
            }
        }
        // With all and with none there is nothing to choose.
        let accuracy =
            |at: usize| front.budgets[at].selectors.iter().map(|kept| kept.accuracy).collect::<Vec<_>>();
        assert!(accuracy(0).iter().all(|accuracy| (accuracy - of.test_accuracy).abs() < 1e-9));
        assert!(accuracy(3).windows(2).all(|pair| (pair[0] - pair[1]).abs() < 1e-9));
    }
    settings.net = TrainNet::DigitsCnn;
    assert!(api::train_gap(&settings, &mut |_| {}).unwrap_err().to_string().contains("too many"));
}

#[test]
fn each_stage_alone_is_trained_and_ordered() {
    let mut settings = settings(TrainData::Shapes(120, 60), TrainNet::ResNet([1; 4], 2), &[], &[]);
    settings.epochs = [Some(1), None, None];
    let trained = api::train_stages(&settings, &mut |_| {}).unwrap();
    let relus: Vec<u64> = trained.stages.iter().map(|stage| stage.relus).collect();
    // Maps of 8, 4, 2 and 1 pixels a side; the stem's 2 x 64 are the first stage's.
    assert_eq!(relus, [3 * 2 * 64, 2 * 4 * 16, 2 * 8 * 4, 2 * 16]);
    assert_eq!((trained.all[0].relus, trained.none[0].relus), (relus.iter().sum(), 0));
    let mut order = trained.order.clone();
    order.sort_unstable();
    assert_eq!(order, [1, 2, 3, 4]);
    let metric = |stage: u32| trained.stages[stage as usize - 1].criticality;
    assert!(trained.order.windows(2).all(|pair| metric(pair[0]) >= metric(pair[1])));
    settings.net = TrainNet::DigitsCnn;
    assert!(api::train_stages(&settings, &mut |_| {}).unwrap_err().error.to_string().contains("no stages"));
}

/// Half of the first activation's ReLUs become a parabola; the network as it came is its own teacher.
#[test]
fn a_plan_is_fine_tuned_as_it_is() {
    let onnx = fs::read(corpus("digits/digits_cnn.onnx")).unwrap();
    let layer = PlanLayer {
        output: "/a.0/Relu_output_0".to_owned(),
        node: String::new(),
        target: "relu".to_owned(),
        elements: 512,
        kept: 256,
        method: None,
        // 10101010, the lowest bit first, 64 times.
        mask: Some(PlanMask { shape: vec![8, 8, 8], bits: "VVVV".repeat(21) + "VQ==" }),
        coefficients: vec![vec![0.1, 0.5, 0.1]],
        mse: None,
        outside: None,
        drops: Vec::new(),
    };
    let plan = Plan {
        schema: api::PLAN_SCHEMA.to_owned(),
        made_by: "a test".to_owned(),
        hash: String::new(),
        settings: Vec::new(),
        total: 1568,
        kept: 1312,
        layers: vec![layer],
    };
    let asked = TrainSettings {
        teacher: Some(("digits.onnx".to_owned(), onnx)),
        plan: Some(plan.to_json().unwrap()),
        ..settings(TrainData::Digits, TrainNet::DigitsCnn, &[TrainMethod::Plan], &[])
    };
    let trained = api::train(&asked, &mut |_| {}).unwrap();
    let [result] = &trained.results[..] else { panic!("{}", trained.results.len()) };
    assert_eq!((result.budget, result.relus, result.base_accuracy), (1312, 1312, 0.994));
    assert!(result.test_accuracy > 0.95 && result.accuracy_before_finetune < 0.99, "{result:?}");
    assert_eq!(seen(&trained.files[0].bytes, digits()), (result.test_accuracy, 1312));
    let refused = |change: &dyn Fn(&mut TrainSettings)| {
        let mut other = asked.clone();
        change(&mut other);
        api::train(&other, &mut |_| {}).unwrap_err().error.to_string()
    };
    assert!(refused(&|of| of.plan = None).contains("go together"));
    assert!(refused(&|of| of.methods = vec![TrainMethod::Snl]).contains("go together"));
    assert!(refused(&|of| of.teacher = None).contains("another model"));
    // The plan is its own budget, and nobody else's.
    let without = refused(&|of| of.methods.push(TrainMethod::Snl));
    assert!(without.contains("snl is given no budget"), "{without}");
}

/// A network whose places went in training is priced as the one with those rows removed; ONNX Runtime's part is played by the
/// CPU engine.
#[test]
fn nested_places_are_rows_removed() {
    let onnx = fs::read(corpus("digits/digits_cnn.onnx")).unwrap();
    let asked = TrainSettings {
        teacher: Some(("digits.onnx".to_owned(), onnx.clone())),
        epochs: [None, None, Some(1)],
        ..settings(TrainData::Digits, TrainNet::DigitsCnn, &[TrainMethod::Nested], &[1176, 500])
    };
    let trained = api::train(&asked, &mut |_| {}).unwrap();
    let rows = |bytes: &[u8]| {
        let file = NamedFile { name: "m.onnx".to_owned(), bytes: &bytes };
        let model = Model::open(&file, Vec::new(), &mut |_, _| ControlFlow::Continue(())).unwrap();
        model.score(&Settings::default()).unwrap().rows().to_vec()
    };
    let price = |rows: &[api::Row], protocol: &str| {
        let ask = api::Ask { terms: api::Terms::under(protocol), activations: api::Activations::Keep };
        api::cost_of(rows, &ask, api::Detail::Totals).unwrap().estimates.remove(0).bytes_total
    };
    let original = rows(&onnx);
    for (result, file) in trained.results.iter().zip(&trained.files) {
        assert_eq!(seen(&file.bytes, digits()), (result.test_accuracy, result.relus));
        let changed = rows(&file.bytes);
        let relus: Vec<u64> = (changed.iter().flat_map(|row| &row.work))
            .filter_map(|work| match work {
                api::Work::Activation(of) if of.comparisons > 0 => Some(of.elements),
                _ => None,
            })
            .collect();
        assert_eq!(relus.iter().sum::<u64>(), result.relus);
        // Four convolutions, a ReLU behind each; then one of the dense layer, which goes as a whole or not at all.
        let mut left = relus.iter().copied();
        let (mut here, mut convs) = (0, 0);
        let removed: Vec<api::Row> = original
            .iter()
            .map(|row| {
                let of_work = |work: &api::Work| match work {
                    api::Work::Conv(conv) => {
                        (here, convs) = (left.next().unwrap_or(0) / conv.out_channels, convs + 1);
                        api::Work::MatMul {
                            batch: 1,
                            m: here,
                            k: conv.in_channels * conv.kernel.iter().product::<u64>(),
                            n: conv.out_channels,
                            secret: false,
                            steps: 1,
                        }
                    }
                    api::Work::Activation(of) => {
                        let elements = if of.elements == 32 {
                            result.relus - relus.iter().take(4).sum::<u64>()
                        } else {
                            of.elements / [64, 64, 16, 16].get(convs - 1).copied().unwrap_or(1) * here
                        };
                        api::Work::Activation(api::Activation { elements, comparisons: elements, ..*of })
                    }
                    other => other.clone(),
                };
                api::Row { work: row.work.iter().map(of_work).collect(), ..row.clone() }
            })
            .collect();
        assert_eq!(convs, 4);
        for protocol in ["semi2k", "aby3"] {
            assert_eq!(price(&changed, protocol), price(&removed, protocol), "{protocol}, {}", result.budget);
            assert!(price(&changed, protocol) < price(&original, protocol));
        }
    }
    // A smaller budget's places lie within a larger one's.
    assert!(trained.results[0].relus > trained.results[1].relus);
}

/// A plan of Replace that drops outputs is fine-tuned with them gone.
#[test]
fn a_plan_that_drops_outputs_is_fine_tuned() {
    let onnx = fs::read(corpus("digits/digits_cnn.onnx")).unwrap();
    let files: Vec<api::OwnFile> = vec![("digits.onnx".to_owned(), Box::new(onnx.clone()))];
    let mut bench = api::Workbench::open(files, &Settings::default(), &RunOptions::default()).unwrap();
    bench
        .set_wish(&api::ReplaceSettings {
            budget: "60%".to_owned(),
            policy: "nested".to_owned(),
            granularity: "spatial".to_owned(),
            drop_outputs: true,
            ..api::ReplaceSettings::default()
        })
        .unwrap();
    let (mut plan, ..) = api::ready(bench.replace()).unwrap();
    let mut asked = TrainSettings {
        teacher: Some(("digits.onnx".to_owned(), onnx)),
        plan: Some(plan.to_json().unwrap()),
        ..settings(TrainData::Digits, TrainNet::DigitsCnn, &[TrainMethod::Plan], &[])
    };
    let trained = api::train(&asked, &mut |_| {}).unwrap();
    let result = &trained.results[0];
    assert_eq!((result.relus, result.base_accuracy), (plan.kept, 0.994));
    assert!(result.test_accuracy > result.accuracy_before_finetune, "{result:?}");
    assert_eq!(seen(&trained.files[0].bytes, digits()), (result.test_accuracy, plan.kept));
    let file = NamedFile { name: "m.onnx".to_owned(), bytes: &trained.files[0].bytes };
    let model = Model::open(&file, Vec::new(), &mut |_, _| ControlFlow::Continue(())).unwrap();
    let macs = model.score(&Settings::default()).unwrap().score.totals.macs;
    assert!(macs < 70_000, "{macs}: places of the convolutions went");
    // Some of the layers and not all is no plan that training knows.
    plan.layers[0].drops = Vec::new();
    asked.plan = Some(plan.to_json().unwrap());
    let refused = api::train(&asked, &mut |_| {}).unwrap_err().error;
    assert_eq!(refused.code, api::Code::NotSupported, "{refused}");
}

/// Takes the files of the first seeds, and refuses the next.
struct Taken(usize, Vec<u64>);

impl AdjustWatch for Taken {
    fn round(&mut self, _: u64, _: &AdjustRound) {}

    fn file(&mut self, seed: u64, _: &[u8]) -> Result<(), api::Error> {
        if self.1.len() == self.0 {
            return Err(api::Error::new(api::Code::Io, "full"));
        }
        self.1.push(seed);
        Ok(())
    }
}

/// What is asked wrongly is refused before a network is trained; what ended before a seed broke off is not lost.
#[test]
fn adjusting_is_checked_first_and_loses_nothing() {
    let how = AdjustSettings { of: UtilisationOf::Relu, rounds: 1, epochs: Some(1), share: 0.05, draws: 1 };
    let mut asked = TrainSettings {
        seeds: vec![0, 1, 2],
        ..settings(TrainData::Digits, TrainNet::DigitsCnn, &[], &[392])
    };
    let mut taken = Taken(1, Vec::new());
    let report = api::train_adjust(&asked, &how, &mut taken).unwrap();
    assert_eq!((report.seeds.len(), report.seeds[0].seed, taken.1), (1, 0, vec![0]));
    assert_eq!(report.broke.unwrap().code, api::Code::Io);
    // Whatever is trained at this rate breaks off at once.
    asked.rate = Some(1e30);
    let broke = api::train_adjust(&asked, &how, &mut Taken(1, Vec::new())).unwrap();
    assert!(broke.seeds.is_empty() && broke.broke.unwrap().message.contains("diverged"));
    let mut refused = |budget: u64, how: AdjustSettings| {
        asked.budgets = vec![budget];
        api::train_adjust(&asked, &how, &mut Taken(1, Vec::new())).is_err()
    };
    assert!(refused(0, how) && refused(1568, how));
    assert!(refused(392, AdjustSettings { rounds: 0, ..how }));
    assert!(refused(392, AdjustSettings { epochs: Some(0), ..how }));
}
