//! Writes an ONNX model without weights, one layer at a time.
//!
//! Names are those of PyTorch's exporter: the module path `layer1.0.conv1` gives the node
//! `/layer1/layer1.0/conv1/Conv`, its output `..._output_0` and the weight
//! `layer1.0.conv1.weight`. Weights are declared as external data in a file that does not exist,
//! with true dims, types, offsets and lengths; only what decides a shape or a bound is inline.
//! Shapes are for batch 1 and are followed here, so that a layer knows its input channels.
//!
//! Assumes sizes that its callers have bounded; never checks that a layer makes sense.

use std::collections::HashMap;

use crate::onnx::attribute_proto::AttributeType;
use crate::onnx::tensor_proto::{DataLocation, DataType};
use crate::onnx::tensor_shape_proto::{Dimension, dimension};
use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, TypeProto, ValueInfoProto, type_proto,
};

/// Operator set of all specs: the first with Gelu as an operator.
const OPSET: i64 = 20;
/// IR version that came with it.
const IR_VERSION: i64 = 9;
/// Where the weights would be.
const WEIGHTS_FILE: &str = "weights.bin";

/// A tensor that flows: its name and its shape for batch 1.
#[derive(Clone, Debug)]
pub(super) struct Value {
    name: String,
    shape: Vec<i64>,
}

impl Value {
    /// Size along an axis; 0 past the rank.
    pub(super) fn size(&self, axis: usize) -> i64 {
        self.shape.get(axis).copied().unwrap_or(0)
    }

    /// Channels of a 1xCxHxW tensor.
    pub(super) fn channels(&self) -> i64 {
        self.size(1)
    }

    fn last(&self) -> i64 {
        self.shape.last().copied().unwrap_or(0)
    }

    fn with_last(&self, size: i64) -> Vec<i64> {
        let mut shape = self.shape.clone();
        if let Some(last) = shape.last_mut() {
            *last = size;
        }
        shape
    }
}

/// A square convolution; `groups` and `bias` as in PyTorch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conv {
    out: i64,
    kernel: i64,
    stride: i64,
    pad: i64,
    groups: i64,
    bias: bool,
}

impl Conv {
    /// Stride 1, padded by half the kernel (a 3x3 keeps its size), one group, no bias.
    pub(super) fn new(out: i64, kernel: i64) -> Self {
        Self { out, kernel, stride: 1, pad: (kernel - 1) / 2, groups: 1, bias: false }
    }

    pub(super) fn stride(self, stride: i64) -> Self {
        Self { stride, ..self }
    }

    pub(super) fn pad(self, pad: i64) -> Self {
        Self { pad, ..self }
    }

    pub(super) fn groups(self, groups: i64) -> Self {
        Self { groups, ..self }
    }

    pub(super) fn bias(self) -> Self {
        Self { bias: true, ..self }
    }
}

/// A model in the making.
pub(super) struct Net {
    name: String,
    nodes: Vec<NodeProto>,
    initializers: Vec<TensorProto>,
    inputs: Vec<ValueInfoProto>,
    names: HashMap<String, u32>,
    weight_bytes: i64,
}

impl Net {
    /// An empty model with one image input `input`: channels, height, width, batch 1.
    pub(super) fn image(name: &str, [channels, height, width]: [i64; 3]) -> (Self, Value) {
        let input = Value { name: "input".into(), shape: vec![1, channels, height, width] };
        let net = Self {
            name: name.into(),
            nodes: Vec::new(),
            initializers: Vec::new(),
            inputs: vec![value_info(&input)],
            names: HashMap::new(),
            weight_bytes: 0,
        };
        (net, input)
    }

    /// Ends the model: `output` becomes the graph output of that name.
    pub(super) fn finish(mut self, output: Value) -> ModelProto {
        let last = Value { name: "output".into(), ..output };
        let maker = self.nodes.iter_mut().rev().flat_map(|node| &mut node.output);
        if let Some(name) = maker.into_iter().find(|name| **name == output.name) {
            name.clone_from(&last.name);
        }
        let graph = GraphProto {
            name: Some(self.name),
            node: self.nodes,
            initializer: self.initializers,
            input: self.inputs,
            output: vec![value_info(&last)],
            ..GraphProto::default()
        };
        ModelProto {
            ir_version: Some(IR_VERSION),
            producer_name: Some("reluctant".into()),
            producer_version: Some(env!("CARGO_PKG_VERSION").into()),
            opset_import: vec![OperatorSetIdProto { domain: Some(String::new()), version: Some(OPSET) }],
            graph: Some(graph),
            ..ModelProto::default()
        }
    }

