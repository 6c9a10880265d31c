//! Networks that are looked at: utilisation and climbing by the verbs, on the digits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use reluctant::api::{
    self, AscendSettings, ChosenOn, Data, Model, NamedFile, Plan, PlanLayer, PlanMask, RunOptions,
    RunRequest, RunSession, Settings, Tensor, TrainData, TrainMethod, TrainNet, TrainSettings, UtilisationOf,
    UtilisationSettings,
};
use reluctant_tests::corpus;

fn digits() -> (Vec<u8>, Tensor, Tensor) {
    let arrays = api::arrays("digits.npz", &fs::read(corpus("digits/digits.npz")).unwrap()).unwrap();
    let find = |name: &str| arrays.iter().find(|(n, _)| n == name).unwrap().1.clone();
    (fs::read(corpus("digits/digits_cnn.onnx")).unwrap(), find("x"), find("y"))
}

/// The four site sizes of ResNet-18 at CIFAR's.
#[test]
fn drop_rates_of_resnet18() {
    let report = api::utilisation_of_example("resnet18-cifar100", &UtilisationSettings::default()).unwrap();
    assert_eq!(report.sites.len(), 17);
    for site in &report.sites {
        let expected = match site.work {
            65_536 => 0.025,
            32_768 => 0.05,
            16_384 => 0.1,
            8_192 => 0.2,
            other => panic!("{other} ReLUs"),
        };
        assert_eq!((site.drop, site.utilisation), (expected, None), "{}", site.name);
    }
    assert_eq!(report.sites.iter().map(|site| site.work).sum::<u64>(), 557_056);
}

/// Labels or not, sites stand in the order in which the CPU engine alone puts them: each draw as a changed file with a
/// mask, run by it. The engine of the training package and its shortcut through one pass have no part in that.
#[test]
fn ranks_on_digits_are_those_of_brute_force() {
    let (model, x, y) = digits();
    let (x, y) = (x.rows(0, 100), y.rows(0, 100));
    let settings = UtilisationSettings { draws: 2, share: 0.3, seed: 3, ..UtilisationSettings::default() };
    let of =
        |labels: Option<&Tensor>| api::utilisation(("digits.onnx", &model), &x, labels, &settings).unwrap();
    let labelled = of(Some(&y));
    let brute = brute_force(&model, &x, &y, &labelled, &settings);
    let ranks = |rises: &[f64]| {
        let mut places: Vec<usize> = (0..rises.len()).collect();
        places.sort_by(|a, b| rises[*b].total_cmp(&rises[*a]));
        places
    };
    let found: Vec<f64> = labelled.sites.iter().map(|site| site.utilisation.unwrap()).collect();
    assert_eq!(ranks(&found), ranks(&brute), "{found:?} against {brute:?}");
    for (found, brute) in found.iter().zip(&brute) {
        assert!((found - brute).abs() < 1e-4, "{found} against {brute}");
    }
    // Against its own outputs nothing is less than 0, and the same seed gives the same.
    let own = of(None);
    assert_eq!((own.against, labelled.against), ("outputs", "labels"));
    assert!(own.sites.iter().all(|site| site.utilisation.unwrap() > 0.0));
    let again: Vec<Option<f64>> = of(None).sites.iter().map(|site| site.utilisation).collect();
    assert_eq!(again, own.sites.iter().map(|site| site.utilisation).collect::<Vec<_>>());
    let most = own.sites.iter().map(|site| site.work).max().unwrap();
    assert!(own.moves.iter().all(|step| step.from <= most && step.to != step.from));
}

/// SplitMix64, as its authors write it.
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// The ReLUs that go in a draw: the first of a shuffled list.
fn gone(seed: u64, site: usize, draw: usize, all: usize, drop: f64) -> Vec<usize> {
    let mut bits = Bits(Bits(seed ^ ((site as u64) << 32) ^ draw as u64).next());
    let mut places: Vec<usize> = (0..all).collect();
    for end in (1..all).rev() {
        places.swap(end, ((u128::from(bits.next()) * (end as u128 + 1)) >> 64) as usize);
    }
    places.truncate((all as f64 * drop).round() as usize);
    places
}

/// A mask's bits, the lowest of each byte first, as base64.
fn packed(keep: &[bool]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let byte = |bits: &[bool]| bits.iter().enumerate().map(|(at, on)| u32::from(*on) << at).sum::<u32>();
    let bytes: Vec<u32> = keep.chunks(8).map(byte).collect();
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |place: usize| three.get(place).copied().unwrap_or(0);
        let all = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let letter = char::from(LETTERS[(all >> (18 - 6 * digit) & 63) as usize]);
            text.push(if digit > three.len() { '=' } else { letter });
        }
    }
    text
}

fn go(_: u64, _: u64) -> std::ops::ControlFlow<()> {
    std::ops::ControlFlow::Continue(())
}

