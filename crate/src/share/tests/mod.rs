#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod sizes;

use proptest::prelude::*;

use super::*;
use crate::count::{Activation, Conv, Kind, Row, Work};

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0u64..300, 2 => 0u64..1 << 40, 1 => Just(i64::MAX as u64 - 1)]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), Just("S1".to_owned()), "[a-zé./:0-9]{1,9}"]
}

fn size() -> impl Strategy<Value = Size> {
    prop_oneof![4 => number().prop_map(Size::Known), 1 => text().prop_map(Size::Symbolic)]
}

fn conv() -> impl Strategy<Value = Conv> {
    let axis = (number(), number(), 1u64..9, 1u64..4, 1u64..4, (number(), number()));
    let head = (number(), number(), number(), 1u64..64);
    (head, prop::collection::vec(axis, 0..4), prop::option::of(number())).prop_map(
        |((batch, in_channels, out_channels, groups), axes, places)| Conv {
            batch,
            in_channels,
            out_channels,
            groups,
            input: axes.iter().map(|axis| axis.0).collect(),
            output: axes.iter().map(|axis| axis.1).collect(),
            kernel: axes.iter().map(|axis| axis.2).collect(),
            strides: axes.iter().map(|axis| axis.3).collect(),
            dilations: axes.iter().map(|axis| axis.4).collect(),
            pads: axes.iter().map(|axis| axis.5).collect(),
            places,
        },
    )
}

fn work() -> impl Strategy<Value = Work> {
    let kind = prop_oneof![Just(Kind::ReLU), Just(Kind::ReLU6), Just(Kind::Softmax), Just(Kind::RNN)];
    let activation = (kind, number(), number(), number(), number(), any::<bool>()).prop_map(
        |(kind, elements, rows, row_length, comparisons, folded)| {
            Work::Activation(Activation { kind, elements, rows, row_length, comparisons, folded })
        },
    );
    prop_oneof![
        conv().prop_map(Work::Conv),
        conv().prop_map(|conv| Work::ConvTranspose(Conv { places: None, ..conv })),
        (number(), number(), number(), number(), any::<bool>(), number())
            .prop_map(|(batch, m, k, n, secret, steps)| Work::MatMul { batch, m, k, n, secret, steps }),
        activation,
        (number(), number()).prop_map(|(elements, window)| Work::AvgPool { elements, window }),
        number().prop_map(|elements| Work::Product { elements }),
        number().prop_map(|elements| Work::Scale { elements }),
        number().prop_map(|elements| Work::BatchNorm { elements }),
        number().prop_map(|elements| Work::Add { elements }),
    ]
}

fn layer() -> impl Strategy<Value = Layer> {
    let optional = || prop::option::of(number());
    let figures = (
        (optional(), optional(), optional(), number(), number(), number()),
        (number(), number(), number(), number(), number(), optional()),
    )
        .prop_map(|((macs, macs_valid, params, params_shared, average_pool, truncations), rest)| {
            let (products, adds, bias, batch_norm, weight_bytes, activation_bytes) = rest;
            Figures {
                macs,
                macs_valid,
                params,
                params_shared,
                average_pool,
                truncations,
                products,
                adds,
                bias,
                batch_norm,
                weight_bytes,
                activation_bytes,
            }
        });
    let op = prop_oneof![Just("Conv".to_owned()), Just("BatchNormalization".to_owned()), text()];
    let passes = prop::option::of(1..=i64::MAX as u64);
    let row = (
        any::<u32>(),
        text(),
        op,
        prop::collection::vec(work().boxed(), 0..3),
        prop::option::of(text()),
        passes,
    )
        .prop_map(|(index, name, op, work, unknown, passes)| Row {
            index,
            name,
            op,
            work,
            unknown,
            after: None,
            passes,
        });
    let shape = prop::option::of(prop::collection::vec(size(), 0..5));
    let shown = prop::option::of(work().boxed()).prop_map(|work| match work {
        Some(Work::Activation(a)) => Some(a),
        _ => None,
    });
    (row, shape, text(), 0u32..4, figures, prop::collection::vec(text(), 0..3), shown).prop_map(
        |(row, shape, stage, block, figures, marks, shown)| Layer {
            row,
            shape,
            stage,
            block,
            figures,
            marks,
            shown,
        },
    )
}

