//! The protocol run for real: the digits network and ResNet-20 against the ring's simulation, a public engine's bytes and
//! the profile, layer by layer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::ops::ControlFlow;

use reluctant::api::{
    self, Code, Error, Line, LocalFile, MpcReport, MpcSettings, NamedFile, RunOptions, RunSession, Settings,
    Tensor,
};
use reluctant_tests::corpus;

fn array(path: &str, name: &str) -> Tensor {
    let arrays = api::arrays(path, &fs::read(corpus(path)).unwrap()).unwrap();
    arrays.into_iter().find(|(found, _)| found == name || name.is_empty()).unwrap().1
}

fn run(path: &str, input: Tensor, labels: Option<Tensor>, asked: &MpcSettings) -> Result<MpcReport, Error> {
    of_file(
        NamedFile { name: path.to_owned(), bytes: &LocalFile::open(&corpus(path))? },
        input,
        labels,
        asked,
    )
}

fn of_file(
    file: NamedFile<'_>,
    input: Tensor,
    labels: Option<Tensor>,
    asked: &MpcSettings,
) -> Result<MpcReport, Error> {
    let files = [file];
    let options = RunOptions { batch: 1, ..RunOptions::default() };
    let mut quiet = |_, _| ControlFlow::Continue(());
    let mut session = RunSession::open(&files, &Settings::default(), &options, &mut quiet)?;
    let name = session.info().inputs[0].name.clone();
    let given = session.given(vec![(name, input)], labels)?;
    session.mpc(given, asked, &mut quiet)
}

/// A number and a part in protobuf's bytes.
fn whole(field: u64, value: u64) -> Vec<u8> {
    let one = |mut x: u64| {
        let mut bytes = Vec::new();
        while x > 127 {
            bytes.push(x as u8 | 128);
            x >>= 7;
        }
        bytes.push(x as u8);
        bytes
    };
    [one(field << 3), one(value)].concat()
}

fn part(field: u64, bytes: &[u8]) -> Vec<u8> {
    let mut all = whole(field, bytes.len() as u64);
    all[0] |= 2;
    all.extend(bytes);
    all
}

/// A node: its operator, inputs, outputs and attributes, one number or several.
type Written<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [(&'a str, &'a [u64])]);

