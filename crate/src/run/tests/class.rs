//! How near an engine must come. The class hangs on what is computed, never on the engine: what one may miss, both may.

use crate::ir::dtype::DType;
use crate::run::tensor::Tensor;

/// A class of tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// The same bits: whole numbers, flags, and what only moves or chooses elements.
    Exact,
    /// Single precision: each element within 1e-5 of itself and 1e-6 of the largest.
    Close,
    /// Half precision, and results that are written in few digits: the case's own tolerance, 2e-3 for float16.
    Approximate,
}

/// What only moves or chooses elements.
const MOVES: [&str; 41] = [
    "Abs",
    "Clip",
    "Compress",
    "Concat",
    "DepthToSpace",
    "Expand",
    "Flatten",
    "Gather",
    "GatherElements",
    "GatherND",
    "Identity",
    "Max",
    "MaxPool",
    "Min",
    "Neg",
    "OneHot",
    "Pad",
    "ReduceMax",
    "ReduceMin",
    "Relu",
    "Reshape",
    "ReverseSequence",
    "Scatter",
    "ScatterElements",
    "ScatterND",
    "Sign",
    "Slice",
    "SpaceToDepth",
    "Split",
    "Squeeze",
    "Tile",
    "TopK",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Where",
    "Ceil",
    "Floor",
    "Round",
    "ConstantOfShape",
    "Dropout",
];

/// Cases whose wanted values are written in four digits.
const FOUR_DIGITS: [&str; 1] = ["test_averagepool_2d_ceil_last_window_starts_on_pad"];

impl Class {
    /// Of a case's result: its operator and element type.
    pub(super) fn of(case: &str, op: &str, dtype: DType) -> Self {
        if dtype == DType::Bool || dtype.is_int() || MOVES.contains(&op) {
            Self::Exact
        } else if !matches!(dtype, DType::F32 | DType::F64) || FOUR_DIGITS.contains(&case) {
            Self::Approximate
        } else {
            Self::Close
        }
    }

    /// The first element that is too far off; `own` is the case's relative and absolute tolerance, for the loosest class.
    pub(super) fn fault(self, found: &Tensor, wanted: &Tensor, own: (f64, f64)) -> Option<String> {
        let (a, b) = (found.shape(), wanted.shape());
        if a != b || found.dtype() != wanted.dtype() {
            return Some(format!(
                "{a:?} {} where {b:?} {} is wanted",
                found.dtype_name(),
                wanted.dtype_name()
            ));
        }
        let (a, b): (Vec<f64>, Vec<f64>) = (found.data().convert(), wanted.data().convert());
        let largest = b.iter().filter(|b| b.is_finite()).fold(0.0f64, |top, b| top.max(b.abs()));
        let (relative, absolute) = match self {
            Self::Exact => (0.0, 0.0),
            Self::Close => (1e-5, 1e-6 * largest),
            Self::Approximate if wanted.dtype() == DType::F16 => (2e-3, 2e-3),
            Self::Approximate => own,
        };
        let off = |(_, (a, b)): &(usize, (&f64, &f64))| {
            let same = a == b || (a.is_nan() && b.is_nan());
            let near = (**a - **b).abs() <= absolute + relative * b.abs();
            !(same || near)
        };
        let wrong = a.iter().zip(&b).enumerate().filter(off).count();
        let (at, (a, b)) = a.iter().zip(&b).enumerate().find(off)?;
        Some(format!("{wrong} of {} not {self:?}, element {at}: {a} where {b} is wanted", found.len()))
    }
}
