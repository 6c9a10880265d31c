//! A file becomes a network and goes back, and answers the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "cli")]
use reluctant_train::net::Net;
use reluctant_train::run::{accuracy, logits};

use super::data;
use super::source::Source;
use crate::run::npy;
use crate::run::tensor::{Data, Tensor};

const DIGITS: &[u8] = include_bytes!("../../../tests/corpus/digits/digits_cnn.onnx");
const LOGITS: &[u8] = include_bytes!("../../../tests/corpus/digits/logits.npy");

fn numbers(tensor: Tensor) -> Vec<f32> {
    let Data::F32(values) = tensor.into_data() else { panic!("float32") };
    values
}

/// Largest difference, against the largest of the second.
fn apart(a: impl IntoIterator<Item = f32>, b: &[f32]) -> f32 {
    let most = b.iter().fold(0f32, |m, v| m.max(v.abs()));
    let a: Vec<f32> = a.into_iter().collect();
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).fold(0f32, |m, (a, b)| m.max((a - b).abs())) / most
}

#[test]
fn the_digits_network_answers_as_in_pytorch() {
    let source = Source::file("digits_cnn.onnx", DIGITS).unwrap();
    assert_eq!(source.net.activations(), 1568);
    let test = data::digits().unwrap().test;
    let expected = numbers(npy::read(LOGITS).unwrap());
    let found = logits(&source.net, &test);
    assert!(apart(found.iter().copied(), &expected) < 1e-5);
    // 497 of the 500.
    assert_eq!(accuracy(&source.net, &test), 0.994);
}

/// RSign and RPReLU as files hold them.
#[cfg(feature = "cli")]
mod react {
    use reluctant_train::methods::Options;
    use reluctant_train::net::{Op, Role};
    use reluctant_train::run::Run;

    use super::*;

    /// A block with learnt places and one without, weights 0; what `reluctant train` made of it, and ONNX Runtime's answers.
    const NET: &[u8] = include_bytes!("../../../tests/corpus/react/net.onnx");
    const TRAINED: &[u8] = include_bytes!("../../../tests/corpus/react/trained.onnx");
    const ANSWERS: &[u8] = include_bytes!("../../../tests/corpus/react/trained.logits.npy");

    fn places(source: &Source) -> (usize, usize, Vec<&str>) {
        let count = |is: fn(&Op) -> bool| source.net.nodes.iter().filter(|node| is(&node.op)).count();
        let trained = source.net.params.iter().filter(|param| param.role == Role::Bias);
        let named = trained.map(|param| param.name.as_str());
        let named = named.filter(|name| name.starts_with("act") || name.starts_with("sign")).collect();
        (count(|op| matches!(op, Op::Rsign { .. })), count(|op| matches!(op, Op::Rprelu { .. })), named)
    }

    #[test]
    fn a_trained_file_answers_as_in_onnx_runtime() {
        let source = Source::file("trained.onnx", TRAINED).unwrap();
        let named = vec!["sign1.bias", "act1.bias0", "act1.slope", "act1.bias1", "act2.slope"];
        assert_eq!(places(&source), (2, 2, named));
        // They are not ReLUs, which methods may take.
        assert_eq!(source.net.activations(), 0);
        let test = data::digits().unwrap().test;
        let found = logits(&source.net, &test);
        let expected = numbers(npy::read(ANSWERS).unwrap());
        assert!(apart(found.iter().copied(), &expected) < 1e-4);
        let right = accuracy(&source.net, &test);
        assert!(right > 0.8, "{right}");
    }

