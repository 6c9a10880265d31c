//! Specs through every verb, each held against another way to the same figure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;
use crate::count::Row as WorkRow;
use crate::design::random_specs;

fn scored(spec: &Spec) -> Scored {
    Model::of_spec(spec, "spec").unwrap().score(&Settings::default()).unwrap()
}

fn spec(id: &str) -> Spec {
    preset(id).unwrap().spec
}

fn ask(protocols: &[&str]) -> Ask {
    let protocols = protocols.iter().map(|id| (*id).to_owned()).collect();
    Ask::from(Terms { protocols, ..Terms::default() })
}

/// The rows without building are those of the graph, names apart.
#[test]
fn rows_of_a_spec_are_those_of_its_graph() {
    let named: Vec<Spec> = presets().into_iter().map(|preset| preset.spec).collect();
    for spec in random_specs(60).into_iter().chain(named) {
        let want: Vec<WorkRow> =
            scored(&spec).rows().iter().map(|row| WorkRow { name: String::new(), ..row.clone() }).collect();
        let found = crate::design::rows(&spec);
        for (found, want) in found.iter().zip(&want) {
            assert_eq!(found, want, "{spec:?}");
        }
        assert_eq!(found.len(), want.len(), "{spec:?}");
    }
}

/// What ONNX's checker, ONNX Runtime and PyTorch were shown (`tests/corpus/design/check.py`) is what is built here.
#[test]
fn files_and_texts_are_those_that_were_checked() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/design");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let checked: BTreeMap<String, serde_json::Value> = serde_json::from_str(&read("checked.json")).unwrap();
    let hash =
        |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    let (mut texts, mut files) = (0, 0);
    for (name, row) in &checked {
        let spec = match preset(name) {
            Ok(preset) => preset.spec,
            Err(_) => Spec::parse(&read(&format!("specs/{name}.json"))).unwrap(),
        };
        assert!(row["difference"].as_f64().unwrap() <= 1e-5, "{name}");
        assert_eq!(row["text"], hash(design_pytorch(&spec).unwrap().as_bytes()), "{name}");
        let score = scored(&spec).score;
        assert_eq!(row["params"], score.totals.params, "{name}");
        assert_eq!(row["relus"], score.totals.relu.elements, "{name}");
        assert_eq!(row["macs"], score.totals.macs, "{name}");
        texts += 1;
        if score.totals.params < 1_000_000 {
            assert_eq!(row["file"], hash(&design_onnx(&spec, "net.json", 0).unwrap()), "{name}");
            files += 1;
        }
    }
    assert!(texts >= 60 && files >= 6, "{texts} {files}");
}

/// A file with weights opens to the score of its spec.
#[test]
fn a_file_opens_to_its_specs_score() {
    for spec in random_specs(12) {
        let bytes = design_onnx(&spec, "spec", 3).unwrap();
        let file = NamedFile { name: "spec.onnx".into(), bytes: &bytes };
        let model = Model::open(&file, Vec::new(), &mut |_, _| std::ops::ControlFlow::Continue(())).unwrap();
        let found = model.score(&Settings::default()).unwrap().score;
        let want = scored(&spec).score;
        assert_eq!(found.model.hash, want.model.hash);
        assert_eq!(
            (found.totals.params, found.totals.macs, found.totals.relu),
            (want.totals.params, want.totals.macs, want.totals.relu)
        );
    }
}