    pub(super) fn conv(&mut self, x: &Value, path: &str, conv: Conv) -> Value {
        let Conv { out, kernel, stride, pad, groups, bias } = conv;
        let weight = self.weight(path, "weight", &[out, x.channels() / groups.max(1), kernel, kernel]);
        let mut inputs = vec![x.name.clone(), weight];
        if bias {
            inputs.push(self.weight(path, "bias", &[out]));
        }
        let side = |size: i64| (size + 2 * pad - kernel) / stride + 1;
        let attributes = vec![
            ints("dilations", &[1, 1]),
            int("group", groups),
            ints("kernel_shape", &[kernel, kernel]),
            ints("pads", &[pad; 4]),
            ints("strides", &[stride, stride]),
        ];
        self.node("Conv", path, inputs, attributes, vec![1, out, side(x.size(2)), side(x.size(3))])
    }

    pub(super) fn batch_norm(&mut self, x: &Value, path: &str) -> Value {
        let parts = ["weight", "bias", "running_mean", "running_var"];
        let weights = parts.map(|part| self.weight(path, part, &[x.channels()]));
        let inputs = std::iter::once(x.name.clone()).chain(weights).collect();
        let attributes = vec![float("epsilon", 1e-5), float("momentum", 0.9)];
        self.node("BatchNormalization", path, inputs, attributes, x.shape.clone())
    }

    pub(super) fn relu(&mut self, x: &Value, path: &str) -> Value {
        self.unary("Relu", x, path)
    }

    /// Clip(0, 6).
    pub(super) fn relu6(&mut self, x: &Value, path: &str) -> Value {
        let low = self.float_constant("clip.min", 0.0);
        let high = self.float_constant("clip.max", 6.0);
        self.node("Clip", path, vec![x.name.clone(), low, high], Vec::new(), x.shape.clone())
    }

    pub(super) fn hard_swish(&mut self, x: &Value, path: &str) -> Value {
        self.unary("HardSwish", x, path)
    }

    /// PyTorch's slope of one sixth; ONNX's default is one fifth.
    pub(super) fn hard_sigmoid(&mut self, x: &Value, path: &str) -> Value {
        let attributes = vec![float("alpha", 1.0 / 6.0)];
        self.node("HardSigmoid", path, vec![x.name.clone()], attributes, x.shape.clone())
    }

    /// The exact (erf) form.
    pub(super) fn gelu(&mut self, x: &Value, path: &str) -> Value {
        self.unary("Gelu", x, path)
    }

    /// Over the last axis.
    pub(super) fn softmax(&mut self, x: &Value, path: &str) -> Value {
        self.node("Softmax", path, vec![x.name.clone()], vec![int("axis", -1)], x.shape.clone())
    }

    /// Over the last axis.
    pub(super) fn layer_norm(&mut self, x: &Value, path: &str) -> Value {
        let scale = self.weight(path, "weight", &[x.last()]);
        let shift = self.weight(path, "bias", &[x.last()]);
        let attributes = vec![int("axis", -1), float("epsilon", 1e-6)];
        self.node("LayerNormalization", path, vec![x.name.clone(), scale, shift], attributes, x.shape.clone())
    }

    pub(super) fn add(&mut self, a: &Value, b: &Value, path: &str) -> Value {
        self.node("Add", path, vec![a.name.clone(), b.name.clone()], Vec::new(), a.shape.clone())
    }

    /// `a` times `b`, where `b` is spread over `a`'s shape.
    pub(super) fn mul(&mut self, a: &Value, b: &Value, path: &str) -> Value {
        self.node("Mul", path, vec![a.name.clone(), b.name.clone()], Vec::new(), a.shape.clone())
    }

