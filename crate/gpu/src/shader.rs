//! Kernels as text: a file of `kernels/`, preceded by the constants that this use of it fixes.
//!
//! Every file is WGSL that a person can read; what varies (tile sizes, which activation is fused)
//! stands in `const` lines and one-line functions that are put in front. Both together are the key under
//! which its pipeline is kept, so two uses with the same constants share one.
//!
//! Who lowers models names a kernel; only what runs it has its text.

/// A file of `kernels/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum File {
    Conv,
    Conv3,
    Depthwise,
    Gemm,
    Pack,
    Map,
    Binary,
    Choose,
    Copy,
    Fill,
    Gather,
    Pad,
    Pool,
    Reduce,
    Softmax,
    Norm,
    Interpolate,
}

/// Bindings, shared functions and activations that most files use.
const COMMON: &str = include_str!("kernels/common.wgsl");
const ACTIVATION: &str = include_str!("kernels/activation.wgsl");
const FLAT: &str = include_str!("kernels/flat.wgsl");
const ROWS: &str = include_str!("kernels/rows.wgsl");
const WINDOW: &str = include_str!("kernels/window.wgsl");

impl File {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Conv,
        Self::Conv3,
        Self::Depthwise,
        Self::Gemm,
        Self::Pack,
        Self::Map,
        Self::Binary,
        Self::Choose,
        Self::Copy,
        Self::Fill,
        Self::Gather,
        Self::Pad,
        Self::Pool,
        Self::Reduce,
        Self::Softmax,
        Self::Norm,
        Self::Interpolate,
    ];

    fn text(self) -> &'static str {
        match self {
            Self::Conv => include_str!("kernels/conv.wgsl"),
            Self::Conv3 => include_str!("kernels/conv3.wgsl"),
            Self::Depthwise => include_str!("kernels/depthwise.wgsl"),
            Self::Gemm => include_str!("kernels/gemm.wgsl"),
            Self::Pack => include_str!("kernels/pack.wgsl"),
            Self::Map => include_str!("kernels/map.wgsl"),
            Self::Binary => include_str!("kernels/binary.wgsl"),
            Self::Choose => include_str!("kernels/choose.wgsl"),
            Self::Copy => include_str!("kernels/copy.wgsl"),
            Self::Fill => include_str!("kernels/fill.wgsl"),
            Self::Gather => include_str!("kernels/gather.wgsl"),
            Self::Pad => include_str!("kernels/pad.wgsl"),
            Self::Pool => include_str!("kernels/pool.wgsl"),
            Self::Reduce => include_str!("kernels/reduce.wgsl"),
            Self::Softmax => include_str!("kernels/softmax.wgsl"),
            Self::Norm => include_str!("kernels/norm.wgsl"),
            Self::Interpolate => include_str!("kernels/interpolate.wgsl"),
        }
    }

    /// What it shares with others of its kind.
    fn shared(self) -> &'static [&'static str] {
        match self {
            Self::Conv | Self::Conv3 => &[WINDOW],
            Self::Depthwise => &[WINDOW, FLAT],
            Self::Gemm => &[],
            Self::Reduce | Self::Softmax | Self::Norm => &[ROWS],
            _ => &[FLAT],
        }
    }

    /// Whether an activation can be fused behind it.
    pub fn activates(self) -> bool {
        matches!(self, Self::Conv | Self::Conv3 | Self::Depthwise | Self::Gemm | Self::Map | Self::Binary)
    }

    /// Tensors that it reads before the two of an activation.
    pub fn reads(self) -> usize {
        match self {
            Self::Conv | Self::Conv3 | Self::Depthwise | Self::Gemm => 4,
            Self::Choose | Self::Norm | Self::Interpolate | Self::Map => 3,
            Self::Copy | Self::Pack | Self::Pad | Self::Pool | Self::Reduce | Self::Softmax => 1,
            Self::Binary | Self::Gather => 2,
            Self::Fill => 0,
        }
    }
}

/// A file and what its use fixes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kernel {
    /// The file.
    pub file: File,
    /// `const` lines and one-line functions.
    pub head: String,
}

impl Kernel {
    /// A kernel without constants.
    pub fn new(file: File) -> Self {
        Self { file, head: String::new() }
    }

    /// Fixes a whole number.
    #[must_use]
    pub fn set(mut self, name: &str, value: u32) -> Self {
        self.head.push_str(&format!("const {name}: u32 = {value}u;\n"));
        self
    }

    /// Fixes a yes or no.
    #[must_use]
    pub fn flag(mut self, name: &str, value: bool) -> Self {
        self.head.push_str(&format!("const {name}: bool = {value};\n"));
        self
    }

    /// Lets `name` of one float be `function` of the kernel files.
    #[must_use]
    pub fn apply(mut self, name: &str, function: &str) -> Self {
        self.head.push_str(&format!("fn {name}(x: f32) -> f32 {{ return {function}(x); }}\n"));
        self
    }

    /// Lets `name` of two floats be `function` of the kernel files.
    #[must_use]
    pub fn combine(mut self, name: &str, function: &str) -> Self {
        self.head.push_str(&format!("fn {name}(a: f32, b: f32) -> f32 {{ return {function}(a, b); }}\n"));
        self
    }

    /// Lets `pair` of these types be `function` of `binary.wgsl`, and `finish` what makes its result a word.
    #[must_use]
    pub fn pair(mut self, function: &str, [a, b]: [&str; 2], (result, finish): (&str, &str)) -> Self {
        self.head.push_str(&format!(
            "alias A = {a};\nalias B = {b};\n\
             fn pair(a: A, b: B) -> {result} {{ return {function}(a, b); }}\n\
             fn finish(y: {result}, element: u32) -> u32 {{ return {finish}(y, element); }}\n"
        ));
        self
    }

    /// The whole text.
    pub fn source(&self) -> String {
        let activation = if self.file.activates() { ACTIVATION } else { "" };
        [&self.head, COMMON, activation, &self.file.shared().concat(), self.file.text()].concat()
    }

    /// Tensors that it reads.
    pub fn reads(&self) -> usize {
        self.file.reads() + if self.file.activates() { 2 } else { 0 }
    }
}
