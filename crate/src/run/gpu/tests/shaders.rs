//! Every kernel, under every kind of head, is valid WGSL; without a GPU.

use crate::engines::gpu::shader::{File, Kernel};

/// Heads that a file is used with.
fn heads(file: File) -> Vec<Kernel> {
    let plain = Kernel::new(file);
    let activations = |kernel: Kernel| -> Vec<Kernel> {
        let fixed = |degree: u32, masked: bool, faults: bool| {
            let kernel = kernel.clone().apply("named", "relu").set("DEGREE", degree);
            kernel.flag("MASKED", masked).flag("FAULTS", faults)
        };
        vec![fixed(0, false, false), fixed(8, true, true), fixed(1, false, false)]
    };
    let tiles =
        |kernel: Kernel| kernel.set("LANES", 16).set("ROWS", 4).flag("BIAS", true).flag("RESIDUAL", true);
    match file {
        File::Conv => [false, true]
            .into_iter()
            .flat_map(|t| activations(tiles(plain.clone()).flag("TRANSPOSED", t).flag("PADDED", true)))
            .collect(),
        File::Conv3 => activations(tiles(plain)),
        File::Depthwise => [false, true]
            .into_iter()
            .flat_map(|t| {
                activations(plain.clone().flag("TRANSPOSED", t).flag("BIAS", true).flag("RESIDUAL", true))
            })
            .collect(),
        File::Gemm => [1, 4, 8, 16]
            .into_iter()
            .flat_map(|tall| activations(tiles(plain.clone()).set("TALL", tall)))
            .collect(),
        File::Map => activations(plain.flag("AFFINE", true)),
        File::Binary => [
            ("power", ["f32", "f32"], ("f32", "activated")),
            ("power_by_whole", ["f32", "i32"], ("f32", "activated")),
            ("whole_power", ["i32", "i32"], ("i32", "whole")),
            ("less", ["f32", "f32"], ("bool", "truth")),
            ("either", ["i32", "i32"], ("bool", "truth")),
            ("to_whole", ["f32", "i32"], ("i32", "whole")),
        ]
        .into_iter()
        .flat_map(|(f, types, result)| {
            let kernel = plain.clone().set("RANK", 8).pair(f, types, result);
            activations(kernel.set("BITS", 8).flag("SIGNED", f == "to_whole"))
        })
        .collect(),
        File::Choose | File::Copy => vec![plain.set("RANK", 8)],
        File::Pad => (0..4).map(|mode| plain.clone().set("RANK", 8).set("MODE", mode)).collect(),
        File::Pool => (0..3).map(|mode| plain.clone().set("MODE", mode).flag("COUNT_PADS", true)).collect(),
        File::Reduce => ["sum", "product", "maximum", "minimum"]
            .into_iter()
            .map(|f| {
                let kernel = plain.clone().combine("fold", f).apply("before", "exponential");
                kernel.apply("after", "logarithm").flag("SHIFTED", true)
            })
            .collect(),
        File::Softmax => vec![plain.flag("LOG", true)],
        File::Norm => vec![plain.flag("RMS", false).flag("SHIFT", true)],
        File::Interpolate => vec![plain.set("TAPS", 4)],
        File::Fill | File::Gather | File::Pack => vec![plain],
    }
}

#[test]
fn kernels_are_valid() {
    let mut faults = Vec::new();
    let mut checked = 0;
    for kernel in File::ALL.into_iter().flat_map(heads) {
        let source = kernel.source();
        let module = match naga::front::wgsl::parse_str(&source) {
            Ok(module) => module,
            Err(e) => {
                faults.push(format!("{:?}: {}", kernel.file, e.emit_to_string(&source)));
                continue;
            }
        };
        let mut validator = naga::valid::Validator::new(
            naga::valid::ValidationFlags::all(),
            naga::valid::Capabilities::empty(),
        );
        if let Err(e) = validator.validate(&module) {
            faults.push(format!("{:?}: {}", kernel.file, e.emit_to_string(&source)));
        }
        // What the host binds is what the kernel declares.
        let bindings = module.global_variables.iter().filter(|(_, v)| v.binding.is_some()).count();
        assert_eq!(bindings, kernel.reads() + 3, "{:?}: bindings", kernel.file);
        checked += 1;
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked > 40, "{checked}");
}