#[test]
fn a_diff_adds_up_and_aligns_stages() {
    let ask = ask(&["semi2k", "delphi:server-garbler"]);
    let (a, b) = (scored(&spec("hrn-5x5x3x-cifar100")), scored(&spec("wrn22-8-cifar100")));
    let found = diff(&a, &b, &ask).unwrap();
    let names: Vec<&str> = found.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["stem", "S1", "S2", "S3", "S4", "head"]);
    assert!(found.stages[4].b.is_none() && !found.same_structure);
    let channels: Vec<_> = found.stages[..5].iter().map(|stage| stage.a.as_ref().unwrap().channels).collect();
    assert_eq!(channels, [16, 16, 80, 400, 1200].map(Some));
    for (side, whole) in [(0, &found.a), (1, &found.b)] {
        let stages: Vec<&StageFigures> = found
            .stages
            .iter()
            .filter_map(|stage| if side == 0 { stage.a.as_ref() } else { stage.b.as_ref() })
            .collect();
        assert_eq!(stages.iter().map(|stage| stage.relus).sum::<u64>(), whole.relus);
        assert_eq!(stages.iter().map(|stage| stage.macs).sum::<u64>(), whole.macs);
        assert_eq!(stages.iter().map(|stage| stage.params).sum::<u64>(), whole.params);
        for (place, cost) in found.costs.iter().enumerate() {
            let cost = if side == 0 { cost.a } else { cost.b };
            assert_eq!(stages.iter().map(|stage| stage.costs[place].bytes).sum::<u64>(), cost.bytes);
            let seconds: f64 = stages.iter().filter_map(|stage| stage.costs[place].offline_seconds).sum();
            let want = cost.offline_seconds.map_or(0.0, |seconds| seconds[1]);
            assert!((seconds - want).abs() <= 1e-9 * want, "{seconds} {want}");
        }
    }
    assert!(diff(&a, &a, &ask).unwrap().same_structure);
}

/// Every closed set of a network, against the price of the spec that is one channel wider there.
#[test]
fn a_price_gradient_is_the_price_of_the_widened_network() {
    let ask = ask(&["semi2k", "delphi:server-garbler", "ckks:cpu"]);
    let stage = |block, blocks, channels, mid, stride| SpecStage {
        mid: Some(Sizes::All(mid)),
        ..SpecStage::new(block, blocks, channels, stride)
    };
    let base = Spec {
        input: [3, 20, 26],
        classes: 9,
        stem: Some(Stem::new(8)),
        stages: vec![
            stage(Block::Basic, 2, 8, 6, 1),
            stage(Block::Bottleneck, 2, 12, 5, 2),
            SpecStage { relu: Relus::First, ..stage(Block::Basic, 1, 10, 7, 2) },
        ],
        head: Head::Gap,
    };
    let now = scored(&base);
    let gradient = now.gradient(&ask).unwrap();
    // Outputs of the three stages; the inside of two basic blocks, twice the insides of two bottlenecks, of one block.
    assert_eq!(gradient.sets.len(), 3 + 2 + 4 + 1, "{:?}", gradient.sets);
    assert_eq!(gradient.open.len(), 1);
    let wider = |layer: &str| -> Option<Spec> {
        let mut spec = base.clone();
        let part = |at: usize, block: usize, spec: &mut Spec| {
            let mid = match &spec.stages[at].mid {
                Some(Sizes::All(mid)) => *mid,
                _ => unreachable!(),
            };
            let count = spec.stages[at].blocks as usize;
            spec.stages[at].mid =
                Some(Sizes::Each((0..count).map(|b| mid + u32::from(b == block)).collect()));
        };
        match layer {
            "/conv1/Conv" => {
                spec.stem.as_mut()?.channels += 1;
                spec.stages[0].channels = Sizes::All(9);
            }
            "/layer1/layer1.0/conv1/Conv" => part(0, 0, &mut spec),
            "/layer1/layer1.1/conv1/Conv" => part(0, 1, &mut spec),
            "/layer2/layer2.0/conv3/Conv" => spec.stages[1].channels = Sizes::All(13),
            "/layer3/layer3.0/conv1/Conv" => part(2, 0, &mut spec),
            "/layer3/layer3.0/conv2/Conv" => spec.stages[2].channels = Sizes::All(11),
            // A bottleneck's two inner widths are one number of a spec.
            _ => return None,
        }
        Some(spec)
    };
    let mut seen = 0;
    for set in &gradient.sets {
        let Some(spec) = wider(&set.layers[0]) else { continue };
        seen += 1;
        let then = scored(&spec);
        let (a, b) = (&now.score.totals, &then.score.totals);
        let want = (b.relu.elements - a.relu.elements, b.macs - a.macs, b.params - a.params);
        assert_eq!((set.relus, set.macs, set.params), want, "{set:?}");
        let prices = [now.cost(&ask).unwrap().estimates, then.cost(&ask).unwrap().estimates];
        for (place, step) in set.prices.iter().enumerate() {
            let [a, b] = [&prices[0][place], &prices[1][place]];
            assert_eq!(step.bytes, b.bytes_total as i64 - a.bytes_total as i64, "{set:?}");
            for (found, a, b) in [
                (step.offline_seconds, a.offline.seconds, b.offline.seconds),
                (step.online_seconds, a.online.seconds, b.online.seconds),
            ] {
                assert_eq!(found, a.zip(b).map(|(a, b)| b[1] - a[1]), "{set:?}");
            }
        }
    }
    assert_eq!(seen, 6);
}

