//! The ring against whole numbers without bounds, on random graphs of Conv, Gemm and ReLU.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::ops::ControlFlow;

use num_bigint::BigInt;
use proptest::prelude::*;
use prost::Message;

use super::{Floats, Settings, Truncation, Walk};
use crate::error::Result;
use crate::ir::bind::Bindings;
use crate::ir::graph::{NodeId, ValueId};
use crate::ir::import::import;
use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TypeProto,
    ValueInfoProto, attribute_proto::AttributeType, tensor_shape_proto, type_proto,
};
use crate::run::cpu::Cpu;
use crate::run::model::{Load, Runnable};
use crate::run::random::Random;
use crate::run::tensor::Tensor;
use crate::run::weights::Sources;

/// A layer of a random graph.
#[derive(Clone, Debug)]
enum Layer {
    /// Output channels, kernel, stride, pad, bias.
    Conv(usize, usize, usize, usize, bool),
    Relu,
}

/// A random graph: layers over images, then Flatten, Gemm, maybe ReLU.
#[derive(Clone, Debug)]
struct Case {
    layers: Vec<Layer>,
    /// Classes, transB.
    gemm: (usize, bool),
    /// Samples, channels, side.
    input: [usize; 3],
    settings: Settings,
    seed: u64,
    /// Size of the numbers: large ones wrap.
    scale: f32,
}

fn cases() -> impl Strategy<Value = Case> {
    let conv = (1usize..4, 1usize..4, 1usize..3, 0usize..2, any::<bool>())
        .prop_map(|(m, k, s, p, b)| Layer::Conv(m, k, s, p, b));
    let layer = prop_oneof![conv, Just(Layer::Relu)];
    let truncation =
        prop_oneof![Just(Truncation::Exact), Just(Truncation::Probabilistic), Just(Truncation::Local)];
    let settings =
        (8u32..=64, truncation, any::<u64>(), 0.0f64..1.0).prop_map(|(ring_bits, truncation, seed, part)| {
            let fraction_bits = 1 + (f64::from(ring_bits / 2 - 1) * part) as u32;
            Settings { ring_bits, fraction_bits, truncation, seed }
        });
    let sizes = (1usize..3, 1usize..3, 4usize..7).prop_map(|(n, c, s)| [n, c, s]);
    (
        prop::collection::vec(layer, 1..4),
        (1usize..4, any::<bool>()),
        sizes,
        settings,
        any::<u64>(),
        0.1f32..50.0,
    )
        .prop_map(|(layers, gemm, input, settings, seed, scale)| Case {
            layers,
            gemm,
            input,
            settings,
            seed,
            scale,
        })
}

/// Float numbers with a shape.
#[derive(Clone)]
struct Floating(Vec<usize>, Vec<f32>);

struct Built {
    proto: ModelProto,
    input: Floating,
    /// Stored tensors by name.
    stored: Vec<(String, Floating)>,
}