    #[test]
    fn places_are_trained_and_go_back_into_the_file() {
        let source = Source::file("net.onnx", NET).unwrap();
        let task = data::digits().unwrap();
        let options = Options { base_epochs: 1, ..Options::default() };
        let mut run = Run::new(options.base(), source.drawn(1), None, 1);
        assert!(run.advance(&task, &mut |_| true).is_ok());
        let net = run.finish();
        let of = |net: &Net<f32>, name: &str| {
            net.params.iter().find(|param| param.name == name).unwrap().slice().to_vec()
        };
        for name in places(&source).2 {
            assert_ne!(of(&net, name), of(&source.net, name), "{name}");
        }
        let back = Source::file("back.onnx", &source.export(&net).unwrap()).unwrap();
        assert_eq!(places(&back), places(&source));
        let (there, here) = (logits(&back.net, &task.test), logits(&net, &task.test));
        assert_eq!(there, here);
    }
}

#[cfg(feature = "cli")]
mod pictures {
    use super::super::pictures::{Picture, pictures};

    /// Made by Pillow at quality 95: [`pixel`] of seed 3 in 8x8 pixels, in colour and in grey.
    const JPEG: &[u8] = include_bytes!("../../../tests/corpus/pictures/seed3.jpg");
    const GREY: &[u8] = include_bytes!("../../../tests/corpus/pictures/seed3-grey.jpg");

    /// Smooth, so that JPEG keeps it.
    fn pixel(seed: usize, y: usize, x: usize) -> [u8; 3] {
        [(20 * seed + 6 * x) as u8, (200 - 8 * y - 5 * seed) as u8, (10 * seed + 4 * (x + y)) as u8]
    }

    fn png(seed: usize, side: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
        encoder.set_color(png::ColorType::Rgb);
        let pixels: Vec<u8> = (0..side * side).flat_map(|at| pixel(seed, at / side, at % side)).collect();
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    fn picture(class: &str, bytes: Vec<u8>) -> Picture {
        Picture { class: class.to_owned(), name: format!("{class}/one"), bytes }
    }

    fn some() -> Vec<Picture> {
        (0..30).map(|seed| picture(if seed % 3 == 0 { "ape" } else { "bee" }, png(seed % 6, 8))).collect()
    }

    #[test]
    fn become_arrays_of_mean_0_and_deviation_1() {
        let test = [picture("bee", png(2, 8)), picture("ape", JPEG.to_vec())];
        let task = pictures(&some(), &test).unwrap();
        assert_eq!((task.train.shape(), task.train.len() + task.validation.len()), ([3, 8, 8], 30));
        assert_eq!(task.test.labels(), [1, 0]);
        let all: Vec<f32> = [task.train.numbers(), task.validation.numbers()].concat();
        for channel in 0..3 {
            let rows: Vec<f64> =
                all.chunks(64).skip(channel).step_by(3).flatten().map(|v| f64::from(*v)).collect();
            let mean = rows.iter().sum::<f64>() / rows.len() as f64;
            let variance = rows.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / rows.len() as f64;
            assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-5, "{mean} {variance}");
        }
        // Of channel 0, twice as far along x is twice as far from the first pixel.
        let row = &task.test.numbers()[..8];
        assert!(((row[4] - row[0]) - 2.0 * (row[2] - row[0])).abs() < 1e-5 && row[4] > row[0]);
        // A JPEG is the PNG of the same pixels, but for what it loses: 3 of 255.
        let same = pictures(&some(), &[picture("ape", png(3, 8)), picture("ape", JPEG.to_vec())]).unwrap();
        let (first, second) = same.test.numbers().split_at(192);
        let scale = row[1] - row[0];
        for (a, b) in first.iter().zip(second).take(64) {
            assert!((a - b).abs() < scale / 6.0 * 3.5, "{a} {b}");
        }
    }

    #[test]
    fn grey_ones_have_one_channel() {
        let all: Vec<Picture> = (0..20).map(|_| picture("one", GREY.to_vec())).collect();
        assert_eq!(pictures(&all, &all).unwrap().test.shape(), [1, 8, 8]);
        // Among colours each channel is the grey.
        let mixed =
            pictures(&some(), &all[..1].iter().map(|p| picture("ape", p.bytes.clone())).collect::<Vec<_>>());
        assert_eq!(mixed.unwrap().test.shape(), [3, 8, 8]);
    }