/// Which layer is dearest to widen hangs on the protocol.
#[test]
fn protocols_order_the_same_layers_otherwise() {
    let gradient =
        scored(&spec("resnet18-cifar100")).gradient(&ask(&["delphi:server-garbler", "ckks:cpu"])).unwrap();
    let order = |place: usize| {
        let price = |set: &TiedSet| {
            let price = &set.prices[place];
            price.offline_seconds.unwrap_or(0.0) + price.online_seconds.unwrap_or(0.0)
        };
        let mut sets: Vec<&TiedSet> = gradient.sets.iter().collect();
        sets.sort_by(|a, b| price(b).total_cmp(&price(a)));
        sets.iter().map(|set| set.layers[0].clone()).collect::<Vec<_>>()
    };
    assert_ne!(order(0), order(1));
}

/// Depthwise layers widen with what they read; concatenation is open.
#[test]
fn depthwise_layers_are_tied_and_what_rearranges_is_open() {
    let ask = ask(&["semi2k"]);
    let open =
        |id: &str| Model::example(id).unwrap().score(&Settings::default()).unwrap().gradient(&ask).unwrap();
    let mobile = open("mobilenetv2");
    let first = &mobile.sets[0];
    assert_eq!((first.layers.len(), first.channels), (2, 32), "{first:?}");
    let squeeze = open("squeezenet1_1");
    assert!(squeeze.open.iter().any(|set| set.reason.contains("rearranges")));
}

fn digits(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/digits").join(name))
        .unwrap()
}

fn bench(name: &str, bytes: Vec<u8>) -> Workbench {
    let own: OwnFile = (name.to_owned(), Box::new(bytes));
    Workbench::open(vec![own], &Settings::default(), &RunOptions { batch: 50, ..Default::default() }).unwrap()
}

