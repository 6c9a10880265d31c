//! Every hard limit in one place. Each bounds memory or time before anything is allocated;
//! passing one is an [`Error`](crate::error::Error) with `Code::LimitExceeded`, never a crash.

/// Tensor payloads above this many bytes stay in the file; shape arithmetic never needs more.
pub const INLINE_PAYLOAD_BYTES: u64 = 1024;
/// Nested messages; a subgraph counts three levels (node, attribute, graph).
pub const MAX_MESSAGE_DEPTH: u32 = 64;
/// Lists and byte strings in attributes above this many bytes stay in the file.
pub const INLINE_LIST_BYTES: u64 = 64 << 10;
/// Bytes of the skeleton once decoded: everything in the file but large payloads. A convolution
/// with six attributes takes about 3 KB, so this is 170,000 of them.
pub const MAX_SKELETON_BYTES: u64 = 512 << 20;
/// Nodes after functions are inlined and bodies entered.
pub const MAX_NODES: usize = 1_000_000;
/// Values (tensors) after inlining.
pub const MAX_VALUES: usize = 4_000_000;
/// Functions called from functions.
pub const MAX_CALL_DEPTH: u32 = 32;
/// Dimensions of one tensor.
pub const MAX_RANK: usize = 64;
/// Rows that one row reads; of more, the latest are kept.
pub const MAX_ROW_READS: usize = 256;
/// Elements of a constant that folding may hold.
pub const MAX_FOLDED_ELEMENTS: usize = 4096;
/// Elements that folding may make in one model; then only small constants are followed.
pub const MAX_FOLDED_TOTAL: usize = 1 << 22;
/// Elements of a constant once `MAX_FOLDED_TOTAL` is spent.
pub const MAX_FOLDED_LATE: usize = 64;
/// Passes of a loop that are inferred one after another.
pub const MAX_STEPS: u64 = 256;
/// Nodes that are inferred and values that are carried for one pass of a loop, in one model.
pub const MAX_STEPPED_NODES: usize = 1 << 14;
/// Inputs of one node up to which its elements are folded together.
pub const MAX_FOLDED_INPUTS: usize = 64;
/// Terms of one symbolic dimension; a longer expression becomes unknown.
pub const MAX_DIM_TERMS: usize = 32;
/// Files that may be dropped together.
pub const MAX_FILES: usize = 4096;
/// Channels of any layer of a network built from a spec.
pub const MAX_SPEC_WIDTH: u32 = 65_536;
/// Residual blocks of a network built from a spec.
pub const MAX_SPEC_BLOCKS: u32 = 4_096;
/// Values of one number of a sweep.
pub const MAX_SWEEP_VALUES: usize = 65_536;
/// Tuples of multipliers that equalise a network.
pub const MAX_EQUALISED: usize = 100_000;
/// Multipliers that are tried for them.
pub const MAX_EQUALISE_STEPS: u64 = 20_000_000;
/// Parameters of a network that is written with weights: a file of messages ends at 2 GiB.
pub const MAX_SPEC_PARAMS: u64 = 500_000_000;
/// Stages of a network built from a spec.
pub const MAX_SPEC_STAGES: usize = 16;
/// Side of the image of a network built from a spec.
pub const MAX_SPEC_SIDE: u32 = 4_096;
/// Characters of a link, or of a file that holds one.
pub const MAX_LINK_CHARS: usize = 8 << 20;
/// Bytes of a link, unpacked.
pub const MAX_LINK_BYTES: usize = 8 << 20;
/// Rows of the layer table in a link.
pub const MAX_LINK_LAYERS: usize = 50_000;
/// Settings, profiles, or figures about the model in a link.
pub const MAX_LINK_SETTINGS: usize = 1_024;
/// Rows, pieces of work, axes and marks of a link, together.
pub const MAX_LINK_ITEMS: usize = 1_000_000;
/// Characters of all texts of a link, repeated ones each time.
pub const MAX_LINK_TEXT: usize = 16 << 20;
/// Measurements of one calibrated profile.
pub const MAX_MEASUREMENTS: usize = 1_000;
/// Bytes of pasted measurements.
pub const MAX_MEASURED_TEXT: usize = 1 << 20;
/// A size, or a number of bytes or rounds, that was measured: exact as f64 too.
pub const MAX_MEASURED: u64 = 1 << 53;
/// Characters of a calibrated profile's name.
pub const MAX_PROFILE_NAME: usize = 80;
/// Symbolic dimensions of a model; one past it is unknown.
pub const MAX_SYMBOLS: usize = 4096;
/// Attributes of a node.
pub const MAX_ATTRIBUTES: usize = 1024;
/// Bytes of one array that goes into a run or comes out.
pub const MAX_TENSOR_BYTES: u64 = (2 << 30) - 1;
/// Arrays of one .npz file.
pub const MAX_ARRAYS: usize = 4096;
/// Bytes of the weights and of the values alive at once of a model that is run.
pub const MAX_RUN_BYTES: u64 = if usize::BITS == 32 { 3 << 30 } else { 1 << 40 };
/// Bytes of the weights of a model that is run: one buffer, at most half of a 32-bit memory.
pub const MAX_WEIGHT_BYTES: u64 = if usize::BITS == 32 { (2 << 30) - (1 << 20) } else { 64 << 30 };
/// Degree of a polynomial in powers of x; beyond it double precision runs out.
pub const MAX_POLY_DEGREE: usize = 24;
/// Degree of one polynomial of a chain that makes the sign.
pub const MAX_SIGN_DEGREE: usize = 63;
/// Bins of a histogram.
pub const MAX_HISTOGRAM_BINS: usize = 1 << 20;
/// Bytes of a plan file: the masks of 16 M elements take 3 MB, 100,000 polynomials of degree 8 about 27 MB.
pub const MAX_PLAN_TEXT: usize = 32 << 20;
/// Bytes of activations that are held to be compared: one slice of the original's.
pub const MAX_GROWTH_BYTES: u64 = 256 << 20;
/// Units that a selection may order: 16 M pixels take 400 MB.
pub const MAX_UNITS: u64 = 1 << 24;
/// Rows of a network whose layers are changed one by one: it is priced once a change.
pub const MAX_WHAT_IF_ROWS: usize = 1_024;
/// Elements of an integer or boolean input whose value can be set as its shape can.
pub const MAX_SET_ELEMENTS: u64 = 8;
/// Bytes of a network that is trained.
pub const MAX_TRAINED_BYTES: u64 = 32 << 20;
/// Multiplications of one image through a network that is trained: an epoch of 2,000 images takes minutes.
pub const MAX_TRAINED_MACS: u64 = 50_000_000;

/// Numbers of all pictures of a part of a folder together: 2 GB.
#[cfg(feature = "cli")]
pub const MAX_PICTURE_NUMBERS: usize = 1 << 29;
