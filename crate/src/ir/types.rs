//! Types of values, and the elements of small constants.

use super::dim::Dim;
use super::dtype::DType;

/// Type of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Type {
    /// A tensor.
    Tensor(TensorType),
    /// A sparse tensor.
    Sparse(TensorType),
    /// A sequence of one type, and how many it holds; what one of none would hold says nothing.
    Sequence(Box<Type>, Dim),
    /// An optional.
    Optional(Box<Type>),
    /// A map; its parts carry no work.
    Map,
    /// Not known.
    #[default]
    Unknown,
}

/// Element type and shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorType {
    /// Element type.
    pub dtype: Option<DType>,
    /// Shape; None when the rank is not known.
    pub shape: Option<Shape>,
}

/// Dimensions, outermost first.
pub type Shape = Vec<Dim>;

/// Elements of a small tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Const {
    /// Dimensions.
    pub dims: Vec<u64>,
    /// Elements, row-major.
    pub data: Data,
}

/// Elements of a small tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Integers and booleans (0, 1); each may be symbolic or unknown.
    Ints(Vec<Dim>),
    /// Floating point.
    Floats(Vec<f64>),
}

impl Type {
    /// A tensor of known element type and shape.
    pub fn tensor(dtype: Option<DType>, shape: Option<Shape>) -> Self {
        Self::Tensor(TensorType { dtype, shape })
    }

    /// Element type and shape, where it is a (sparse) tensor.
    pub fn as_tensor(&self) -> Option<&TensorType> {
        match self {
            Self::Tensor(tensor) | Self::Sparse(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// Shape, where it is a tensor of known rank.
    pub fn shape(&self) -> Option<&[Dim]> {
        self.as_tensor()?.shape.as_deref()
    }

    /// Element type, where it is a tensor and known.
    pub fn dtype(&self) -> Option<DType> {
        self.as_tensor()?.dtype
    }
}

impl Const {
    /// A one-dimensional integer tensor.
    pub fn ints(values: Vec<Dim>) -> Self {
        Self { dims: vec![values.len() as u64], data: Data::Ints(values) }
    }

    /// A scalar integer.
    pub fn int(value: impl Into<Dim>) -> Self {
        Self { dims: Vec::new(), data: Data::Ints(vec![value.into()]) }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match &self.data {
            Data::Ints(values) => values.len(),
            Data::Floats(values) => values.len(),
        }
    }

    /// Integer elements.
    pub fn as_ints(&self) -> Option<&[Dim]> {
        match &self.data {
            Data::Ints(values) => Some(values),
            Data::Floats(_) => None,
        }
    }

    /// Whether every element is a number.
    pub fn is_known(&self) -> bool {
        match &self.data {
            Data::Ints(values) => values.iter().all(|v| v.known().is_some()),
            Data::Floats(_) => true,
        }
    }

    /// Elements as floating point, where all are numbers.
    pub fn to_floats(&self) -> Option<Vec<f64>> {
        match &self.data {
            Data::Floats(values) => Some(values.clone()),
            Data::Ints(values) => values.iter().map(|v| v.known().map(|v| v as f64)).collect(),
        }
    }

    /// The only element as a number, where there is one.
    pub fn scalar(&self) -> Option<f64> {
        match (&self.data, self.len()) {
            (Data::Floats(values), 1) => values.first().copied(),
            (Data::Ints(values), 1) => values.first()?.known().map(|v| v as f64),
            _ => None,
        }
    }
}

/// What holds of both.
pub(super) fn join(a: &Type, b: &Type) -> Type {
    match (a, b) {
        (Type::Tensor(x), Type::Tensor(y)) => {
            let dtype = x.dtype.filter(|d| Some(*d) == y.dtype);
            let shape = match (&x.shape, &y.shape) {
                (Some(x), Some(y)) if x.len() == y.len() => Some(
                    x.iter().zip(y).map(|(x, y)| if x == y { x.clone() } else { Dim::Unknown }).collect(),
                ),
                _ => None,
            };
            Type::tensor(dtype, shape)
        }
        (Type::Sequence(x, n), Type::Sequence(y, m)) => {
            let one = match (n, m) {
                (Dim::Known(0), _) => y.as_ref().clone(),
                (_, Dim::Known(0)) => x.as_ref().clone(),
                _ => join(x, y),
            };
            Type::Sequence(Box::new(one), if n == m { n.clone() } else { Dim::Unknown })
        }
        (Type::Optional(x), Type::Optional(y)) => Type::Optional(Box::new(join(x, y))),
        _ if a == b => a.clone(),
        _ => Type::Unknown,
    }
}