/// The share of digits that a model gets right, by its largest output.
fn right(bytes: &[u8]) -> f64 {
    let file = NamedFile { name: "digits.onnx".into(), bytes: &bytes };
    let options = RunOptions { batch: 100, ..Default::default() };
    let mut go = |_, _| std::ops::ControlFlow::Continue(());
    let mut session = RunSession::open(&[file], &Settings::default(), &options, &mut go).unwrap();
    let all = arrays("digits.npz", &digits("digits.npz")).unwrap();
    let labels = all.iter().find(|(name, _)| name == "y").unwrap().1.to_f32().into_owned();
    let x = all.into_iter().filter(|(name, _)| name == "x").collect();
    let given = session.given(x, None).unwrap();
    let outcome = pollster::block_on(session.run(given, &RunRequest::default(), &mut go)).unwrap();
    let logits = outcome.outputs[0].1.to_f32();
    let best = |row: &[f32]| (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
    let hits =
        logits.chunks(10).zip(labels.iter()).filter(|(row, label)| best(row) == **label as usize).count();
    hits as f64 / labels.len() as f64
}

/// Each stage's figures against the file with those Relu nodes made Identity by hand.
#[test]
fn criticality_is_that_of_brute_force() {
    use prost::Message as _;
    let bytes = digits("digits_cnn.onnx");
    let mut bench = bench("digits_cnn.onnx", bytes.clone());
    bench.set_test(Some(arrays("digits.npz", &digits("digits.npz")).unwrap()), None);
    let found = pollster::block_on(bench.criticality(0.0)).unwrap();
    let sites = bench.info().layers;
    let stages = crate::api::coarse::stage_names(&bench);
    let by_hand = |stays: &dyn Fn(&str) -> bool| {
        let mut model = crate::onnx::ModelProto::decode(bytes.as_slice()).unwrap();
        for node in &mut model.graph.as_mut().unwrap().node {
            let at = sites.iter().position(|site| node.output.first() == Some(&site.output));
            if at.is_some_and(|at| !stays(&stages[at])) {
                assert_eq!(node.op_type(), "Relu");
                node.op_type = Some("Identity".to_owned());
            }
        }
        right(&model.encode_to_vec())
    };
    assert_eq!((found.samples, found.all.top1), (500, 0.994));
    assert_eq!(found.none.top1, by_hand(&|_| false));
    assert!(found.stages.len() >= 3, "{:?}", found.stages);
    assert_eq!(found.stages.iter().map(|stage| stage.relus).sum::<u64>(), 1568);
    for stage in &found.stages {
        assert_eq!(stage.kept.top1, by_hand(&|name| name == stage.name), "{}", stage.name);
        assert_eq!(stage.removed.top1, by_hand(&|name| name != stage.name), "{}", stage.name);
        assert_eq!(stage.score, stage.kept.top1 - found.none.top1);
    }
    let scores: Vec<f64> = found
        .order
        .iter()
        .map(|name| found.stages.iter().find(|stage| stage.name == *name).unwrap().score)
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.len() == found.stages.len());
    assert!(pollster::block_on(bench.criticality(f64::NAN)).is_err());
}

/// A small network of two kinds of block, with inner widths of 4 in its bottlenecks.
fn small() -> Spec {
    Spec {
        input: [3, 16, 16],
        classes: 10,
        stem: Some(Stem::new(6)),
        stages: vec![
            SpecStage::new(Block::Basic, 2, 6, 1),
            SpecStage::new(Block::Basic, 1, 10, 2),
            SpecStage::new(Block::Bottleneck, 2, 16, 2),
        ],
        head: Head::Gap,
    }
}

