//! Small models, built message by message, and their runs on the GPU.

use std::sync::Arc;

use crate::engines::gpu::Gpu;
use crate::error::Result;
use crate::ir::bind::Bindings;
use crate::ir::graph::NodeId;
use crate::ir::import::import;
use crate::onnx::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TypeProto,
    ValueInfoProto, tensor_shape_proto, type_proto,
};
use crate::run::gpu::activation::Faults;
use crate::run::gpu::engine::GpuEngine;
use crate::run::gpu::lower::Stochastic;
use crate::run::model::{Load, Runnable};
use crate::run::session::{Ask, Engine};
use crate::run::tensor::{Element, Tensor};
use crate::run::weights::Sources;

/// A model under construction.
#[derive(Default)]
pub(super) struct Model {
    graph: GraphProto,
    inputs: Vec<Tensor>,
}

pub(super) fn ints(name: &str, values: &[i64]) -> AttributeProto {
    let mut attr = attribute(name, 7);
    attr.ints = values.to_vec();
    attr
}

pub(super) fn int(name: &str, value: i64) -> AttributeProto {
    let mut attr = attribute(name, 2);
    attr.i = Some(value);
    attr
}

pub(super) fn float(name: &str, value: f32) -> AttributeProto {
    let mut attr = attribute(name, 1);
    attr.f = Some(value);
    attr
}

fn attribute(name: &str, kind: i32) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(kind), ..AttributeProto::default() }
}

impl Model {
    /// An input that each run is given.
    pub(super) fn input(&mut self, name: &str, value: Tensor) -> &mut Self {
        self.graph.input.push(info(name, Some(value.shape()), value.dtype() as i32));
        self.inputs.push(value);
        self
    }

    /// A stored tensor.
    pub(super) fn weight<T: Element>(&mut self, name: &str, shape: &[usize], values: Vec<T>) -> &mut Self {
        let tensor = Tensor::new(shape.to_vec(), values).unwrap();
        self.graph.initializer.push(TensorProto {
            name: Some(name.to_owned()),
            dims: shape.iter().map(|d| *d as i64).collect(),
            data_type: Some(T::DTYPE as i32),
            raw_data: Some(tensor.to_le_bytes()),
            ..TensorProto::default()
        });
        self
    }

    pub(super) fn node(
        &mut self,
        op: &str,
        inputs: &[&str],
        output: &str,
        attribute: Vec<AttributeProto>,
    ) -> &mut Self {
        self.graph.node.push(NodeProto {
            op_type: Some(op.to_owned()),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: vec![output.to_owned()],
            attribute,
            ..NodeProto::default()
        });
        self
    }

    /// The model, with the last node's output as its own.
    pub(super) fn proto(&self) -> ModelProto {
        let mut graph = self.graph.clone();
        let last = graph.node.last().unwrap().output[0].clone();
        graph.output.push(info(&last, None, 1));
        ModelProto {
            ir_version: Some(10),
            opset_import: vec![OperatorSetIdProto { domain: None, version: Some(20) }],
            graph: Some(graph),
            ..ModelProto::default()
        }
    }

    pub(super) fn load(&self) -> Runnable {
        load(self.proto()).unwrap()
    }

    /// The last node's output on the GPU.
    pub(super) fn run(&self, gpu: &Arc<Gpu>) -> Tensor {
        self.run_on(&mut GpuEngine::on(gpu.clone()), &self.load())
    }

    /// The same with faults in the only ReLU.
    pub(super) fn run_with(&self, gpu: &Arc<Gpu>, faults: Faults, seed: u32) -> Tensor {
        let model = self.load();
        let relu = model.graph.nodes.iter().position(|node| node.op == "Relu").unwrap();
        let mut engine = GpuEngine::on(gpu.clone());
        engine.with_faults(Stochastic::from([(NodeId(relu as u32), faults)]), seed);
        self.run_on(&mut engine, &model)
    }

    fn run_on(&self, engine: &mut GpuEngine, model: &Runnable) -> Tensor {
        let inputs: Vec<_> = model.graph.inputs.iter().copied().zip(self.inputs.iter().cloned()).collect();
        run(model, engine, &inputs).remove(0)
    }
}

/// A model whose weights are inside, ready to run.
pub(super) fn load(proto: ModelProto) -> Result<Runnable> {
    let graph = import(&proto)?;
    let empty: Vec<u8> = Vec::new();
    let sources = Sources { model: &empty, beside: Vec::new(), present: Vec::new() };
    let load = Load {
        name: "test".to_owned(),
        proto,
        payloads: &[],
        graph,
        bindings: Bindings::default(),
        batch: 1,
        sources,
    };
    Runnable::load(load, &mut |_, _| std::ops::ControlFlow::Continue(()))
}

/// All outputs of a model.
pub(super) fn run(
    model: &Runnable,
    engine: &mut GpuEngine,
    inputs: &[(crate::ir::graph::ValueId, Tensor)],
) -> Vec<Tensor> {
    let wanted = model.graph.outputs.clone();
    let mut outputs = Vec::new();
    let ask = Ask { inputs, wanted: &wanted, timings: false };
    let mut sink = |_, tensor| {
        outputs.push(tensor);
        Ok(())
    };
    pollster::block_on(engine.run(model, ask, &mut sink)).unwrap();
    outputs
}

fn info(name: &str, shape: Option<&[usize]>, elem_type: i32) -> ValueInfoProto {
    let dim = |d: &usize| tensor_shape_proto::Dimension {
        value: Some(tensor_shape_proto::dimension::Value::DimValue(*d as i64)),
        ..tensor_shape_proto::Dimension::default()
    };
    let shape = shape.map(|dims| crate::onnx::TensorShapeProto { dim: dims.iter().map(dim).collect() });
    let tensor = type_proto::Tensor { elem_type: Some(elem_type), shape };
    let value = Some(type_proto::Value::TensorType(tensor));
    let ty = Some(TypeProto { value, ..TypeProto::default() });
    ValueInfoProto { name: Some(name.to_owned()), r#type: ty, ..ValueInfoProto::default() }
}
