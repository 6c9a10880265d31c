//! A trained network goes back into its file: weights by their names, masks and polynomials as a plan is spliced.

use std::collections::HashMap;

use prost::Message;
use reluctant_train::net::Net;

use super::source::Source;
use crate::error::{Code, Error, Result};
use crate::onnx::tensor_proto::DataType;
use crate::onnx::tensor_shape_proto::dimension;
use crate::onnx::type_proto;
use crate::onnx::{ModelProto, ValueInfoProto};
use crate::rewrite::{Replacement, change};
use crate::select::{Activation, Dropped, Mask, activations, drops};

impl Source {
    /// The bytes of an ONNX file with these weights, masks and polynomials, for any number of images at once.
    ///
    /// # Errors
    /// `InvalidSetting` where a coefficient is no number; `NotSupported` where training drops other outputs than a file does.
    pub fn export(&self, net: &Net<f32>) -> Result<Vec<u8>> {
        let bytes = self.plain(net);
        let found = self.parts(net)?;
        let replacements: Vec<Replacement<'_>> = found
            .iter()
            .map(|Part { activation, mask, coefficients, drops }| Replacement {
                activation,
                mask,
                coefficients,
                drops,
            })
            .collect();
        let go_on = &mut |_, _| std::ops::ControlFlow::Continue(());
        let spliced = change(&bytes, &self.proto, &self.graph, &replacements, None, go_on)?;
        let mut out = Vec::new();
        spliced.write(&bytes, &mut |part| {
            out.extend_from_slice(part);
            Ok(())
        })?;
        Ok(out)
    }

    /// The same with all its ReLUs, of any widths.
    pub fn plain(&self, net: &Net<f32>) -> Vec<u8> {
        with_weights(&self.proto, net).encode_to_vec()
    }

    /// Whether the file can say what becomes of a network that is trained next.
    ///
    /// # Errors
    /// As [`Source::export`].
    pub fn says(&self, net: &Net<f32>) -> Result<()> {
        self.parts(net).map(drop)
    }

    /// What became of each activation of the file.
    ///
    /// # Errors
    /// `InvalidGraph` where one is not among those of the network; `NotSupported` where other outputs are dropped with it in
    /// training than in a file.
    pub(super) fn parts(&self, net: &Net<f32>) -> Result<Vec<Part>> {
        let by_name: HashMap<&str, usize> =
            net.sites.iter().enumerate().map(|(place, site)| (site.name.as_str(), place)).collect();
        let dropping = (0..net.sites.len()).any(|site| net.drops(site));
        let readers = if dropping { self.graph.consumers() } else { Vec::new() };
        let part = |activation: Activation| {
            let name = self.graph.value(activation.output).name.as_str();
            let place = by_name.get(name).copied();
            let Some((place, site)) = place.and_then(|place| Some((place, net.sites.get(place)?))) else {
                let error = Error::new(Code::InvalidGraph, "an activation of the file was not trained");
                return Err(error.value(name));
            };
            let (shape, mut bits) = (activation.site.shape.clone(), net.kept(place));
            let mut trained = net.dropped(place);
            let drops = match trained.is_empty() {
                false => drops(&self.graph, &readers, &activation),
                true => Vec::new(),
            };
            // The engine sees through names and sums that the file's rule does not know.
            let weight = |one: &Dropped| self.graph.node(*one.made_by.first()?).input(1);
            let mut said: Vec<&str> =
                drops.iter().filter_map(weight).map(|id| self.graph.value(id).name.as_str()).collect();
            trained.sort_unstable();
            said.sort_unstable();
            if trained != said {
                let text = "the outputs that training drops with it are not those that a file drops";
                let hint = "export it with sums as Add, and no Identity or Dropout between layers";
                return Err(Error::new(Code::NotSupported, text).value(name).hint(hint));
            }
            // Outputs are dropped at places of all channels: one channel's mask says it.
            let mask = match (shape.as_slice(), drops.is_empty()) {
                ([_, h, w], false) => {
                    bits.truncate((h * w) as usize);
                    whole(Mask { shape: vec![1, *h, *w], bits })
                }
                _ => whole(Mask { shape, bits }),
            };
            let rows =
                net.params.get(site.coefficients).map(|p| p.slice().chunks_exact(3)).into_iter().flatten();
            let coefficients = rows.map(|row| row.iter().map(|c| f64::from(*c)).collect()).collect();
            Ok(Part { activation, mask, coefficients, drops })
        };
        activations(&self.graph).into_iter().map(part).collect()
    }
}

/// What became of an activation.
pub(super) struct Part {
    pub activation: Activation,
    pub mask: Mask,
    /// Constant, x and x^2 of each channel, where a ReLU does not stay.
    pub coefficients: Vec<Vec<f64>>,
    /// The linear outputs that go with its ReLUs.
    pub drops: Vec<Dropped>,
}

/// A mask that is the same everywhere as one that says so.
fn whole(mask: Mask) -> Mask {
    match mask.uniform() {
        Some(keep) => Mask { shape: mask.shape.iter().map(|_| 1).collect(), bits: vec![keep] },
        None => mask,
    }
}

/// The messages with trained weights in them, the first dimension open.
fn with_weights(proto: &ModelProto, net: &Net<f32>) -> ModelProto {
    let mut proto = proto.clone();
    let trained: HashMap<&str, (&[usize], &[f32])> = (net.params.iter())
        .map(|param| (param.name.as_str(), (param.dims.as_slice(), param.slice())))
        .collect();
    let Some(graph) = &mut proto.graph else { return proto };
    for tensor in &mut graph.initializer {
        if let Some((dims, values)) = trained.get(tensor.name()) {
            // Widths may have moved. What is added a channel at a time has axes of 1 beside it.
            tensor.dims = match tensor.dims.len() == dims.len() {
                true => dims.iter().map(|dim| *dim as i64).collect(),
                false => {
                    tensor.dims.iter().map(|dim| if *dim == 1 { 1 } else { values.len() as i64 }).collect()
                }
            };
            tensor.raw_data = Some(values.iter().flat_map(|v| v.to_le_bytes()).collect());
            tensor.data_type = Some(DataType::Float as i32);
            tensor.float_data.clear();
            tensor.external_data.clear();
            tensor.data_location = None;
        }
    }
    graph.input.iter_mut().chain(&mut graph.output).for_each(open_batch);
    graph.value_info.clear();
    proto
}

fn open_batch(value: &mut ValueInfoProto) {
    let kind = value.r#type.as_mut().and_then(|t| t.value.as_mut());
    if let Some(type_proto::Value::TensorType(tensor)) = kind
        && let Some(first) = tensor.shape.as_mut().and_then(|shape| shape.dim.first_mut())
    {
        first.value = Some(dimension::Value::DimParam("batch".to_owned()));
    }
}
