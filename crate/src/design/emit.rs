//! The layers of a spec as an ONNX model without weights.

use super::layers::{Op, layers};
use super::net::{Conv, Net, Value};
use super::spec::{Pool, Spec};
use crate::error::Result;
use crate::onnx::ModelProto;

/// The network as a model without weights.
///
/// # Errors
/// As [`Spec::check`].
pub fn model(spec: &Spec, name: &str) -> Result<ModelProto> {
    spec.check()?;
    let (mut net, input) = Net::image(name, spec.input.map(i64::from));
    let mut values: Vec<Value> = vec![input.clone()];
    for layer in layers(spec).iter().skip(1) {
        let [a, b] = layer.from.map(|from| values.get(from as usize).unwrap_or(&input));
        let path = layer.place.path();
        let [channels, ..] = layer.shape.map(i64::from);
        let value = match layer.op {
            Op::Input => a.clone(),
            Op::Conv { kernel, stride, groups, bias } => {
                let conv = Conv::new(channels, kernel.into()).stride(stride.into()).groups(groups.into());
                net.conv(a, &path, if bias { conv.bias() } else { conv })
            }
            Op::BatchNorm => net.batch_norm(a, &path),
            Op::Relu => net.relu(a, &path),
            Op::Add => net.add(a, b, &path),
            Op::MaxPool(Pool { kernel, stride, pad }) => {
                net.max_pool(a, &path, [kernel.into(), stride.into(), pad.into()], false)
            }
            Op::Fit { stride } => net.fit(a, &path, channels, stride.into()),
            Op::AveragePool => net.global_average_pool(a, &path),
            Op::Flatten => net.flatten(a, &path),
            Op::Linear => net.gemm(a, &path, channels),
        };
        values.push(value);
    }
    let output = values.pop().unwrap_or(input);
    Ok(net.finish(output))
}