    /// `x` times a public number.
    pub(super) fn scale(&mut self, x: &Value, path: &str, factor: f32) -> Value {
        let constant = self.float_constant(&format!("{path}.scale"), factor);
        self.node("Mul", path, vec![x.name.clone(), constant], Vec::new(), x.shape.clone())
    }

    /// Adds a learned tensor of `x`'s shape.
    pub(super) fn add_weight(&mut self, x: &Value, path: &str, part: &str) -> Value {
        let weight = self.weight(path, part, &x.shape);
        self.node("Add", path, vec![x.name.clone(), weight], Vec::new(), x.shape.clone())
    }

    /// Puts `count` learned rows before `x` along axis 1.
    pub(super) fn prepend_weight(&mut self, x: &Value, path: &str, part: &str, count: i64) -> Value {
        let mut rows = x.shape.clone();
        let mut shape = x.shape.clone();
        if let (Some(rows), Some(total)) = (rows.get_mut(1), shape.get_mut(1)) {
            *rows = count;
            *total += count;
        }
        let weight = self.weight(path, part, &rows);
        self.node("Concat", path, vec![weight, x.name.clone()], vec![int("axis", 1)], shape)
    }

    /// Along the channels.
    pub(super) fn concat(&mut self, a: &Value, b: &Value, path: &str) -> Value {
        let shape = vec![1, a.channels() + b.channels(), a.size(2), a.size(3)];
        self.node("Concat", path, vec![a.name.clone(), b.name.clone()], vec![int("axis", 1)], shape)
    }

    /// Square window; `ceil` rounds the output size up, as PyTorch's `ceil_mode`.
    pub(super) fn max_pool(
        &mut self,
        x: &Value,
        path: &str,
        [kernel, stride, pad]: [i64; 3],
        ceil: bool,
    ) -> Value {
        let spare = if ceil { stride - 1 } else { 0 };
        let side = |size: i64| (size + 2 * pad - kernel + spare) / stride + 1;
        let attributes = vec![
            int("ceil_mode", i64::from(ceil)),
            ints("kernel_shape", &[kernel, kernel]),
            ints("pads", &[pad; 4]),
            ints("strides", &[stride, stride]),
        ];
        let shape = vec![1, x.channels(), side(x.size(2)), side(x.size(3))];
        self.node("MaxPool", path, vec![x.name.clone()], attributes, shape)
    }

    /// Square window that steps by its side.
    pub(super) fn average_pool(&mut self, x: &Value, path: &str, side: i64) -> Value {
        let attributes =
            vec![ints("kernel_shape", &[side, side]), ints("pads", &[0; 4]), ints("strides", &[side, side])];
        let shape = vec![1, x.channels(), (x.size(2) - side) / side + 1, (x.size(3) - side) / side + 1];
        self.node("AveragePool", path, vec![x.name.clone()], attributes, shape)
    }

    pub(super) fn global_average_pool(&mut self, x: &Value, path: &str) -> Value {
        let shape = vec![1, x.channels(), 1, 1];
        self.node("GlobalAveragePool", path, vec![x.name.clone()], Vec::new(), shape)
    }

    pub(super) fn flatten(&mut self, x: &Value, path: &str) -> Value {
        let elements = x.shape.iter().fold(1i64, |product, size| product.saturating_mul(*size));
        self.node("Flatten", path, vec![x.name.clone()], vec![int("axis", 1)], vec![1, elements])
    }

    /// Every `stride`-th pixel; channels filled up with zeros to `channels`, or cut to them.
    pub(super) fn fit(&mut self, x: &Value, path: &str, channels: i64, stride: i64) -> Value {
        let kept = channels.min(x.channels());
        let side = |size: i64| (size + stride - 1) / stride;
        let shape = vec![1, kept, side(x.size(2)), side(x.size(3))];
        let mut list =
            |part: &str, values: &[i64]| self.int_constant(&format!("{path}.{part}"), &[3], values);
        let [starts, ends, axes, steps] = [
            list("starts", &[0, 0, 0]),
            list("ends", &[kept, i64::from(i32::MAX), i64::from(i32::MAX)]),
            list("axes", &[1, 2, 3]),
            list("steps", &[1, stride, stride]),
        ];
        let inputs = vec![x.name.clone(), starts, ends, axes, steps];
        let cut = self.node("Slice", path, inputs, Vec::new(), shape);
        if kept == channels {
            return cut;
        }
        let pads = self.int_constant(&format!("{path}.pads"), &[8], &[0, 0, 0, 0, 0, channels - kept, 0, 0]);
        self.node(
            "Pad",
            path,
            vec![cut.name.clone(), pads],
            Vec::new(),
            vec![1, channels, cut.size(2), cut.size(3)],
        )
    }