/// Rows that read any of those before them.
fn layers() -> impl Strategy<Value = Vec<Layer>> {
    let reads = prop::option::of(prop::collection::vec(any::<u32>(), 0..4));
    prop::collection::vec((layer().boxed(), reads), 0..6).prop_map(|layers| {
        let mut rows = 0;
        let link = |(mut layer, reads): (Layer, Option<Vec<u32>>)| {
            layer.row.after = reads.map(|reads| reads.iter().filter_map(|n| n.checked_rem(rows)).collect());
            rows += u32::from(!layer.row.work.is_empty() || layer.row.unknown.is_some());
            layer
        };
        layers.into_iter().map(link).collect()
    })
}

fn shared() -> impl Strategy<Value = Shared> {
    let names = (prop::option::of(text()), prop::option::of(text()), any::<[u8; 16]>(), text());
    let lists = (
        prop::collection::vec((text(), text()), 0..4),
        prop::collection::vec((text(), any::<u32>()), 0..4),
        prop::collection::vec((text(), number()), 0..4),
        prop::collection::btree_set(any::<u32>(), 0..4),
    );
    let shape = || prop::option::of(prop::collection::vec(size(), 0..5));
    let port = || {
        let dtype = prop::option::of(Just("float32".to_owned()));
        prop::collection::vec((text(), dtype, shape()), 0..3).prop_map(|ports| {
            ports.into_iter().map(|(name, dtype, shape)| Port { name, dtype, shape }).collect()
        })
    };
    let stage =
        (text(), shape(), number()).prop_map(|(name, resolution, blocks)| Stage { name, resolution, blocks });
    let parts = (port(), port(), prop::collection::vec(stage, 0..4), layers());
    (names, lists, parts).prop_map(
        |(
            (title, example, hash, view),
            (settings, profiles, facts, selection),
            (inputs, outputs, stages, layers),
        )| Shared {
            ports: [inputs, outputs],
            stages,
            title,
            example,
            hash,
            view,
            settings,
            profiles,
            facts,
            selection: selection.into_iter().collect(),
            layers,
        },
    )
}

proptest! {
    #[test]
    fn what_goes_in_comes_back(shared in shared()) {
        let link = link_from_shared(&shared, true).unwrap();
        prop_assert_eq!(&shared_from_link(&link).unwrap(), &shared);
        let whole = format!("https://example.org/reluctant/{link}\n");
        prop_assert_eq!(&shared_from_link(&whole).unwrap(), &shared);
        let bare = link_from_shared(&shared, false).unwrap();
        prop_assert_eq!(shared_from_link(&bare).unwrap(), shared.without_names());
    }

    /// Bodies that pass the checksum but say anything at all.
    #[test]
    fn any_body_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(shared) = body::decode(&bytes) {
            prop_assert_eq!(body::decode(&body::encode(&shared)).unwrap(), shared);
        }
    }
}

/// A body of which a few bytes were changed, so that what follows is read in the wrong place.
#[test]
fn bent_bodies_are_read_or_refused() {
    let body = body::encode(&resnet50());
    let mut random = Random(7);
    for _ in 0..2_000 {
        let mut bent = body.clone();
        for _ in 0..=random.below(3) {
            let place = random.below(bent.len());
            bent[place] = random.below(256) as u8;
        }
        if let Ok(shared) = body::decode(&bent) {
            assert_eq!(body::decode(&body::encode(&shared)).unwrap(), shared);
        }
    }
}

#[test]
fn mangled_links_are_errors() {
    let link = link_from_shared(&resnet50(), false).unwrap();
    let letters: Vec<char> = link.chars().collect();
    let alphabet: Vec<char> =
        ('a'..='z').chain('A'..='Z').chain('0'..='9').chain("-_=#%& é".chars()).collect();
    let mut random = Random(1);
    let mut tried = 0;
    while tried < 2_000 {
        let mut mangled = letters.clone();
        let place = random.below(mangled.len());
        match random.below(4) {
            0 => mangled[place] = alphabet[random.below(alphabet.len())],
            1 => mangled.truncate(place),
            2 => mangled.insert(place, alphabet[random.below(alphabet.len())]),
            _ => {
                let other = random.below(mangled.len());
                mangled.swap(place, other);
            }
        }
        let text: String = mangled.iter().collect();
        // A character put before `#` or white space at an end changes nothing that is read.
        if text.trim().ends_with(&link) || mangled == letters {
            continue;
        }
        tried += 1;
        let error = shared_from_link(&text).expect_err(&text);
        assert_eq!(error.code, Code::InvalidLink, "{text}");
        assert!(!error.message.is_empty());
    }
}