fn build(case: &Case) -> Built {
    let mut random = Random::new(case.seed);
    let mut numbers = |shape: &[usize]| {
        let count = shape.iter().product();
        Floating(shape.to_vec(), (0..count).map(|_| random.normal() as f32 * case.scale).collect())
    };
    let [n, mut c, mut side] = case.input;
    let input = numbers(&[n, c, side, side]);
    let mut stored = Vec::new();
    let mut nodes = Vec::new();
    let mut last = "x".to_owned();
    let node = |op: &str, inputs: Vec<String>, output: &str, attribute: Vec<AttributeProto>| NodeProto {
        op_type: Some(op.to_owned()),
        input: inputs,
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    };
    for (at, layer) in case.layers.iter().enumerate() {
        let output = format!("v{at}");
        match layer {
            Layer::Conv(m, k, s, p, bias) if side + 2 * p >= *k => {
                stored.push((format!("w{at}"), numbers(&[*m, c, *k, *k])));
                let mut inputs = vec![last.clone(), format!("w{at}")];
                if *bias {
                    stored.push((format!("b{at}"), numbers(&[*m])));
                    inputs.push(format!("b{at}"));
                }
                let attributes = vec![ints("strides", &[*s; 2]), ints("pads", &[*p; 4])];
                nodes.push(node("Conv", inputs, &output, attributes));
                (c, side) = (*m, (side + 2 * p - k) / s + 1);
            }
            _ => nodes.push(node("Relu", vec![last.clone()], &output, Vec::new())),
        }
        last = output;
    }
    nodes.push(node("Flatten", vec![last], "flat", Vec::new()));
    let (classes, transposed) = case.gemm;
    let features = c * side * side;
    let shape = if transposed { [classes, features] } else { [features, classes] };
    stored.push(("g".to_owned(), numbers(&shape)));
    stored.push(("h".to_owned(), numbers(&[classes])));
    let attributes = if transposed { vec![int("transB", 1)] } else { Vec::new() };
    nodes.push(node("Gemm", vec!["flat".into(), "g".into(), "h".into()], "y", attributes));
    let tensor = |(name, Floating(shape, values)): &(String, Floating)| TensorProto {
        name: Some(name.clone()),
        data_type: Some(1),
        dims: shape.iter().map(|n| *n as i64).collect(),
        float_data: values.clone(),
        ..TensorProto::default()
    };
    let graph = GraphProto {
        node: nodes,
        initializer: stored.iter().map(tensor).collect(),
        input: vec![info("x", &input.0)],
        output: vec![info("y", &[n, classes])],
        ..GraphProto::default()
    };
    let opset = OperatorSetIdProto { version: Some(17), ..OperatorSetIdProto::default() };
    let proto = ModelProto {
        ir_version: Some(8),
        graph: Some(graph),
        opset_import: vec![opset],
        ..ModelProto::default()
    };
    Built { proto, input, stored }
}

fn ints(name: &str, values: &[usize]) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        ints: values.iter().map(|v| *v as i64).collect(),
        r#type: Some(AttributeType::Ints as i32),
        ..AttributeProto::default()
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    let r#type = Some(AttributeType::Int as i32);
    AttributeProto { name: Some(name.to_owned()), i: Some(value), r#type, ..AttributeProto::default() }
}

fn info(name: &str, shape: &[usize]) -> ValueInfoProto {
    use tensor_shape_proto::{Dimension, dimension::Value};
    let dim =
        shape.iter().map(|n| Dimension { value: Some(Value::DimValue(*n as i64)), ..Dimension::default() });
    let shape = crate::onnx::TensorShapeProto { dim: dim.collect() };
    let tensor = type_proto::Tensor { elem_type: Some(1), shape: Some(shape) };
    let ty = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: Some(name.to_owned()), r#type: Some(ty), ..ValueInfoProto::default() }
}

struct OnCpu<'a>(&'a mut Cpu, &'a Runnable);

impl Floats for OnCpu<'_> {
    fn node(&mut self, id: NodeId, inputs: &[(ValueId, &Tensor)]) -> Result<Vec<(ValueId, Tensor)>> {
        self.0.node(self.1, id, inputs)
    }
    fn weight(&mut self, id: ValueId) -> Result<Option<Tensor>> {
        self.0.weight(self.1, id)
    }
}

/// The last layer's numbers, decoded, and how many wrapped.
fn simulated(built: &Built, settings: Settings) -> (Vec<f32>, u64) {
    let bytes = built.proto.encode_to_vec();
    let mut go = |_: u64, _: u64| ControlFlow::Continue(());
    let skeleton = crate::onnx::open("random.onnx", &bytes, &mut go).unwrap();
    let graph = import(&skeleton.model).unwrap();
    let sources = Sources { model: &bytes, beside: Vec::new(), present: Vec::new() };
    let load = Load {
        name: "random.onnx".to_owned(),
        proto: skeleton.model,
        payloads: &skeleton.payloads,
        graph,
        bindings: Bindings::default(),
        batch: 1,
        sources,
    };
    let model = Runnable::load(load, &mut go).unwrap();
    let mut cpu = Cpu::beside(&model).unwrap();
    let mut walk = Walk::new(&model, settings).unwrap();
    let input = Tensor::new(built.input.0.clone(), built.input.1.clone()).unwrap();
    let inputs = [(model.graph.inputs[0], input)];
    let outputs = walk.slice(&inputs, built.input.0[0], &mut OnCpu(&mut cpu, &model)).unwrap();
    assert!(walk.outside.is_empty(), "{:?}", walk.outside);
    let wrapped = walk.wrapped_inputs + walk.layers.values().map(|layer| layer.wrapped).sum::<u64>();
    (outputs[0].1.to_f32().into_owned(), wrapped)
}

