//! Attributes of a node, typed. An attribute of another type than a rule asks for reads as absent,
//! and the rule's default holds; a required one that is absent makes the rule say so.

use super::dtype::DType;
use super::small_map::SmallMap;
use super::types::{Const, Type};

/// Value of an attribute; graphs are bodies of the node and do not stand here.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Attr {
    Int(i64),
    Float(f32),
    Str(String),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Strs(Vec<String>),
    Tensor(TensorAttr),
    Type(Type),
    /// Present, of a kind that no rule reads, or too long to keep.
    Other,
}

/// A tensor attribute: what a Constant node holds.
#[derive(Clone, Debug)]
pub struct TensorAttr {
    /// Element type.
    pub dtype: Option<DType>,
    /// Dimensions.
    pub dims: Vec<u64>,
    /// Elements, where small.
    pub constant: Option<Const>,
}

/// All attributes of a node, by name.
#[derive(Clone, Debug, Default)]
pub struct Attrs(pub SmallMap<String, Attr>);

impl Attrs {
    /// Any attribute.
    pub fn get(&self, name: &str) -> Option<&Attr> {
        self.0.get(name)
    }

    /// Integer.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Attr::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// Integer or its default.
    pub fn int_or(&self, name: &str, default: i64) -> i64 {
        self.int(name).unwrap_or(default)
    }

    /// Float.
    pub fn float(&self, name: &str) -> Option<f32> {
        match self.get(name) {
            Some(Attr::Float(value)) => Some(*value),
            _ => None,
        }
    }

    /// Integers.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.get(name) {
            Some(Attr::Ints(values)) => Some(values),
            _ => None,
        }
    }

    /// Floats.
    pub fn floats(&self, name: &str) -> Option<&[f32]> {
        match self.get(name) {
            Some(Attr::Floats(values)) => Some(values),
            _ => None,
        }
    }

    /// Text.
    pub fn str(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Attr::Str(value)) => Some(value),
            _ => None,
        }
    }
}
