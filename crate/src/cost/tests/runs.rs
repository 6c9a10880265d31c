//! The work of runs of engines that were measured.

use super::nets::{activation, conv, fc};
use super::*;
use crate::count::{Activation, Kind};

/// The work of one run; None for what no layer of a network is alone.
pub(in crate::cost) fn work_of_run(op: &str, shape: &[Vec<u64>]) -> Option<Work> {
    let n: u64 = shape[0].iter().product();
    // CrypTen's tensors have channels second, and its weights the kernel last.
    let last = shape.last().unwrap();
    let channels_last = shape[0].len() < 4 || last.len() < 4 || shape[0][3] == last[2];
    let image = |k| match channels_last {
        true => conv(shape[0][3], last[3], shape[0][1], k, 1),
        false => conv(shape[0][1], last[0], shape[0][2], k, 1),
    };
    Some(match op {
        "relu" => activation(Kind::ReLU, n),
        "square" | "mul" => Work::Product { elements: n },
        "trunc" => Work::Scale { elements: n },
        "poly2_perch" | "poly2_perch_cpriv" => Work::Poly2 { elements: n, secret: true },
        "maxpool2" => Work::Activation(Activation {
            kind: Kind::MaxPool,
            elements: n / 4,
            rows: n / 4,
            row_length: 4,
            comparisons: n / 4 * 3,
            folded: false,
        }),
        "conv1" | "conv1_wpriv" => image(1),
        "conv3" | "conv3_wpriv" => image(3),
        "fc" | "fc_wpriv" => fc(shape[1][0], shape[1][1]),
        "gelu" | "gelu(erf)" => activation(Kind::GELU, n),
        "sigmoid" => activation(Kind::Sigmoid, n),
        "exp" => activation(Kind::Exp, n),
        "mul_ypriv" => Work::BatchNorm { elements: n },
        "softmax" => Work::Activation(Activation {
            kind: Kind::Softmax,
            elements: n,
            rows: shape[0][0],
            row_length: shape[0][1],
            comparisons: 0,
            folded: false,
        }),
        _ => return None,
    })
}