/// Whole numbers without bounds: the definition, word by word.
struct Reference {
    settings: Settings,
}

impl Reference {
    fn modulus(&self) -> BigInt {
        BigInt::from(1) << self.settings.ring_bits
    }

    /// The representative in [-2^(k-1), 2^(k-1)).
    fn reduce(&self, x: &BigInt) -> BigInt {
        let modulus = self.modulus();
        let low: BigInt = ((x % &modulus) + &modulus) % &modulus;
        if low >= (&modulus >> 1u32) { low - modulus } else { low }
    }

    fn encode(&self, value: f32, digits: u32) -> BigInt {
        // A float32 times a power of two is exact in f64.
        self.reduce(&BigInt::from((f64::from(value) * f64::from(digits).exp2()).round() as i128))
    }

    fn all(&self, values: &Floating, digits: u32) -> Vec<BigInt> {
        values.1.iter().map(|v| self.encode(*v, digits)).collect()
    }

    fn floor_shift(x: &BigInt, by: u32) -> BigInt {
        // Shifts of negative BigInts round down, as division by a power of two and floor.
        x >> by
    }

    fn truncate(&self, x: &BigInt, node: usize, element: usize) -> BigInt {
        let f = self.settings.fraction_bits;
        let noise = BigInt::from(self.settings.noise(node as u64, element as u64));
        match self.settings.truncation {
            Truncation::Exact => self.reduce(&Self::floor_shift(x, f)),
            Truncation::Probabilistic => {
                let below = noise % (BigInt::from(1) << f);
                self.reduce(&Self::floor_shift(&(x + below), f))
            }
            Truncation::Local => {
                let m = self.modulus();
                let unsigned = |v: BigInt| ((v % &m) + &m) % &m;
                let first = unsigned(noise);
                let second = unsigned(x - &first);
                let negative = unsigned(-second);
                self.reduce(&((first >> f) - (negative >> f)))
            }
        }
    }

