//! ONNX's node tests, as `tests/conformance/make_node_tests.py` and `make_node_data.py` pack them.

use std::fs;
use std::path::{Path, PathBuf};

use prost::Message;

use crate::onnx::{ModelProto, TensorProto};
use crate::run::npy;
use crate::run::tensor::Tensor;

/// A node test.
pub(super) struct Case {
    pub name: String,
    /// Relative and absolute, as the case has it.
    pub tolerance: (f64, f64),
    pub model: ModelProto,
    /// None where the value is no numeric tensor.
    pub inputs: Vec<Option<Tensor>>,
    pub outputs: Vec<Option<Tensor>>,
}

impl Case {
    /// The case with its inputs after the first stored in the model: shapes, axes and bounds that an
    /// exporter writes as constants are inputs in the node tests.
    pub(super) fn stored(&self) -> Self {
        let mut model = self.model.clone();
        let graph = model.graph.as_mut().unwrap();
        let (mut info, mut inputs) = (Vec::new(), Vec::new());
        for (at, (input, value)) in std::mem::take(&mut graph.input).into_iter().zip(&self.inputs).enumerate()
        {
            match value {
                Some(tensor) if at > 0 => graph.initializer.push(TensorProto {
                    name: input.name.clone(),
                    dims: tensor.shape().iter().map(|d| *d as i64).collect(),
                    data_type: Some(tensor.dtype() as i32),
                    raw_data: Some(tensor.to_le_bytes()),
                    ..TensorProto::default()
                }),
                _ => {
                    info.push(input);
                    inputs.push(value.clone());
                }
            }
        }
        graph.input = info;
        let (name, tolerance, outputs) = (self.name.clone(), self.tolerance, self.outputs.clone());
        Self { name, tolerance, model, inputs, outputs }
    }

    /// The only operator; None of a case that is written out in several.
    pub(super) fn op(&self) -> Option<&str> {
        match self.model.graph.as_ref()?.node.as_slice() {
            [node] => Some(node.op_type()),
            _ => None,
        }
    }
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads the fixtures, whose makers say how they are laid out.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(length);
        self.0 = tail;
        head
    }

    fn number(&mut self) -> usize {
        u32::from_le_bytes(self.take(4).try_into().unwrap()) as usize
    }

    fn float(&mut self) -> f64 {
        f64::from_le_bytes(self.take(8).try_into().unwrap())
    }

    fn block(&mut self) -> &'a [u8] {
        let length = self.number();
        self.take(length)
    }

    fn list(&mut self, arrays: &[Tensor]) -> Vec<Option<Tensor>> {
        (0..self.number()).map(|_| arrays.get(self.number()).cloned()).collect()
    }
}

fn unpacked(file: &str) -> Vec<u8> {
    let packed = fs::read(root().join("tests/conformance").join(file)).unwrap();
    miniz_oxide::inflate::decompress_to_vec(&packed).unwrap()
}

/// All that have data of their own: those with values inside say the same again.
pub(super) fn cases() -> Vec<Case> {
    let (models, data) = (unpacked("node_tests.bin"), unpacked("node_data.bin"));
    let (mut models, mut data) = (Reader(&models), Reader(&data));
    let arrays: Vec<Tensor> = (0..data.number()).map(|_| npy::read(data.block()).unwrap()).collect();
    let mut cases = Vec::new();
    for line in fs::read_to_string(root().join("tests/conformance/node_tests.jsonl")).unwrap().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let (name, model) = (record["name"].as_str().unwrap().to_owned(), models.block());
        if name.ends_with("+values") {
            continue;
        }
        let tolerance = (data.float(), data.float());
        let (inputs, outputs) = (data.list(&arrays), data.list(&arrays));
        cases.push(Case { name, tolerance, model: ModelProto::decode(model).unwrap(), inputs, outputs });
    }
    assert!(data.0.is_empty() && models.0.is_empty());
    cases
}