    /// A linear layer with bias on a 1xN tensor.
    pub(super) fn gemm(&mut self, x: &Value, path: &str, out: i64) -> Value {
        let weight = self.weight(path, "weight", &[out, x.last()]);
        let bias = self.weight(path, "bias", &[out]);
        let inputs = vec![x.name.clone(), weight, bias];
        self.node("Gemm", path, inputs, vec![int("transB", 1)], vec![1, out])
    }

    /// A linear layer with bias on the last axis of any tensor: MatMul, then Add.
    pub(super) fn linear(&mut self, x: &Value, path: &str, out: i64) -> Value {
        let weight = self.weight(path, "weight", &[x.last(), out]);
        let bias = self.weight(path, "bias", &[out]);
        let shape = x.with_last(out);
        let product = self.node("MatMul", path, vec![x.name.clone(), weight], Vec::new(), shape.clone());
        self.node("Add", path, vec![product.name, bias], Vec::new(), shape)
    }

    /// Product of two tensors that flow, over their last two axes.
    pub(super) fn matmul(&mut self, a: &Value, b: &Value, path: &str) -> Value {
        let shape = a.with_last(b.last());
        self.node("MatMul", path, vec![a.name.clone(), b.name.clone()], Vec::new(), shape)
    }

    pub(super) fn reshape(&mut self, x: &Value, path: &str, shape: &[i64]) -> Value {
        let target =
            self.int_constant(&format!("{path}.shape{}", self.nodes.len()), &[shape.len() as i64], shape);
        self.node("Reshape", path, vec![x.name.clone(), target], Vec::new(), shape.to_vec())
    }

    pub(super) fn transpose(&mut self, x: &Value, path: &str, order: &[usize]) -> Value {
        let shape = order.iter().map(|axis| x.size(*axis)).collect();
        let permutation: Vec<i64> = order.iter().map(|axis| *axis as i64).collect();
        self.node("Transpose", path, vec![x.name.clone()], vec![ints("perm", &permutation)], shape)
    }

    /// Three equal parts of the last axis.
    pub(super) fn split3(&mut self, x: &Value, path: &str) -> [Value; 3] {
        let shape = x.with_last(x.last() / 3);
        let attributes = vec![int("axis", -1), int("num_outputs", 3)];
        let first = self.node("Split", path, vec![x.name.clone()], attributes, shape.clone());
        let stem = first.name.trim_end_matches('0').to_owned();
        let rest = ["1", "2"].map(|place| Value { name: format!("{stem}{place}"), shape: shape.clone() });
        if let Some(node) = self.nodes.last_mut() {
            node.output.extend(rest.iter().map(|value| value.name.clone()));
        }
        let [second, third] = rest;
        [first, second, third]
    }

    /// Row `index` of axis 1 of a 1xNxM tensor.
    pub(super) fn row(&mut self, x: &Value, path: &str, index: i64) -> Value {
        let place = self.int_constant(&format!("{path}.index"), &[], &[index]);
        let inputs = vec![x.name.clone(), place];
        self.node("Gather", path, inputs, vec![int("axis", 1)], vec![1, x.last()])
    }

    fn unary(&mut self, op: &str, x: &Value, path: &str) -> Value {
        self.node(op, path, vec![x.name.clone()], Vec::new(), x.shape.clone())
    }