fn score_of(bytes: &[u8]) -> Score {
    let file = NamedFile { name: "net.onnx".into(), bytes: &bytes };
    let mut go = |_, _| std::ops::ControlFlow::Continue(());
    Model::open(&file, Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap().score
}

/// ReLUs of the stem and of each stage.
fn stage_relus(bytes: &[u8]) -> Vec<u64> {
    let stages = score_of(bytes).stages;
    stages.iter().filter(|stage| stage.name != "head").map(|stage| stage.relu.elements).collect()
}

/// The first output of two seeded samples, on the CPU and, where there is one, on the GPU.
fn ran(bytes: &[u8]) -> Vec<(EngineKind, Vec<f32>)> {
    let gpu = crate::run::gpu::tests::gpu().map(|_| EngineKind::Gpu);
    let one = |engine: EngineKind| {
        let file = NamedFile { name: "net.onnx".into(), bytes: &bytes };
        let mut go = |_, _| std::ops::ControlFlow::Continue(());
        let options = RunOptions { engine, ..RunOptions::default() };
        let mut session = RunSession::open(&[file], &Settings::default(), &options, &mut go).unwrap();
        let given = session.random(2, 5).unwrap();
        let outcome = pollster::block_on(session.run(given, &RunRequest::default(), &mut go)).unwrap();
        // It did not end on the CPU.
        assert_eq!(outcome.report.engine.engine, engine.name(), "{:?}", outcome.report.engine);
        (engine, outcome.outputs[0].1.to_f32().into_owned())
    };
    std::iter::once(EngineKind::Cpu).chain(gpu).map(one).collect()
}

fn assert_near(found: &[(EngineKind, Vec<f32>)], want: &[f32], what: &str) {
    let top = want.iter().fold(0.0f32, |top, value| top.max(value.abs()));
    assert!(top > 1e-3, "{what}");
    for (engine, got) in found {
        let off = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / top;
        assert!(got.len() == want.len() && off < 1e-4, "{what} on {engine:?}: {off}");
    }
}

/// ReLUs of each stage after coarse steps, by hand; the changed file counts the same and runs on both engines. Where a spec
/// can say the same, its network, built with the same weights, gives the same outputs.
#[test]
fn coarse_steps_leave_what_they_say() {
    let bytes = design_onnx(&small(), "small", 1).unwrap();
    let bench = bench("small.onnx", bytes.clone());
    // Stem 6 x 256; two blocks of 2 x 6 x 256; one of 2 x 10 x 64; bottlenecks with insides of 4: the first has
    // 4 x 64 + 4 x 16 + 16 x 16, the second 4 x 16 + 4 x 16 + 16 x 16.
    let all = [1536, 6144, 1280, 576 + 384];
    let second = |mut spec: Spec| {
        spec.stages.iter_mut().for_each(|stage| stage.relu = Relus::Second);
        spec
    };
    let without_stem = |mut spec: Spec| {
        spec.stem.iter_mut().for_each(|stem| stem.relu = false);
        spec
    };
    let cases: [(serde_json::Value, [u64; 4], Option<Spec>); 6] = [
        (json!({}), all, Some(small())),
        (json!({"cull": ["stem", "S2"]}), [0, 6144, 0, 960], Some(without_stem(small().culled(&[2])))),
        (json!({"thin": "first"}), [1536, 3072, 640, 320 + 128], Some(small().thinned())),
        (json!({"thin": "second"}), [1536, 3072, 640, 512], Some(second(small()))),
        (json!({"skip": true}), [1536, 3072, 640, 448], Some(small().without_skip_relus())),
        // Half the channels of each: 3 of 6, 5 of 10, 2 of 4, 8 of 16.
        (json!({"groups": 2, "cull": ["S1"]}), [768, 0, 640, 480], None),
    ];
    for (settings, want, same) in cases {
        let what = settings.to_string();
        let plan = bench.coarse(&serde_json::from_value(settings).unwrap()).unwrap();
        assert_eq!(plan.kept, want.iter().sum::<u64>(), "{what}");
        let spliced = bench.carry_out(&plan).unwrap();
        let mut changed = Vec::new();
        spliced
            .write(&bytes, &mut |part: &[u8]| {
                changed.extend_from_slice(part);
                Ok(())
            })
            .unwrap();
        assert_eq!(stage_relus(&changed), want, "{what}");
        let found = ran(&changed);
        let want = match same {
            Some(spec) => ran(&design_onnx(&spec, "same", 1).unwrap()).remove(0).1,
            None => found[0].1.clone(),
        };
        assert_near(&found, &want, &what);
    }
    assert!(bench.coarse(&CoarseSettings { groups: Some(0), ..Default::default() }).is_err());
    assert!(bench.coarse(&CoarseSettings { cull: vec!["S9".to_owned()], ..Default::default() }).is_err());
}

/// A group mask passes what it does not keep: what the first half of the channels makes is rectified, the other as it came.
#[test]
fn group_masks_pass_the_other_groups_as_they_are() {
    let narrow = Spec { stages: vec![SpecStage::new(Block::Vgg, 1, 4, 1)], stem: None, ..small() };
    let without =
        Spec { stages: vec![SpecStage { relu: Relus::None, ..narrow.stages[0].clone() }], ..narrow.clone() };
    let bytes = design_onnx(&narrow, "narrow", 3).unwrap();
    let bench = bench("narrow.onnx", bytes.clone());
    let plan = bench.coarse(&CoarseSettings { groups: Some(2), ..Default::default() }).unwrap();
    let [layer] = &plan.layers[..] else { panic!("one ReLU") };
    assert_eq!((layer.elements, layer.kept), (4 * 256, 2 * 256));
    let mut changed = Vec::new();
    let take = &mut |part: &[u8]| {
        changed.extend_from_slice(part);
        Ok(())
    };
    bench.carry_out(&plan).unwrap().write(&bytes, take).unwrap();
    assert_eq!(score_of(&changed).totals.relu.elements, 2 * 256);
    let (all, none) = (pooled(&bytes), pooled(&design_onnx(&without, "without", 3).unwrap()));
    let groups = pooled(&changed);
    // Four channels a sample, the mean of each over its map.
    for (at, found) in groups.iter().enumerate() {
        let want = if at % 4 < 2 { all[at] } else { none[at] };
        assert!((found - want).abs() < 1e-5 && (all[at] - none[at]).abs() > 1e-3, "{at}: {found} {want}");
    }
}

/// What the average pool of a network makes, on the CPU.
fn pooled(bytes: &[u8]) -> Vec<f32> {
    let file = NamedFile { name: "net.onnx".into(), bytes: &bytes };
    let mut go = |_, _| std::ops::ControlFlow::Continue(());
    let mut session =
        RunSession::open(&[file], &Settings::default(), &RunOptions::default(), &mut go).unwrap();
    let given = session.random(2, 5).unwrap();
    let request = RunRequest {
        outputs: vec!["/avgpool/GlobalAveragePool_output_0".to_owned()],
        ..RunRequest::default()
    };
    let outcome = pollster::block_on(session.run(given, &request, &mut go)).unwrap();
    outcome.outputs[0].1.to_f32().into_owned()
}

/// Specs that were rewritten, balanced ones too: ReLUs of each stage by hand, and their networks run alike on both engines.
#[test]
fn rewritten_specs_count_and_run() {
    // Channels times four at each stride of two: 6, 24, 96; the bottlenecks' insides are a quarter of 96.
    let balanced = [1536, 6144, 2 * 24 * 64, 24 * 64 + 24 * 16 + 96 * 16 + 2 * 24 * 16 + 96 * 16];
    let cases = [
        ("balanced", small().balanced(), balanced),
        ("balanced and thinned", small().balanced().thinned(), [1536, 3072, 1536, 24 * 64 + 3 * 24 * 16]),
        ("culled", small().culled(&[1]), [0, 0, 1280, 960]),
        (
            "narrowed, shrunk",
            small().narrowed(2).shrunk(2),
            [192, 768, 160, (2 * 16 + 2 * 4 + 8 * 4) + (4 * 4 + 8 * 4)],
        ),
    ];
    for (what, spec, want) in cases {
        let bytes = design_onnx(&spec, "rewritten", 2).unwrap();
        assert_eq!(stage_relus(&bytes), want, "{what}");
        let found = ran(&bytes);
        let want = found[0].1.clone();
        assert_near(&found, &want, what);
    }
}

fn sweep() -> ExploreSettings {
    let base = spec("resnet18-cifar100");
    serde_json::from_value(json!({
        "base": base,
        "vary": [
            {"what": "base", "values": [4, 8, 16]},
            {"what": "multiplier.2", "from": 1, "to": 4},
            {"what": "multiplier.3", "from": 2, "to": 6, "step": 2},
            {"what": "multiplier.4", "values": [1, 2]},
            {"what": "stages.2.blocks", "from": 0, "to": 2},
            {"what": "stages.1.relu", "values": ["all", "none", "first"]}
        ],
        "constraints": [{"of": "relus", "most": 100_000}, {"of": "bytes:semi2k", "most": 80e6}],
        "objectives": [{"of": "relus", "sense": "min"}, {"of": "macs", "sense": "max"}, {"of": "seconds:delphi:server-garbler", "sense": "min"}]
    }))
    .unwrap()
}

fn run(settings: &ExploreSettings, shard: [u64; 2]) -> (ExploreReport, Vec<(u64, Vec<f64>)>) {
    let mut explorer = Explorer::new(settings.clone(), shard).unwrap();
    let mut points = Vec::new();
    while explorer.step(37, &mut |index, figures| points.push((index, figures.to_vec()))).unwrap() {}
    (explorer.report(), points)
}

#[test]
fn a_sweep_scores_what_would_be_built_and_its_front_is_exact() {
    let settings = sweep();
    let (report, points) = run(&settings, [1, 1]);
    assert_eq!(report.candidates, 3 * 4 * 3 * 2 * 3 * 3);
    assert_eq!(report.invalid, report.candidates / 3);
    assert_eq!(report.kept, points.len() as u64);
    assert_eq!(report.figures[3..], ["bytes:semi2k", "seconds:delphi:server-garbler"]);
    let ask = ask(&["semi2k", "delphi:server-garbler"]);
    for (index, figures) in points.iter().step_by(19) {
        let scored = scored(&explored_spec(&settings, *index).unwrap());
        let totals = &scored.score.totals;
        assert_eq!(figures[..3], [totals.relu.elements as f64, totals.macs as f64, totals.params as f64]);
        let estimates = scored.cost(&ask).unwrap().estimates;
        assert_eq!(figures[3], estimates[0].bytes_total as f64);
        let seconds = estimates[1].offline.seconds.unwrap()[1] + estimates[1].online.seconds.unwrap()[1];
        assert!((figures[4] - seconds).abs() < 1e-9 * seconds, "{} {seconds}", figures[4]);
        assert!(figures[0] <= 100_000.0 && figures[3] <= 80e6);
    }
    let costs = |figures: &[f64]| [figures[0], -figures[1], figures[4]];
    let beaten = |(index, figures): &(u64, Vec<f64>)| {
        points.iter().any(|(other, by)| {
            let (a, b) = (costs(by), costs(figures));
            a.iter().zip(b).all(|(a, b)| *a <= b) && (a != b || other < index)
        })
    };
    let mut naive: Vec<u64> = points.iter().filter(|point| !beaten(point)).map(|(index, _)| *index).collect();
    let mut found: Vec<u64> = report.front.iter().map(|point| point.index).collect();
    naive.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, naive);
    assert!(found.len() > 3);
}