    #[test]
    fn what_does_not_go_together_is_refused_by_name() {
        let said = |test: Picture| pictures(&some(), &[test]).unwrap_err().to_string();
        assert!(said(picture("cow", png(1, 8))).contains("cow"));
        assert!(said(picture("ape", png(1, 9))).contains("9x9"));
        let whole = png(1, 8);
        for bytes in [&whole[..40], &JPEG[..100], b"nothing"] {
            assert!(said(picture("ape", bytes.to_vec())).contains("cannot be read"));
        }
        assert!(pictures(&[], &[]).is_err());
    }
}

/// Masks and polynomials that a plan left come back: the network that was written answers as the one that was read.
#[test]
fn a_masked_network_comes_back() {
    let source = Source::file("digits_cnn.onnx", DIGITS).unwrap();
    let test = data::digits().unwrap().test;
    for polynomials in [false, true] {
        let mut net = source.net.clone();
        let mut random = reluctant_train::random::Random::new(5);
        for (place, site) in net.sites.iter_mut().enumerate() {
            site.plain = false;
            let [keep, coefficients] = [site.keep, site.coefficients];
            // One site keeps all, one nothing, the others half.
            let share = [1.0, 0.0, 0.5, 0.5, 0.5][place % 5];
            for k in net.params[keep].slice_mut() {
                *k = if random.unit() < share { 1.0 } else { 0.0 };
            }
            for row in net.params[coefficients].slice_mut().chunks_exact_mut(3).filter(|_| polynomials) {
                row.copy_from_slice(&[0.1, 0.5, 0.25].map(|c| c + 0.1 * random.normal() as f32));
            }
        }
        let written = source.export(&net).unwrap();
        let read = Source::file("masked.onnx", &written).unwrap();
        let expected: Vec<f32> = logits(&net, &test).iter().copied().collect();
        let found = logits(&read.net, &test);
        assert!(apart(found.iter().copied(), &expected) < 1e-6, "polynomials {polynomials}");
        assert_eq!(read.net.relus(), net.relus());
        // What was replaced cannot be replaced again here.
        assert!(read.unmasked().unwrap_err().message.contains("replaced already"));
    }
    assert!(Source::file("digits_cnn.onnx", DIGITS).unwrap().unmasked().is_ok());
}

#[test]
fn a_sum_of_two_layers_is_no_polynomial_and_a_gate_is_refused() {
    // The residual networks of the examples still lower, their sums as sums.
    let net = Source::example("resnet18-cifar100").unwrap().net;
    assert_eq!((net.sites.len(), net.activations()), (17, 557_056));
    assert!(Source::example("mobilenetv3-large").is_err());
}

/// What training drops is what the file drops: a name between the layers, which the engine sees through and the file's rule does
/// not, is refused, where it would have been another network.
#[test]
fn a_file_that_drops_otherwise_is_refused() {
    use prost::Message;

    use crate::onnx::{ModelProto, NodeProto};

    let nested = |source: &Source| {
        let mut net = source.net.clone();
        net.nest(700, &mut reluctant_train::random::Random::new(0));
        assert!(net.drops(0));
        (source.says(&net), source.export(&net))
    };
    let mut proto = ModelProto::decode(DIGITS).unwrap();
    let (said, written) = nested(&Source::messages(proto.clone()).unwrap());
    assert!(said.is_ok() && written.is_ok());
    let graph = proto.graph.as_mut().unwrap();
    let at = graph.node.iter().position(|node| node.op_type() == "Relu").unwrap();
    let read = std::mem::replace(&mut graph.node[at].input[0], "named".to_owned());
    let name = NodeProto {
        op_type: Some("Identity".to_owned()),
        input: vec![read],
        output: vec!["named".to_owned()],
        ..NodeProto::default()
    };
    graph.node.insert(at, name);
    let (said, written) = nested(&Source::messages(proto).unwrap());
    for error in [said.unwrap_err(), written.unwrap_err()] {
        assert_eq!(error.code, crate::error::Code::NotSupported, "{error}");
    }
}