#[test]
fn a_row_reads_only_rows_before_it() {
    let mut shared = resnet50();
    shared.layers[4].row.after = Some(vec![1, 0]);
    let link = link_from_shared(&shared, true).unwrap();
    assert_eq!(shared_from_link(&link).unwrap(), shared);
    for reads in [vec![4], vec![0; crate::limits::MAX_ROW_READS + 1]] {
        shared.layers[4].row.after = Some(reads);
        assert_eq!(link_from_shared(&shared, true).unwrap_err().code, Code::LimitExceeded);
    }
}

#[test]
fn a_newer_version_says_so() {
    let error = shared_from_link("#r2=AAAA").unwrap_err();
    assert!(error.message.contains("version 2"), "{error}");
    assert_eq!(shared_from_link("#/replace").unwrap_err().code, Code::InvalidLink);
    assert_eq!(shared_from_link("").unwrap_err().code, Code::InvalidLink);
}

/// Eight megabytes of the same byte pack into a few kilobytes; 50,000 rows need a byte each.
#[test]
fn a_link_that_unpacks_to_too_much_is_refused() {
    let link = |body: &[u8]| pack(DEFLATED, &compress_to_vec(body, 6));
    for byte in [0u8, 1, 0x7f, 0xff] {
        let huge = vec![byte; MAX_LINK_BYTES + 1];
        assert_eq!(shared_from_link(&link(&huge)).unwrap_err().code, Code::InvalidLink);
        assert!(shared_from_link(&link(&huge[..MAX_LINK_BYTES])).is_err());
    }
    assert_eq!(shared_from_link(&"r".repeat(MAX_LINK_CHARS + 1)).unwrap_err().code, Code::LimitExceeded);
}

#[test]
fn names_enter_only_when_asked_for() {
    let mut shared = resnet50();
    let marker = "Zz_secret_Zz";
    shared.title = Some(format!("{marker}.onnx"));
    let layer = shared.layers.last_mut().unwrap();
    layer.row.name = format!("/{marker}/Conv");
    layer.row.op = format!("{marker}.Op");
    layer.row.unknown = Some(format!("no rule for {marker}"));
    layer.marks = vec![format!("body of Loop {marker}")];
    layer.shape = Some(vec![Size::Symbolic(marker.into())]);
    let [inputs, _] = &mut shared.ports;
    inputs[0].name = marker.into();
    inputs[0].shape = Some(vec![Size::Symbolic(format!("{marker}_batch"))]);
    let holds = |link: &str| {
        let back = shared_from_link(link).unwrap();
        (format!("{back:?}").matches(marker).count(), back)
    };
    let (named, back) = holds(&link_from_shared(&shared, true).unwrap());
    assert_eq!((named, &back), (8, &shared));
    let (named, back) = holds(&link_from_shared(&shared, false).unwrap());
    assert_eq!(named, 0);
    assert_eq!(back.layers.last().unwrap().figures, shared.layers.last().unwrap().figures);
    assert!(back.layers.last().unwrap().row.unknown.is_some(), "unknown stays unknown");
}

/// Every kind has a number, and the number is its place in the enum: both only grow.
#[test]
fn kinds_keep_their_numbers() {
    for (number, kind) in layer::KINDS.iter().enumerate() {
        assert_eq!(*kind as usize, number, "{kind:?}");
    }
    assert_eq!(layer::KINDS.len(), Kind::Sign as usize + 1);
}

