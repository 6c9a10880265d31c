//! What a link holds, as plain structs, and the same without names.

use serde::Serialize;

use crate::count::{Activation, Row};

/// Start of the keys of settings that hold text of the model's author, such as a filter.
const NAMED: &str = "name.";

/// What a link holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Shared {
    /// Name of the model; None where names are left out.
    pub title: Option<String>,
    /// Id of the example that it came from.
    pub example: Option<String>,
    /// The structural hash: tells whether an open file is the same network.
    pub hash: [u8; 16],
    /// The view in front: `score`.
    pub view: String,
    /// Settings by name, as text; whoever applies one checks its range. One whose value may hold a
    /// name from the model has a key in `name.`.
    pub settings: Vec<(String, String)>,
    /// Versions of the cost profiles, by id.
    pub profiles: Vec<(String, u32)>,
    /// Figures about the whole model that no layer holds (`nodes`, `counted`, `opset`, ...).
    pub facts: Vec<(String, u64)>,
    /// Node indices of the layers that are selected, rising.
    pub selection: Vec<u32>,
    /// Inputs of the model, then its outputs.
    pub ports: [Vec<Port>; 2],
    /// Stages, in order.
    pub stages: Vec<Stage>,
    /// The layer table.
    pub layers: Vec<Layer>,
}

/// An input or output of the model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Port {
    /// Its name; empty where names are left out.
    pub name: String,
    /// Element type.
    pub dtype: Option<String>,
    /// Shape in force; None when the rank is unknown.
    pub shape: Option<Vec<Size>>,
}

/// A run of layers at one resolution.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stage {
    /// `stem`, `S1`, ..., `head`.
    pub name: String,
    /// Spatial size; None in a head or a transformer.
    pub resolution: Option<Vec<Size>>,
    /// Blocks found in it.
    pub blocks: u64,
}

/// One row of the layer table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Layer {
    /// What cost sees; empty work for a row that is only shown. An operator of a foreign domain is
    /// written with it (`com.example.Op`): it is a name, and is left out with them.
    pub row: Row,
    /// Shape of the first output; None when unknown.
    pub shape: Option<Vec<Size>>,
    /// Name of the stage.
    pub stage: String,
    /// Block in the stage, from 1; 0 outside a block.
    pub block: u32,
    /// What the table shows beside the work.
    pub figures: Figures,
    /// The function that it shows, where that is not the first of the work: a recurrent cell's gates are its work.
    pub shown: Option<Activation>,
    /// Facts that a reader must know. May quote names: left out with them.
    pub marks: Vec<String>,
}

/// One dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Size {
    /// A number.
    Known(u64),
    /// A symbol or `?`. A symbol's name becomes `?` where names are left out.
    Symbolic(String),
}

/// Figures of one row, as in the score report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Figures {
    pub macs: Option<u64>,
    pub macs_valid: Option<u64>,
    pub params: Option<u64>,
    pub params_shared: u64,
    pub average_pool: u64,
    pub truncations: u64,
    pub products: u64,
    pub adds: u64,
    pub bias: u64,
    pub batch_norm: u64,
    pub weight_bytes: u64,
    pub activation_bytes: Option<u64>,
}

impl Shared {
    /// Without anything that the model's author named.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        self.title = None;
        self.settings.retain(|(key, _)| !key.starts_with(NAMED));
        for layer in &mut self.layers {
            layer.row.name.clear();
            layer.marks.clear();
            if let Some(reason) = &mut layer.row.unknown {
                *reason = "not counted".into();
            }
            if layer.row.op.contains(['.', ':']) {
                layer.row.op = "custom".into();
            }
            hide(&mut layer.shape);
        }
        for port in self.ports.iter_mut().flatten() {
            port.name.clear();
            hide(&mut port.shape);
        }
        self
    }
}

/// Makes symbols anonymous.
fn hide(shape: &mut Option<Vec<Size>>) {
    for size in shape.iter_mut().flatten() {
        if let Size::Symbolic(name) = size {
            *name = "?".into();
        }
    }
}