/// A model of x to y of these sizes, with weights, and runs it on these numbers.
fn written(
    nodes: &[Written<'_>],
    weights: &[(&str, &[u64], &[f32])],
    [x, y]: [&[u64]; 2],
    input: &[f32],
    asked: &MpcSettings,
) -> Result<MpcReport, Error> {
    let mut graph = part(2, b"written");
    for (op, inputs, outputs, attributes) in nodes {
        let mut node = [part(4, op.as_bytes()), part(3, op.as_bytes())].concat();
        inputs.iter().for_each(|name| node.extend(part(1, name.as_bytes())));
        outputs.iter().for_each(|name| node.extend(part(2, name.as_bytes())));
        for (name, values) in *attributes {
            let (field, kind) = if values.len() == 1 { (3, 2) } else { (8, 7) };
            let values: Vec<u8> = values.iter().flat_map(|value| whole(field, *value)).collect();
            node.extend(part(5, &[part(1, name.as_bytes()), values, whole(20, kind)].concat()));
        }
        graph.extend(part(1, &node));
    }
    for (name, dims, numbers) in weights {
        let dims: Vec<u8> = dims.iter().flat_map(|n| whole(1, *n)).collect();
        let raw: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        graph.extend(part(5, &[dims, whole(2, 1), part(8, name.as_bytes()), part(9, &raw)].concat()));
    }
    for (field, name, dims) in [(11, "x", x), (12, "y", y)] {
        let dims: Vec<u8> = dims.iter().flat_map(|n| part(1, &whole(1, *n))).collect();
        let kind = part(1, &[whole(1, 1), part(2, &dims)].concat());
        graph.extend(part(field, &[part(1, name.as_bytes()), part(2, &kind)].concat()));
    }
    let model = [whole(1, 8), part(8, &whole(2, 17)), part(7, &graph)].concat();
    let x = Tensor::new(x.iter().map(|n| *n as usize).collect(), input.to_vec())?;
    of_file(NamedFile { name: "written.onnx".to_owned(), bytes: &model }, x, None, asked)
}

/// Every layer sends what the profile says.
fn as_priced(report: &MpcReport) {
    let off: Vec<String> = report
        .layers
        .iter()
        .filter(|layer| Some(layer.bytes) != layer.predicted_bytes)
        .map(|layer| format!("{} {}: {} for {:?}", layer.op, layer.name, layer.bytes, layer.predicted_bytes))
        .collect();
    assert!(off.is_empty(), "{off:#?}");
    assert_eq!(Some(report.bytes_total), report.predicted_bytes_total);
    assert_eq!(report.bytes_total, report.layers.iter().map(|layer| layer.bytes).sum::<u64>());
    assert_eq!(report.rounds, report.layers.iter().map(|layer| layer.rounds).sum::<u64>());
    assert_eq!(report.bytes_by_party[0], report.bytes_by_party[1]);
    let (sharing, dealt) =
        (report.input_bytes + report.weights_bytes + report.output_bytes, report.dealer_bytes);
    assert_eq!(report.kinds.iter().map(|kind| kind.bytes).sum::<u64>(), report.bytes_total + sharing + dealt);
}

/// SPU 0.9.5 sent 483,280 B in 54 messages of each party for this network under SEMI2K at 64 bits.
#[test]
fn digits_as_a_public_engine_ran_it() {
    let (x, y) = (array("digits/digits.npz", "x"), array("digits/digits.npz", "y"));
    let asked = MpcSettings { simulate: true, ..MpcSettings::default() };
    let report = run("digits/digits_cnn.onnx", x, Some(y), &asked).unwrap();
    as_priced(&report);
    assert_eq!((report.bytes_total, report.messages, report.rounds), (483_280, 54, 54));
    // 1,568 ReLUs: 448 bits of comparison and 16 B of choice from each.
    let bytes = |kind: &str| {
        let all = report.kinds.iter().filter(|one| serde_json::to_value(one.kind).unwrap() == kind);
        all.map(|one| one.bytes).sum::<u64>()
    };
    assert_eq!([bytes("comparison"), bytes("choice")], [1568 * 112, 1568 * 32]);
    assert_eq!([bytes("linear"), bytes("truncation")], [243_328, 1_770 * 8]);
    let ring = report.ring.unwrap();
    assert_eq!((report.samples, ring.same), (500, 500));
    assert_eq!(report.accuracy.unwrap().correct, 497);
    // One unit is 2^-18; both are a few units off, the protocol without the simulation's truncation of each norm.
    assert!(ring.float_difference <= 2.0 * ring.simulated_difference, "{ring:?}");
    assert!(ring.simulated_difference < 1e-3, "{ring:?}");
}

/// A plan's mask and polynomials: what it keeps is compared, and the polynomial is computed where it stands, 152 of 256
/// elements of the second activation, and nowhere else.
#[test]
fn a_plan_is_run_as_it_is_priced() {
    let x = array("digits/digits.npz", "x").rows(0, 100);
    let y = array("digits/digits.npz", "y").rows(0, 100);
    let asked = MpcSettings { simulate: true, ..MpcSettings::default() };
    let report = run("mpc/digits_25.onnx", x, Some(y), &asked).unwrap();
    as_priced(&report);
    assert_eq!(report.bytes_total, 370_384);
    // 256 + 104 + 32 ReLUs stay.
    let choice = report.kinds.iter().find(|one| serde_json::to_value(one.kind).unwrap() == "choice").unwrap();
    assert_eq!(choice.bytes, 392 * 32);
    let ring = report.ring.unwrap();
    assert_eq!(ring.same, 100);
    assert!(ring.float_difference < 1e-2, "{ring:?}");
}

#[test]
fn a_narrow_ring_and_the_best_class_alone() {
    let x = array("digits/digits.npz", "x").rows(0, 20);
    let y = array("digits/digits.npz", "y").rows(0, 20);
    let narrow = MpcSettings {
        ring_bits: 32,
        fraction_bits: 8,
        simulate: true,
        argmax: true,
        ..MpcSettings::default()
    };
    let report = run("digits/digits_cnn.onnx", x.clone(), Some(y.clone()), &narrow).unwrap();
    assert_eq!(report.ring.unwrap().same, 20);
    assert!(report.output.iter().all(|row| row.len() == 1));
    let told: Vec<f64> = report.output.iter().flatten().copied().collect();
    let scores = run("digits/digits_cnn.onnx", x, Some(y), &MpcSettings { argmax: false, ..narrow }).unwrap();
    as_priced(&scores);
    let best = |row: &Vec<f64>| {
        let most = row.iter().copied().fold(f64::MIN, f64::max);
        row.iter().position(|x| *x == most).unwrap() as f64
    };
    assert_eq!(told, scores.output.iter().map(best).collect::<Vec<_>>());
    // The class is opened for 9 comparisons and 18 choices, and 4 B in place of 40.
    let class = report.layers.last().unwrap();
    assert_eq!((class.op.as_str(), class.bytes, class.predicted_bytes), ("ArgMax", 9 * (64 + 2 * 16), None));
    assert_eq!(report.bytes_total - scores.bytes_total, class.bytes);
    assert_eq!(report.rounds - scores.rounds, class.rounds);
    assert_eq!(report.predicted_bytes_total, None, "a layer has no price");
    for (one, other) in report.layers.iter().zip(&scores.layers) {
        assert_eq!(
            (&one.name, one.bytes, one.predicted_bytes),
            (&other.name, other.bytes, Some(other.bytes))
        );
    }
    assert_eq!(report.layers.len(), scores.layers.len() + 1);
    // The class is enough for accuracy, not for the five best.
    let (of_class, of_scores) = (report.accuracy.unwrap(), scores.accuracy.unwrap());
    assert_eq!((of_class.samples, of_class.correct), (of_scores.samples, of_scores.correct));
    assert!(of_class.correct5.is_none() && of_scores.correct5.is_some());
    assert_eq!([report.output_bytes, scores.output_bytes], [4, 40]);
}

/// 57,502,032 B in the public engine.
#[test]
fn resnet20_sends_what_the_public_engine_sent() {
    let model = "models/resnet20_32.legacy.op13.b1";
    let asked = MpcSettings { link: Some(Line::preset("lan").unwrap()), ..MpcSettings::default() };
    let report = run(&format!("{model}.onnx"), array(&format!("{model}.in0.npy"), ""), None, &asked).unwrap();
    as_priced(&report);
    assert_eq!(report.bytes_total, 57_502_032);
    let wanted = array(&format!("{model}.out0.npy"), "");
    for (found, wanted) in report.output[0].iter().zip(wanted.to_f32().iter()) {
        assert!((found - f64::from(*wanted)).abs() < 1e-2, "{found} for {wanted}");
    }
    // It waits as long as the link is priced, and a little: each sleep is at least what was asked for.
    let waited = report.seconds - report.compute_seconds;
    assert!(waited >= report.link_seconds, "{waited} for {}", report.link_seconds);
    println!("{} rounds, {:.3} s of compute", report.rounds, report.compute_seconds);
}

/// Each operator, against onnxruntime.
#[test]
fn every_operator_answers_as_onnxruntime_does_and_costs_what_it_is_priced() {
    let asked = MpcSettings { simulate: true, ..MpcSettings::default() };
    let report = run("mpc/kinds.onnx", array("mpc/kinds.in0.npy", ""), None, &asked).unwrap();
    as_priced(&report);
    let wanted = array("mpc/kinds.out0.npy", "");
    let found = report.output.iter().flatten();
    let off =
        found.zip(wanted.to_f32().iter()).fold(0f64, |most, (a, b)| most.max((a - f64::from(*b)).abs()));
    assert!(off < 1e-3, "{off}");
    let again = run("mpc/kinds.onnx", array("mpc/kinds.in0.npy", ""), None, &asked).unwrap();
    assert_eq!(again.output, report.output, "the same seed, the same numbers");
    let other = MpcSettings { seed: 99, ..asked };
    let other = run("mpc/kinds.onnx", array("mpc/kinds.in0.npy", ""), None, &other).unwrap();
    assert_ne!(other.output, report.output, "truncation hangs on the seed");
}

#[test]
fn what_the_engine_has_no_layer_for_is_refused_by_name() {
    let model = "models/lstm_small.legacy.op13.b1";
    let input = array(&format!("{model}.in0.npy"), "");
    let refused = run(&format!("{model}.onnx"), input, None, &MpcSettings::default()).unwrap_err();
    assert!(matches!(refused.code, Code::NotSupported), "{refused}");
    let x = || array("digits/digits.npz", "x").rows(0, 1);
    for (ring_bits, fraction_bits) in [(48, 8), (64, 0), (32, 17), (64, 33)] {
        let asked = MpcSettings { ring_bits, fraction_bits, ..MpcSettings::default() };
        let refused = run("digits/digits_cnn.onnx", x(), None, &asked).unwrap_err();
        assert!(matches!(refused.code, Code::InvalidSetting), "{refused}");
    }
}

/// 2^8 / 400 = 0.64 is rounded to 1; 2^14 / 400 = 40.96 to 41, and no fewer bits come within 1 %.
#[test]
fn a_mean_that_is_rounded_too_much_is_refused() {
    let mean = |fraction_bits, x: [u64; 2]| {
        let asked = MpcSettings { fraction_bits, ..MpcSettings::default() };
        let node: Written<'_> = ("GlobalAveragePool", &["x"], &["y"], &[]);
        let input: Vec<f32> = (0..x[0] * x[1]).map(|at| at as f32 / 100.0).collect();
        written(&[node], &[], [&[1, 1, x[0], x[1]], &[1, 1, 1, 1]], &input, &asked)
    };
    for bits in [8, 12, 13] {
        let refused = mean(bits, [20, 20]).unwrap_err();
        assert!(matches!(refused.code, Code::InvalidSetting), "{refused}");
        assert!(refused.to_string().contains("400 elements needs 14 bits"), "{refused}");
    }
    let found = mean(14, [20, 20]).unwrap().output[0][0];
    assert!((found - 1.995).abs() < 0.01 * 1.995, "{found}");
    assert!(mean(4, [4, 4]).is_ok() && mean(3, [4, 4]).is_err());
}

/// 2 x, 0 x and -3 x are local in the price, in the run and in the simulation, and exact; 0.5 x, 300 x and a channel's own 2 are
/// truncated in all three.
#[test]
fn a_whole_number_is_multiplied_without_a_message() {
    let asked = MpcSettings { simulate: true, ..MpcSettings::default() };
    // Fractions that the ring holds.
    let input = [1.25f32, -0.75, 3.5, -4.0];
    let times = |dims: &[u64], by: &[f32], first: bool| {
        let inputs = if first { ["c", "x"] } else { ["x", "c"] };
        let node: Written<'_> = ("Mul", &inputs, &["y"], &[]);
        written(&[node], &[("c", dims, by)], [&[1, 4]; 2], &input, &asked).unwrap()
    };
    for (by, bytes, rounds) in
        [(2.0, 0, 0), (0.0, 0, 0), (-3.0, 0, 0), (256.0, 0, 0), (0.5, 32, 1), (300.0, 32, 1)]
    {
        for first in [false, true] {
            let report = times(&[], &[by], first);
            as_priced(&report);
            assert_eq!((report.bytes_total, report.rounds), (bytes, rounds), "{by}");
            let off = |(found, x): (&f64, &f32)| (found - f64::from(x * by)).abs();
            let most = report.output[0].iter().zip(&input).map(off).fold(0.0, f64::max);
            assert!(most <= if bytes == 0 { 0.0 } else { 1e-4 }, "{by}: {most}");
            assert!(report.ring.unwrap().simulated_difference <= if bytes == 0 { 0.0 } else { 1e-4 });
        }
    }
    let each = times(&[4], &[2.0; 4], false);
    as_priced(&each);
    assert_eq!((each.bytes_total, each.rounds), (32, 1));
}

/// What would be answered wrongly.
#[test]
fn forms_that_the_engine_has_not_are_refused() {
    let asked = MpcSettings::default();
    let told = |found: Result<MpcReport, Error>, text: &str| {
        let refused = found.unwrap_err();
        assert!(matches!(refused.code, Code::NotSupported), "{refused}");
        assert!(refused.to_string().contains(text), "{refused}");
    };
    // Two rows of two: a bias of 2x1 is one a row, of 1x2 one a column.
    let gemm = |dims: &[u64]| {
        let flat: Written<'_> = ("Flatten", &["x"], &["f"], &[("axis", &[2])]);
        let gemm: Written<'_> = ("Gemm", &["f", "w", "b"], &["y"], &[]);
        let weights: [(&str, &[u64], &[f32]); 2] =
            [("w", &[2, 2], &[1.0, 0.0, 0.0, 1.0]), ("b", dims, &[10.0, 20.0])];
        written(&[flat, gemm], &weights, [&[1, 2, 2], &[2, 2]], &[1.0, 2.0, 3.0, 4.0], &asked)
    };
    told(gemm(&[2, 1]), "its bias differs by row");
    let found = &gemm(&[1, 2]).unwrap().output[0];
    for (found, wanted) in found.iter().zip([11.0, 22.0, 13.0, 24.0]) {
        assert!((found - wanted).abs() < 1e-3, "{found} for {wanted}");
    }
    let four: &[f32] = &[1.0, 2.0, 3.0, 4.0];
    let norm = |mode: u64| {
        let norm: Written<'_> =
            ("BatchNormalization", &["x", "s", "b", "m", "v"], &["y"], &[("training_mode", &[mode])]);
        let weights = ["s", "b", "m", "v"].map(|name| (name, &[1][..], &[2.0f32][..]));
        written(&[norm], &weights, [&[1, 1, 2, 2]; 2], four, &asked)
    };
    told(norm(1), "training");
    assert!(norm(0).is_ok());
    let pool = |ceil: u64, padded: u64| {
        let attributes: &[(&str, &[u64])] = &[
            ("kernel_shape", &[2, 2]),
            ("strides", &[2, 2]),
            ("ceil_mode", &[ceil]),
            ("count_include_pad", &[padded]),
        ];
        let pool: Written<'_> = ("AveragePool", &["x"], &["y"], attributes);
        let n = 1 + ceil;
        written(&[pool], &[], [&[1, 1, 3, 3], &[1, 1, n, n]], &[1.0; 9], &asked)
    };
    told(pool(1, 1), "counts padding");
    assert!(pool(0, 1).is_ok() && pool(1, 0).is_ok());
}
