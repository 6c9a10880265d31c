//! The non-linear functions that networks are made of, listed once: composites, the finder of
//! activations, counts and prices all speak of these.

use serde::{Deserialize, Serialize};

/// Non-linear functions, as the field names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ActivationKind"))]
pub enum Kind {
    ReLU,
    /// Clip(0, 6).
    ReLU6,
    /// Clip with other bounds.
    Clip,
    LeakyReLU,
    PReLU,
    ThresholdedReLU,
    SiLU,
    /// x * sigmoid(1.702 x).
    QuickGELU,
    /// GELU in erf form.
    GELU,
    /// GELU in tanh form.
    #[serde(rename = "GELU-tanh")]
    GELUTanh,
    Mish,
    HardSwish,
    HardSigmoid,
    Sigmoid,
    Tanh,
    ELU,
    SELU,
    CELU,
    Softplus,
    Softsign,
    Shrink,
    Erf,
    Exp,
    Log,
    Sqrt,
    Reciprocal,
    /// Division by a secret value.
    Division,
    Power,
    Trigonometric,
    /// Rounding, floor, ceil.
    Rounding,
    Abs,
    /// Max/Min of secret values: b + ReLU(a - b).
    Comparison,
    /// Secret boolean logic.
    Logic,
    Softmax,
    LogSoftmax,
    MaxPool,
    /// Global or reducing maximum/minimum.
    ReduceMax,
    ArgMax,
    TopK,
    LayerNorm,
    RMSNorm,
    InstanceNorm,
    GroupNorm,
    LRN,
    LSTM,
    GRU,
    RNN,
    /// Rows of a table at secret places: an embedding by secret ids.
    LookUp,
    /// Greater, Less and the like on secret values: the sign of a difference, a bit.
    LessThan,
    /// Whether two secret values are equal, a bit.
    Equality,
    /// One of two values by a secret bit: Where.
    Choice,
    /// 1 above 0, -1 below it; at 0 it is ONNX's 0, which protocols take for a side.
    Sign,
}

impl Kind {
    /// An element-wise activation: what stands between layers, and what replacing acts on. Exp, Sqrt and the like are
    /// arithmetic; Softmax and norms mix elements.
    pub fn is_pointwise(self) -> bool {
        use Kind::*;
        matches!(
            self,
            ReLU | ReLU6
                | Clip
                | LeakyReLU
                | PReLU
                | ThresholdedReLU
                | SiLU
                | QuickGELU
                | GELU
                | GELUTanh
                | Mish
                | HardSwish
                | HardSigmoid
                | Sigmoid
                | Tanh
                | ELU
                | SELU
                | CELU
                | Softplus
                | Softsign
                | Shrink
        )
    }

    /// Every kind, in the order of the enumeration.
    pub const ALL: [Self; 52] = [
        Self::ReLU,
        Self::ReLU6,
        Self::Clip,
        Self::LeakyReLU,
        Self::PReLU,
        Self::ThresholdedReLU,
        Self::SiLU,
        Self::QuickGELU,
        Self::GELU,
        Self::GELUTanh,
        Self::Mish,
        Self::HardSwish,
        Self::HardSigmoid,
        Self::Sigmoid,
        Self::Tanh,
        Self::ELU,
        Self::SELU,
        Self::CELU,
        Self::Softplus,
        Self::Softsign,
        Self::Shrink,
        Self::Erf,
        Self::Exp,
        Self::Log,
        Self::Sqrt,
        Self::Reciprocal,
        Self::Division,
        Self::Power,
        Self::Trigonometric,
        Self::Rounding,
        Self::Abs,
        Self::Comparison,
        Self::Logic,
        Self::Softmax,
        Self::LogSoftmax,
        Self::MaxPool,
        Self::ReduceMax,
        Self::ArgMax,
        Self::TopK,
        Self::LayerNorm,
        Self::RMSNorm,
        Self::InstanceNorm,
        Self::GroupNorm,
        Self::LRN,
        Self::LSTM,
        Self::GRU,
        Self::RNN,
        Self::LookUp,
        Self::LessThan,
        Self::Equality,
        Self::Choice,
        Self::Sign,
    ];

    /// As reports write it: `ReLU`, `GELU-tanh`.
    pub fn name(self) -> String {
        match self {
            Self::GELUTanh => "GELU-tanh".to_owned(),
            kind => format!("{kind:?}"),
        }
    }
}
