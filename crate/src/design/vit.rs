//! Vision transformers: ViT-B/16 at 224x224.

use super::net::{Conv, Net, Value};
use crate::onnx::ModelProto;

const PATCH: i64 = 16;
const LAYERS: u32 = 12;
const HEADS: i64 = 12;
const HEAD_DIM: i64 = 64;
const HIDDEN: i64 = HEADS * HEAD_DIM;
const MLP: i64 = 3072;

/// ViT-B/16: 14x14 patches and a class token (197 tokens), 12 layers, the token's linear head.
pub(super) fn vit_b_16(name: &str, classes: i64) -> ModelProto {
    let (mut net, x) = Net::image(name, [3, 224, 224]);
    let x = net.conv(&x, "conv_proj", Conv::new(HIDDEN, PATCH).stride(PATCH).pad(0).bias());
    let patches = x.size(2) * x.size(3);
    let x = net.reshape(&x, "", &[1, HIDDEN, patches]);
    let x = net.transpose(&x, "", &[0, 2, 1]);
    let x = net.prepend_weight(&x, "", "class_token", 1);
    let mut x = net.add_weight(&x, "encoder", "pos_embedding");
    for layer in 0..LAYERS {
        x = encoder_layer(&mut net, &x, &format!("encoder.layers.encoder_layer_{layer}"));
    }
    let x = net.layer_norm(&x, "encoder.ln");
    let x = net.row(&x, "", 0);
    let x = net.gemm(&x, "heads.head", classes);
    net.finish(x)
}

/// Attention and a two-layer perceptron, each behind a LayerNorm and added back.
fn encoder_layer(net: &mut Net, x: &Value, path: &str) -> Value {
    let y = net.layer_norm(x, &format!("{path}.ln_1"));
    let y = attention(net, &y, &format!("{path}.self_attention"));
    let x = net.add(&y, x, path);
    let y = net.layer_norm(&x, &format!("{path}.ln_2"));
    let y = net.linear(&y, &format!("{path}.mlp.0"), MLP);
    let y = net.gelu(&y, &format!("{path}.mlp.1"));
    let y = net.linear(&y, &format!("{path}.mlp.3"), HIDDEN);
    net.add(&x, &y, path)
}

/// softmax(Q Kᵀ / 8) V over 12 heads of 64, between two linear layers.
fn attention(net: &mut Net, x: &Value, path: &str) -> Value {
    let tokens = x.size(1);
    let projected = net.linear(x, &format!("{path}.in_proj"), 3 * HIDDEN);
    let [q, k, v] =
        net.split3(&projected, path).map(|part| net.reshape(&part, path, &[1, tokens, HEADS, HEAD_DIM]));
    let q = net.transpose(&q, path, &[0, 2, 1, 3]);
    let k = net.transpose(&k, path, &[0, 2, 3, 1]);
    let v = net.transpose(&v, path, &[0, 2, 1, 3]);
    let q = net.scale(&q, path, 1.0 / 8.0);
    let scores = net.matmul(&q, &k, path);
    let shares = net.softmax(&scores, path);
    let mixed = net.matmul(&shares, &v, path);
    let mixed = net.transpose(&mixed, path, &[0, 2, 1, 3]);
    let joined = net.reshape(&mixed, path, &[1, tokens, HIDDEN]);
    net.linear(&joined, &format!("{path}.out_proj"), HIDDEN)
}
