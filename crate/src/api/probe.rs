//! Models that measure how fast an engine is: a chain of equal layers, so that the layers weigh more than
//! what is uploaded and read back.

use prost::Message;
use serde::Deserialize;

use crate::error::{Code, Error, Result};
use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TypeProto, ValueInfoProto, tensor_shape_proto, type_proto,
};

/// Longest chain.
const MAX_LAYERS: usize = 256;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ProbeId"))]
pub enum Probe {
    /// 3x3 convolutions of 64 channels on 56x56, as in ResNet's first stage.
    Conv,
    /// Products of 512x512 matrices.
    Gemm,
}

impl Probe {
    /// The model's file, and its multiply-accumulates: 115.6 million a convolution, 134.2 a product.
    ///
    /// # Errors
    /// `InvalidSetting` for a chain of no or too many layers.
    pub fn model(self, layers: usize) -> Result<(Vec<u8>, u64)> {
        if !(1..=MAX_LAYERS).contains(&layers) {
            let text = format!("a chain of {layers} layers, not 1 to {MAX_LAYERS}");
            return Err(Error::new(Code::InvalidSetting, text));
        }
        let (op, shape, weight, macs): (&str, &[i64], &[i64], u64) = match self {
            Self::Conv => ("Conv", &[1, 64, 56, 56], &[64, 64, 3, 3], 56 * 56 * 64 * 64 * 9),
            Self::Gemm => ("Gemm", &[512, 512], &[512, 512], 512 * 512 * 512),
        };
        let pads = AttributeProto {
            name: Some("pads".to_owned()),
            r#type: Some(7),
            ints: vec![1; 4],
            ..AttributeProto::default()
        };
        let name = |layer: usize| format!("x{layer}");
        let node = |layer: usize| NodeProto {
            op_type: Some(op.to_owned()),
            input: vec![name(layer), "w".to_owned()],
            output: vec![name(layer + 1)],
            attribute: if self == Self::Conv { vec![pads.clone()] } else { Vec::new() },
            ..NodeProto::default()
        };
        let graph = GraphProto {
            node: (0..layers).map(node).collect(),
            initializer: vec![weights(weight)],
            input: vec![port(name(0), shape)],
            output: vec![port(name(layers), shape)],
            ..GraphProto::default()
        };
        let model = ModelProto {
            ir_version: Some(8),
            opset_import: vec![OperatorSetIdProto { domain: None, version: Some(17) }],
            graph: Some(graph),
            ..ModelProto::default()
        };
        Ok((model.encode_to_vec(), macs * layers as u64))
    }
}

/// One weight of all layers, of a size that lets values neither grow nor fade: uniform in +-sqrt(3 / fan-in).
fn weights(dims: &[i64]) -> TensorProto {
    let fan_in: i64 = dims.iter().skip(1).product();
    let bound = (3.0 / fan_in as f64).sqrt();
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((f64::from(state >> 8) / f64::from(1 << 23) - 1.0) * bound) as f32
    };
    let raw = (0..dims.iter().product::<i64>()).flat_map(|_| next().to_le_bytes()).collect();
    let (name, dims) = (Some("w".to_owned()), dims.to_vec());
    TensorProto { name, dims, data_type: Some(1), raw_data: Some(raw), ..TensorProto::default() }
}

fn port(name: String, shape: &[i64]) -> ValueInfoProto {
    let dim = |size: &i64| tensor_shape_proto::Dimension {
        value: Some(tensor_shape_proto::dimension::Value::DimValue(*size)),
        ..tensor_shape_proto::Dimension::default()
    };
    let shape = Some(TensorShapeProto { dim: shape.iter().map(dim).collect() });
    let tensor = type_proto::Tensor { elem_type: Some(1), shape };
    let ty = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: Some(name), r#type: Some(ty), ..ValueInfoProto::default() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;
    use crate::api::{Model, NamedFile, RunOptions, RunRequest, RunSession, Settings, ready};

    fn go(_: u64, _: u64) -> std::ops::ControlFlow<()> {
        std::ops::ControlFlow::Continue(())
    }

    /// The counter agrees with the multiply-accumulates, and values stay of one size.
    #[test]
    fn probes_run() {
        for probe in [Probe::Conv, Probe::Gemm] {
            let (bytes, macs) = probe.model(2).unwrap();
            let files = [NamedFile { name: "probe.onnx".to_owned(), bytes: &bytes }];
            let model = Model::open(&files[0], Vec::new(), &mut go).unwrap();
            let scored = model.score(&Settings::default()).unwrap();
            assert_eq!(scored.score.totals.macs.to_string(), macs.to_string(), "{probe:?}");
            let options = RunOptions { batch: 1, ..RunOptions::default() };
            let mut session = RunSession::open(&files, &Settings::default(), &options, &mut go).unwrap();
            let given = session.random(1, 1).unwrap();
            let ran = ready(session.run(given, &RunRequest::default(), &mut go)).unwrap();
            let values = ran.outputs[0].1.to_f32();
            let mean_square = values.iter().map(|v| f64::from(v * v)).sum::<f64>() / values.len() as f64;
            assert!((0.5..2.0).contains(&mean_square), "{probe:?}: {mean_square}");
        }
        assert!(Probe::Gemm.model(0).is_err() && Probe::Gemm.model(257).is_err());
    }
}