    fn node(
        &mut self,
        op: &str,
        path: &str,
        input: Vec<String>,
        attribute: Vec<AttributeProto>,
        shape: Vec<i64>,
    ) -> Value {
        let mut name = format!("{}/{op}", scope_from_path(path));
        let uses = self.names.entry(name.clone()).or_default();
        if *uses > 0 {
            name = format!("{name}_{uses}");
        }
        *uses += 1;
        let output = format!("{name}_output_0");
        self.nodes.push(NodeProto {
            input,
            output: vec![output.clone()],
            name: Some(name),
            op_type: Some(op.into()),
            attribute,
            ..NodeProto::default()
        });
        Value { name: output, shape }
    }

    /// Declares a float32 weight `path.part`; its bytes follow those of the weights before it.
    fn weight(&mut self, path: &str, part: &str, dims: &[i64]) -> String {
        let name = if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
        let bytes = dims.iter().fold(4i64, |product, size| product.saturating_mul(*size));
        let place = [
            ("location", WEIGHTS_FILE.to_owned()),
            ("offset", self.weight_bytes.to_string()),
            ("length", bytes.to_string()),
        ];
        let entry = |(key, value): (&str, String)| StringStringEntryProto {
            key: Some(key.into()),
            value: Some(value),
        };
        self.initializers.push(TensorProto {
            dims: dims.to_vec(),
            data_type: Some(DataType::Float as i32),
            name: Some(name.clone()),
            external_data: place.map(entry).to_vec(),
            data_location: Some(DataLocation::External as i32),
            ..TensorProto::default()
        });
        self.weight_bytes = self.weight_bytes.saturating_add(bytes);
        name
    }

    /// A number in the file; one tensor serves all uses of a name.
    fn float_constant(&mut self, name: &str, value: f32) -> String {
        let tensor = TensorProto {
            data_type: Some(DataType::Float as i32),
            float_data: vec![value],
            ..TensorProto::default()
        };
        self.constant(name, tensor)
    }

    fn int_constant(&mut self, name: &str, dims: &[i64], values: &[i64]) -> String {
        let tensor = TensorProto {
            dims: dims.to_vec(),
            data_type: Some(DataType::Int64 as i32),
            int64_data: values.to_vec(),
            ..TensorProto::default()
        };
        self.constant(name, tensor)
    }

    fn constant(&mut self, name: &str, tensor: TensorProto) -> String {
        let known = self.names.insert(name.to_owned(), 1).is_some();
        if !known {
            self.initializers.push(TensorProto { name: Some(name.to_owned()), ..tensor });
        }
        name.to_owned()
    }
}

/// Scope names of a module path, as PyTorch's tracer writes them: a number is a child of a
/// sequence and carries the sequence's name. `features.1.conv.0.0` -> `/features/features.1/conv/conv.0/conv.0.0`.
fn scope_from_path(path: &str) -> String {
    let mut scope = String::new();
    let mut previous = String::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        previous =
            if is_number && !previous.is_empty() { format!("{previous}.{part}") } else { part.to_owned() };
        scope.push('/');
        scope.push_str(&previous);
    }
    scope
}

fn value_info(value: &Value) -> ValueInfoProto {
    let dim =
        |size: &i64| Dimension { value: Some(dimension::Value::DimValue(*size)), ..Dimension::default() };
    let tensor = type_proto::Tensor {
        elem_type: Some(DataType::Float as i32),
        shape: Some(TensorShapeProto { dim: value.shape.iter().map(dim).collect() }),
    };
    ValueInfoProto {
        name: Some(value.name.clone()),
        r#type: Some(TypeProto {
            value: Some(type_proto::Value::TensorType(tensor)),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    }
}

fn int(name: &str, value: i64) -> AttributeProto {
    let kind = AttributeType::Int as i32;
    AttributeProto {
        name: Some(name.into()),
        r#type: Some(kind),
        i: Some(value),
        ..AttributeProto::default()
    }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    let kind = AttributeType::Ints as i32;
    AttributeProto {
        name: Some(name.into()),
        r#type: Some(kind),
        ints: values.to_vec(),
        ..AttributeProto::default()
    }
}

fn float(name: &str, value: f32) -> AttributeProto {
    let kind = AttributeType::Float as i32;
    AttributeProto {
        name: Some(name.into()),
        r#type: Some(kind),
        f: Some(value),
        ..AttributeProto::default()
    }
}