/// Mean cross-entropy of what the CPU engine answers.
fn loss(bytes: &[u8], x: &Tensor, y: &[f32]) -> f64 {
    let file = NamedFile { name: "net.onnx".to_owned(), bytes: &bytes };
    let options = RunOptions { batch: 50, ..RunOptions::default() };
    let mut session = RunSession::open(&[file], &Settings::default(), &options, &mut go).unwrap();
    let given = session.given(vec![("x".to_owned(), x.clone())], None).unwrap();
    let outcome = api::ready(session.run(given, &RunRequest::default(), &mut go)).unwrap();
    let Data::F32(logits) = outcome.outputs.into_iter().next().unwrap().1.into_data() else {
        panic!("float32")
    };
    let rows = logits.chunks_exact(logits.len() / y.len());
    let each = rows.zip(y).map(|(row, label)| {
        let total: f64 = row.iter().map(|v| f64::from(*v).exp()).sum();
        total.ln() - f64::from(row[*label as usize])
    });
    each.sum::<f64>() / y.len() as f64
}

fn brute_force(
    model: &[u8],
    x: &Tensor,
    y: &Tensor,
    report: &api::UtilisationReport,
    settings: &UtilisationSettings,
) -> Vec<f64> {
    let named = || NamedFile { name: "net.onnx".to_owned(), bytes: &model };
    let labels = y.to_f32();
    let base = loss(model, x, &labels);
    let layers =
        Model::open(&named(), Vec::new(), &mut go).unwrap().score(&Settings::default()).unwrap().score.layers;
    let rise = |(site, of): (usize, &api::UtilisationSite)| {
        let shape: Vec<u64> =
            layers.iter().find(|layer| layer.output == of.name).unwrap().shape.clone().unwrap()[1..]
                .iter()
                .map(|size| match size {
                    api::Extent::Known(size) => *size as u64,
                    other => panic!("{other:?}"),
                })
                .collect();
        let one = |draw: usize| {
            let mut keep = vec![true; of.work as usize];
            gone(settings.seed, site, draw, keep.len(), of.drop).into_iter().for_each(|at| keep[at] = false);
            let kept = keep.iter().filter(|on| **on).count() as u64;
            let layer = PlanLayer {
                output: of.name.clone(),
                node: String::new(),
                target: "relu".to_owned(),
                elements: of.work,
                kept,
                method: None,
                mask: Some(PlanMask { shape: shape.clone(), bits: packed(&keep) }),
                coefficients: vec![vec![0.0, 1.0]],
                mse: None,
                outside: None,
                drops: Vec::new(),
            };
            let plan = Plan {
                schema: api::PLAN_SCHEMA.to_owned(),
                made_by: "a test".to_owned(),
                hash: String::new(),
                settings: Vec::new(),
                total: of.work,
                kept,
                layers: vec![layer],
            };
            let spliced = plan.apply(&named(), &Settings::default(), &mut go).unwrap();
            let mut out = Vec::new();
            spliced
                .write(&model, &mut |part| {
                    out.extend_from_slice(part);
                    Ok(())
                })
                .unwrap();
            loss(&out, x, &labels) - base
        };
        (0..settings.draws).map(one).sum::<f64>() / settings.draws as f64
    };
    report.sites.iter().enumerate().map(rise).collect()
}