/// ResNet-50 at 224 as a table: convolution, BatchNorm and ReLU rows, adds, pools, the last layer.
fn resnet50() -> Shared {
    let mut table = Table::default();
    table.conv(3, 64, 7, 2, 112);
    table.activation("Relu", Kind::ReLU, 64, 112, 1);
    table.activation("MaxPool", Kind::MaxPool, 64, 56, 8);
    let mut channels = 64;
    for (stage, (blocks, width, side)) in
        [(3, 64, 56), (4, 128, 28), (6, 256, 14), (3, 512, 7)].into_iter().enumerate()
    {
        for block in 0..blocks {
            table.place = (format!("S{}", stage + 1), block + 1);
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            table.conv(channels, width, 1, 1, side * stride);
            table.activation("Relu", Kind::ReLU, width, side * stride, 1);
            table.conv(width, width, 3, stride, side);
            table.activation("Relu", Kind::ReLU, width, side, 1);
            table.conv(width, 4 * width, 1, 1, side);
            if block == 0 {
                table.conv(channels, 4 * width, 1, stride, side);
            }
            channels = 4 * width;
            let elements = channels * side * side;
            table.row("Add", vec![Work::Add { elements }], vec![1, channels, side, side]);
            table.activation("Relu", Kind::ReLU, channels, side, 1);
        }
    }
    table.place = ("head".into(), 0);
    table.row("GlobalAveragePool", vec![Work::AvgPool { elements: 2048, window: 49 }], vec![1, 2048, 1, 1]);
    let product = Work::MatMul { batch: 1, m: 1, k: 2048, n: 1000, secret: false, steps: 1 };
    table.row("Gemm", vec![product], vec![1, 1000]);
    let fc = table.layers.last_mut().unwrap();
    fc.figures = predict::figures(fc, 1000);
    let known = |sizes: &[u64]| sizes.iter().copied().map(Size::Known).collect::<Vec<_>>();
    let port = |name: &str, shape: &[u64]| Port {
        name: name.into(),
        dtype: Some("float32".into()),
        shape: Some(known(shape)),
    };
    let stage = |name: &str, side: Option<u64>, blocks: u64| Stage {
        name: name.into(),
        resolution: side.map(|side| known(&[side; 2])),
        blocks,
    };
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Shared {
        title: Some("resnet50.onnx".into()),
        example: Some("resnet50-imagenet".into()),
        hash: [0x5a, 1, 0xc3, 0x77, 0x80, 0xfe, 0x12, 9, 0xaa, 0, 0x31, 0x9c, 0xd4, 0x6b, 0xe8, 0x2f],
        view: "score".into(),
        settings: vec![
            setting("protocols", "delphi:server-garbler"),
            setting("link", "lan"),
            setting("he-threads", "8"),
        ],
        profiles: vec![("delphi".into(), 1)],
        facts: vec![("nodes".into(), 175), ("counted".into(), 175), ("opset".into(), 20)],
        selection: vec![3, 4, 17],
        ports: [vec![port("input", &[1, 3, 224, 224])], vec![port("output", &[1, 1000])]],
        stages: vec![stage("stem", Some(112), 0), stage("S1", Some(56), 3), stage("head", None, 0)],
        layers: table.layers,
    }
}

#[derive(Default)]
struct Table {
    layers: Vec<Layer>,
    place: (String, u32),
}

impl Table {
    fn conv(&mut self, from: u64, to: u64, kernel: u64, stride: u64, side: u64) {
        let conv = Conv {
            batch: 1,
            in_channels: from,
            out_channels: to,
            groups: 1,
            input: vec![side * stride; 2],
            output: vec![side; 2],
            kernel: vec![kernel; 2],
            strides: vec![stride; 2],
            dilations: vec![1; 2],
            pads: vec![(kernel / 2, kernel / 2); 2],
            places: None,
        };
        self.row("Conv", vec![Work::Conv(conv)], vec![1, to, side, side]);
        self.row("BatchNormalization", Vec::new(), vec![1, to, side, side]);
    }

    fn activation(&mut self, op: &str, kind: Kind, channels: u64, side: u64, each: u64) {
        let elements = channels * side * side;
        let activation = Activation {
            kind,
            elements,
            rows: 0,
            row_length: 0,
            comparisons: each * elements,
            folded: false,
        };
        self.row(op, vec![Work::Activation(activation)], vec![1, channels, side, side]);
    }

    fn row(&mut self, op: &str, work: Vec<Work>, shape: Vec<u64>) {
        let index = self.layers.len() as u32;
        let name = format!("/layer{index}/{op}");
        let row = Row { index, name, op: op.into(), work, ..Row::default() };
        let shape = Some(shape.into_iter().map(Size::Known).collect());
        let (stage, block) = self.place.clone();
        let mut layer = Layer { row, shape, stage, block, ..Layer::default() };
        layer.figures = predict::figures(&layer, 0);
        self.layers.push(layer);
    }
}

/// A linear congruential generator: the same cases in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Made by the first release of version 1; it must open for ever, to the same figures.
#[test]
fn the_frozen_link_of_version_1_opens() {
    let frozen = include_str!("../../../../tests/golden/link-r1.txt");
    assert_eq!(shared_from_link(frozen).unwrap(), resnet50().without_names());
}
