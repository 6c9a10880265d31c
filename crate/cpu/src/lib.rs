//! The engine on the CPU: ONNX bytes in, arrays out.
//!
//! It holds the weights, each once: [`Library::fill`] takes them as they come from a file, and every model that is loaded
//! reads them in place, as external data at [`WEIGHTS`]. Values are named as in the bytes. It has arrays of four element
//! types; whoever has others converts them. What it made stays with it until it is asked for, one array at a time.

//!
//! | module | may import |
//! |---|---|
//! | clock, js | nothing |
//! | rten | clock |
//! | remote | js |
//! | wasm | js, rten |

pub mod clock;
#[cfg(any(feature = "remote", feature = "wasm"))]
mod js;
#[cfg(feature = "remote")]
pub mod remote;
#[cfg(feature = "rten")]
mod rten;
#[cfg(feature = "wasm")]
mod wasm;

use std::borrow::Cow;

/// The library of this build.
#[cfg(all(feature = "remote", not(feature = "rten")))]
pub use remote::Remote as Engine;
#[cfg(feature = "rten")]
pub use rten::Rten as Engine;

/// Where tensors of the bytes say that their data are.
pub const WEIGHTS: &str = "weights.data";

/// Elements, lent or owned.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Elements<'a> {
    F32(Cow<'a, [f32]>),
    I32(Cow<'a, [i32]>),
    I8(Cow<'a, [i8]>),
    U8(Cow<'a, [u8]>),
}

/// An array, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array<'a> {
    /// Sizes.
    pub shape: Cow<'a, [usize]>,
    /// As many as the product of the sizes.
    pub elements: Elements<'a>,
}

impl Array<'_> {
    /// The same, lent.
    pub fn lent(&self) -> Array<'_> {
        let elements = match &self.elements {
            Elements::F32(v) => Elements::F32(Cow::Borrowed(v)),
            Elements::I32(v) => Elements::I32(Cow::Borrowed(v)),
            Elements::I8(v) => Elements::I8(Cow::Borrowed(v)),
            Elements::U8(v) => Elements::U8(Cow::Borrowed(v)),
        };
        Array { shape: Cow::Borrowed(&self.shape), elements }
    }
}

/// Arrays by the names of their values.
pub type Named<'a> = [(&'a str, Array<'a>)];

/// One node of a run node by node. Values are places in the list of names that comes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What it reads of what was made before; None is all that is there, for nodes with bodies.
    pub reads: Option<Vec<u32>>,
    /// What it makes.
    pub makes: Vec<u32>,
    /// What nobody reads afterwards.
    pub drops: Vec<u32>,
}

/// On the way to another package: of each step whether it reads everything, then its three lists, each behind its length.
impl Step {
    /// As numbers.
    pub fn words(steps: &[Self]) -> Vec<u32> {
        let mut words = Vec::new();
        for step in steps {
            words.push(u32::from(step.reads.is_none()));
            for list in [step.reads.as_deref().unwrap_or_default(), &step.makes, &step.drops] {
                words.push(list.len() as u32);
                words.extend(list);
            }
        }
        words
    }

    /// From numbers; what is cut off is left out.
    pub fn from_words(words: &[u32]) -> Vec<Self> {
        let mut rest = words.iter().copied();
        let mut steps = Vec::new();
        while let Some(all) = rest.next() {
            let mut list = || {
                let length = rest.next().unwrap_or(0) as usize;
                rest.by_ref().take(length).collect::<Vec<u32>>()
            };
            let (reads, makes, drops) = (list(), list(), list());
            steps.push(Self { reads: (all == 0).then_some(reads), makes, drops });
        }
        steps
    }
}

/// What goes wrong in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It lacks an operator, or a form of one.
    Operator,
    /// It could not prepare the model.
    Prepare,
    /// It could not read the model.
    Read,
    /// An input does not fit.
    Input,
    /// A run ended on the way.
    Run,
    /// What came out is no array.
    NoArray,
    /// Memory is full.
    Memory,
    /// It stopped without saying why.
    Stopped,
}

impl FaultKind {
    /// Every kind, in the order of its number on the way to another package.
    pub const ALL: [Self; 8] = [
        Self::Operator,
        Self::Prepare,
        Self::Read,
        Self::Input,
        Self::Run,
        Self::NoArray,
        Self::Memory,
        Self::Stopped,
    ];
}

/// A fault of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// Name of the node, where it is known.
    pub node: Option<String>,
    /// In the library's words.
    pub text: String,
}

impl Fault {
    /// Of no node.
    pub fn new(kind: FaultKind, text: impl Into<String>) -> Self {
        Self { kind, node: None, text: text.into() }
    }
}

/// Something that runs ONNX bytes.
pub trait Library: Sized {
    /// A model that is loaded.
    type Model;
    /// What a run made, not handed out yet.
    type Made;

    /// With room for so many bytes of weights.
    ///
    /// # Errors
    /// `Memory`.
    fn open(weight_bytes: u64) -> Result<Self, Fault>;

    /// What it is: library and version.
    fn name(&self) -> String;

    /// Puts bytes of the weights in their place, before the first model is loaded.
    ///
    /// # Errors
    /// `Memory` for a place outside.
    fn fill(&mut self, at: u64, bytes: &[u8]) -> Result<(), Fault>;

    /// Loads a model; `fused` lets the library merge nodes.
    ///
    /// # Errors
    /// `Operator`, `Prepare`, `Read`.
    fn load(&mut self, onnx: &[u8], fused: bool) -> Result<Self::Model, Fault>;

    /// Computes the values of these names. Inputs that the model does not know are passed over.
    ///
    /// # Errors
    /// `Input`, `Run`.
    fn run(&self, model: &Self::Model, inputs: &Named<'_>, outputs: &[&str]) -> Result<Self::Made, Fault>;

    /// Computes node after node: the seconds of each, and the wanted values in the order of `wanted`.
    ///
    /// # Errors
    /// As [`Library::run`].
    fn steps(
        &self,
        model: &Self::Model,
        inputs: &Named<'_>,
        names: &[&str],
        steps: &[Step],
        wanted: &[u32],
    ) -> Result<(Vec<f64>, Self::Made), Fault>;

    /// Hands out one of the values, by its place; it is gone then.
    ///
    /// # Errors
    /// `NoArray` for a sequence, and for one that is gone.
    fn take(made: &mut Self::Made, place: usize) -> Result<Array<'static>, Fault>;
}

#[cfg(test)]
mod tests {
    use super::Step;

    #[test]
    fn steps_survive_the_way() {
        let step = |reads, makes, drops| Step { reads, makes, drops };
        let steps = vec![
            step(Some(vec![0, 7]), vec![8], vec![0]),
            step(None, vec![9, 10], Vec::new()),
            step(Some(Vec::new()), Vec::new(), vec![9, 10]),
        ];
        assert_eq!(Step::from_words(&Step::words(&steps)), steps);
        // A length past the end takes what is there.
        assert_eq!(Step::from_words(&[0, 9, 1]), [step(Some(vec![1]), Vec::new(), Vec::new())]);
    }
}