#[test]
fn noise_on_channels_is_measured_too() {
    let (model, x, y) = digits();
    let (x, y) = (x.rows(0, 64), y.rows(0, 64));
    let settings =
        UtilisationSettings { of: UtilisationOf::Flops, draws: 2, ..UtilisationSettings::default() };
    let report = api::utilisation(("digits.onnx", &model), &x, Some(&y), &settings).unwrap();
    // Four convolutions and the dense layer before the last.
    assert_eq!(report.sites.len(), 5);
    let mean = report.sites.iter().map(|site| site.work as f64).sum::<f64>() / 5.0;
    for site in &report.sites {
        assert!((site.drop - (0.05 * mean / site.work as f64).min(0.9)).abs() < 1e-12, "{}", site.name);
        assert!(site.utilisation.unwrap().is_finite());
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (model, x, y) = digits();
    let said = |x: &Tensor, y: Option<&Tensor>, settings: &UtilisationSettings| {
        api::utilisation(("digits.onnx", &model), x, y, settings).unwrap_err().to_string()
    };
    let settings = UtilisationSettings::default();
    let small = Tensor::new(vec![2, 1, 4, 4], vec![0.0f32; 32]).unwrap();
    assert!(said(&small, None, &settings).contains("the images are"));
    assert!(said(&x, Some(&y.rows(0, 3)), &settings).contains("numbers are not 3 images"));
    let far = Tensor::new(vec![2], vec![0i64, 11]).unwrap();
    assert!(said(&x.rows(0, 2), Some(&far), &settings).contains("a label is 11"));
    let none = UtilisationSettings { draws: 0, ..settings };
    assert!(said(&x, None, &none).contains("draws"));
    let ascend = |settings: &AscendSettings| {
        api::ascend(("digits.onnx", &model), None, settings).unwrap_err().to_string()
    };
    assert!(
        ascend(&AscendSettings { classes: vec![10], ..AscendSettings::default() }).contains("no class 10")
    );
    assert!(ascend(&AscendSettings { steps: 0, ..AscendSettings::default() }).contains("steps"));
    let start = api::ascend(("digits.onnx", &model), Some(&small), &AscendSettings::default()).unwrap_err();
    assert!(start.message.contains("one input of"));
}

/// A start of the network's own shape is taken as it is: what a class has there is its logit of this image, and a climb goes up.
#[test]
fn a_climb_starts_at_the_given_image() {
    let (model, x, _) = digits();
    let image = x.rows(0, 1);
    // A box that the image, which has other numbers than 0 to 1, is in.
    let how =
        AscendSettings { classes: vec![2], steps: 3, bounds: [-50.0, 50.0], ..AscendSettings::default() };
    let (report, input) = api::ascend(("digits.onnx", &model), Some(&image), &how).unwrap();
    let model = NamedFile { name: "digits.onnx".to_owned(), bytes: &&model[..] };
    let mut session =
        RunSession::open(&[model], &Settings::default(), &RunOptions::default(), &mut go).unwrap();
    let given = session.given(vec![("x".to_owned(), image)], None).unwrap();
    let outcome = api::ready(session.run(given, &RunRequest::default(), &mut go)).unwrap();
    let logit = f64::from(outcome.outputs[0].1.to_f32()[2]);
    let found = &report.classes[0];
    assert!((found.start - logit).abs() < 1e-4 * logit.abs().max(1.0), "{} against {logit}", found.start);
    assert!(found.value > found.start && input.shape() == [1, 1, 8, 8]);
}

/// Masks at 5 %: whatever the copy reaches, what is reported is what the CPU engine says of the inputs.
#[test]
fn climbs_on_masked_digits_reach_what_they_say() {
    let settings = TrainSettings {
        teacher: Some(("digits.onnx".to_owned(), digits().0)),
        methods: vec![TrainMethod::Random],
        budgets: vec![78],
        epochs: [Some(0), Some(0), Some(1)],
        chosen_on: ChosenOn::Last,
        ..TrainSettings::new(TrainData::Digits, TrainNet::DigitsCnn)
    };
    for (method, stay) in [(TrainMethod::Random, 78), (TrainMethod::Nested, 1024)] {
        let settings = TrainSettings { methods: vec![method], budgets: vec![stay], ..settings.clone() };
        let trained = api::train(&settings, &mut |_| {}).unwrap();
        let (file, relus) = (&trained.files[0].bytes, trained.results[0].relus);
        let how = AscendSettings { classes: vec![3, 7], steps: 20, ..AscendSettings::default() };
        let (report, inputs) = api::ascend(("masked.onnx", file), None, &how).unwrap();
        assert_eq!((report.relus, report.activations), (relus, 1568));
        assert_eq!((inputs.shape(), report.outside), (&[2, 1, 8, 8][..], 0));
        for (at, found) in report.classes.iter().enumerate() {
            assert!(found.value > found.start && found.own > found.start);
            let logit = logits(file, inputs.rows(at, at + 1))[found.class];
            assert!(
                (f64::from(logit) - found.value).abs() < 1e-3 * found.value.abs(),
                "{method:?}: {logit} against {}",
                found.value
            );
        }
    }
}

/// What the CPU engine answers for one input.
fn logits(file: &[u8], x: Tensor) -> Vec<f32> {
    let model = NamedFile { name: "masked.onnx".to_owned(), bytes: &file };
    let mut session =
        RunSession::open(&[model], &Settings::default(), &RunOptions::default(), &mut go).unwrap();
    let given = session.given(vec![("x".to_owned(), x)], None).unwrap();
    let outcome = api::ready(session.run(given, &RunRequest::default(), &mut go)).unwrap();
    outcome.outputs[0].1.to_f32().to_vec()
}

/// A share of the ReLUs stays, by the seed; a start outside the box is moved to its edge, and that is said.
#[test]
fn a_climb_says_what_it_changed() {
    let (model, x, _) = digits();
    let climb =
        |how: &AscendSettings| api::ascend(("digits.onnx", &model), Some(&x.rows(0, 1)), how).unwrap().0;
    let how = AscendSettings { classes: vec![2], steps: 2, ..AscendSettings::default() };
    let whole = climb(&how);
    let far = x.rows(0, 1).to_f32().iter().filter(|v| !(0.0..=1.0).contains(*v)).count();
    assert!(far > 0 && whole.outside == far, "{far}: {}", whole.outside);
    let few = |seed| climb(&AscendSettings { keep: 0.2, seed, ..how.clone() });
    assert_eq!((whole.relus, few(0).relus, few(1).relus), (1568, 314, 314));
    assert_ne!(few(0).classes[0].start, few(1).classes[0].start);
    let bad = AscendSettings { keep: 1.5, ..how.clone() };
    assert!(api::ascend(("digits.onnx", &model), None, &bad).is_err());
}