#[test]
fn parts_merge_to_the_whole() {
    for settings in [sweep(), ExploreSettings { sample: Some(Sample { count: 150, seed: 4 }), ..sweep() }] {
        let whole = run(&settings, [1, 1]).0;
        let mut parts: Vec<ExploreReport> = (1..=4).map(|part| run(&settings, [part, 4]).0).collect();
        parts.rotate_left(2);
        // As they come back from files.
        let parts: Vec<ExploreReport> = parts
            .iter()
            .map(|part| serde_json::from_str(&serde_json::to_string(part).unwrap()).unwrap())
            .collect();
        assert_eq!(merge(&parts).unwrap(), whole);
        let half = merge(&parts[..2]).unwrap();
        assert_eq!((half.shards.clone(), half.of), (vec![3, 4], 4));
        assert!(merge(&[half, parts[1].clone()]).is_err());
        assert_eq!(explore_csv(&whole).lines().count(), whole.front.len() + 1);
    }
    let other = ExploreSettings { constraints: Vec::new(), ..sweep() };
    assert!(merge(&[run(&sweep(), [1, 2]).0, run(&other, [2, 2]).0]).is_err());
}

#[test]
fn strange_sweeps_are_refused() {
    let refused = |change: fn(&mut serde_json::Value)| {
        let mut value = serde_json::to_value(sweep()).unwrap();
        change(&mut value);
        match serde_json::from_value::<ExploreSettings>(value) {
            Ok(settings) => Explorer::new(settings, [1, 1]).is_err(),
            Err(_) => true,
        }
    };
    assert!(!refused(|_| {}));
    assert!(refused(|v| v["vary"][0]["what"] = json!("stages.5.blocks")));
    assert!(refused(|v| v["vary"][0]["what"] = json!("multiplier.2")));
    assert!(refused(|v| v["vary"][0]["values"] = json!([])));
    assert!(refused(|v| v["vary"][0]["from"] = json!(3)));
    assert!(refused(|v| v["vary"][5]["values"] = json!([1])));
    assert!(refused(|v| v["objectives"] = json!([])));
    assert!(refused(|v| v["constraints"][0]["of"] = json!("beauty")));
    assert!(refused(|v| v["constraints"][0]["of"] = json!("bytes:nobody")));
    assert!(refused(|v| v["surprise"] = json!(1)));
    assert!(Explorer::new(sweep(), [0, 4]).is_err() && Explorer::new(sweep(), [5, 4]).is_err());
}