    fn run(&self, case: &Case, built: &Built) -> Vec<f32> {
        let f = self.settings.fraction_bits;
        let stored = |name: &str| built.stored.iter().find(|(n, _)| n == name).map(|(_, v)| v);
        let mut x = self.all(&built.input, f);
        let [n, mut c, mut side] = case.input;
        for (at, layer) in case.layers.iter().enumerate() {
            let Some(w) = stored(&format!("w{at}")) else {
                x = x.into_iter().map(|v| v.max(BigInt::from(0))).collect();
                continue;
            };
            let Layer::Conv(m, k, s, p, _) = layer.clone() else { panic!() };
            let (kernel, bias) = (self.all(w, f), stored(&format!("b{at}")).map(|b| self.all(b, 2 * f)));
            let out = (side + 2 * p - k) / s + 1;
            let mut y = Vec::new();
            for (sample, o, i, j) in (0..n).flat_map(|a| {
                (0..m).flat_map(move |b| (0..out).flat_map(move |i| (0..out).map(move |j| (a, b, i, j))))
            }) {
                let mut sum = bias.as_ref().map_or(BigInt::from(0), |b| b[o].clone());
                for (ch, u, v) in
                    (0..c).flat_map(|a| (0..k).flat_map(move |u| (0..k).map(move |v| (a, u, v))))
                {
                    let (row, column) = ((i * s + u) as i64 - p as i64, (j * s + v) as i64 - p as i64);
                    if (0..side as i64).contains(&row) && (0..side as i64).contains(&column) {
                        let at = ((sample * c + ch) * side + row as usize) * side + column as usize;
                        sum += &x[at] * &kernel[((o * c + ch) * k + u) * k + v];
                    }
                }
                let element = y.len();
                y.push(self.truncate(&self.reduce(&sum), at, element));
            }
            (x, c, side) = (y, m, out);
        }
        let (features, (classes, transposed)) = (c * side * side, case.gemm);
        let (g, h) = (self.all(stored("g").unwrap(), f), self.all(stored("h").unwrap(), 2 * f));
        let mut y = Vec::new();
        for sample in 0..n {
            for (class, bias) in h.iter().enumerate() {
                let mut sum = bias.clone();
                for feature in 0..features {
                    let at = if transposed { class * features + feature } else { feature * classes + class };
                    sum += &x[sample * features + feature] * &g[at];
                }
                let element = y.len();
                // The Gemm comes after the layers and the Flatten.
                y.push(self.truncate(&self.reduce(&sum), case.layers.len() + 1, element));
            }
        }
        let decode = |v: BigInt| self.settings.decode(i64::try_from(v).unwrap()) as f32;
        y.into_iter().map(decode).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn random_graphs_agree_with_whole_numbers_without_bounds(case in cases()) {
        let built = build(&case);
        let (found, _) = simulated(&built, case.settings);
        let wanted = Reference { settings: case.settings }.run(&case, &built);
        prop_assert_eq!(found, wanted);
    }
}

#[test]
fn truncation_as_documented() {
    let settings = |truncation| Settings { ring_bits: 16, fraction_bits: 4, truncation, seed: 1 };
    let exact = settings(Truncation::Exact);
    assert_eq!((exact.truncate(37, 5), exact.truncate(-37, 5)), (2, -3));
    assert_eq!((exact.wrap(200 << 8), exact.holds(200 << 8)), (-14336, false));
    assert_eq!(exact.encode(0.75, 4), (12, false));
    // 37/16 = 2.3125: one unit above the floor in 5 of 16 cases, never anything else.
    let probabilistic = settings(Truncation::Probabilistic);
    let above = (0..16).filter(|r| probabilistic.truncate(37, *r) == 3).count();
    let below = (0..16).filter(|r| probabilistic.truncate(37, *r) == 2).count();
    assert_eq!((above, below), (5, 11));
    // Shares: off by at most one unit, except where the share wrapped: by 2^12, for about 37 of 2^16 shares.
    let local = settings(Truncation::Local);
    let off: Vec<i64> = (0..1u64 << 16).map(|r| local.truncate(37, r) - 2).collect();
    let near = off.iter().filter(|d| (-1..=1).contains(*d)).count();
    let far = off.iter().filter(|d| ((1 << 12) - 2..=(1 << 12) + 2).contains(&d.abs())).count();
    assert_eq!(near + far, 1 << 16);
    assert!((1..=64).contains(&far), "{far}");
}

#[test]
fn wrapping_is_counted() {
    let case = Case {
        layers: vec![Layer::Conv(2, 3, 1, 1, true)],
        gemm: (3, true),
        input: [1, 2, 5],
        settings: Settings { ring_bits: 16, fraction_bits: 6, truncation: Truncation::Exact, seed: 0 },
        seed: 5,
        scale: 20.0,
    };
    assert!(simulated(&build(&case), case.settings).1 > 0);
    let wide = Settings { ring_bits: 64, fraction_bits: 16, ..case.settings };
    assert_eq!(simulated(&build(&case), wide).1, 0);
}

#[test]
fn sizes_out_of_range_are_refused() {
    for (ring_bits, fraction_bits) in [(7, 2), (65, 16), (32, 0), (32, 17)] {
        assert!(Settings { ring_bits, fraction_bits, ..Settings::default() }.check().is_err());
    }
}
