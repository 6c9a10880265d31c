#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::class::Feature;
use super::table::Pasted;
use super::*;
use crate::cost::tests::{card, cost, lines_of};
use crate::cost::{Status, Terms};
use crate::count::{Activation, Kind, Row, Work};
use crate::error::Code;
use crate::limits::{MAX_MEASURED_TEXT, MAX_MEASUREMENTS};

const RUNS: &str = include_str!("../fixtures/mpc-ops.csv");

fn pasted(text: &str, only: &[(&str, &str)]) -> Result<Pasted> {
    let only: Vec<(String, String)> = only.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
    measurements_from_text(text, &only)
}

fn own(base: &str, rest: Rest, text: &str) -> OwnProfile {
    let Pasted { measurements, ring_bits, .. } = pasted(text, &[]).unwrap();
    OwnProfile { name: "bench".into(), base: base.into(), base_version: 0, rest, ring_bits, measurements }
}

fn coefficients(report: &CalibrationReport, op: &str, quantity: Quantity) -> Vec<Option<f64>> {
    let fit = report.fits.iter().find(|fit| fit.op == op && fit.quantity == quantity);
    fit.unwrap_or_else(|| panic!("no {quantity:?} of {op}")).coefficients.iter().map(|c| c.value).collect()
}

fn relu(elements: u64) -> Work {
    function(Kind::ReLU, elements)
}

fn function(kind: Kind, elements: u64) -> Work {
    Work::Activation(Activation {
        kind,
        elements,
        rows: 0,
        row_length: 0,
        comparisons: elements,
        folded: false,
    })
}

fn rows(works: &[Work]) -> Vec<Row> {
    let row = |(index, work): (usize, &Work)| Row {
        index: index as u32,
        work: vec![work.clone()],
        ..Row::default()
    };
    works.iter().enumerate().map(row).collect()
}

fn terms(own: &OwnProfile) -> Terms {
    Terms { own: Some(own.clone()), ..Terms::default() }
}

fn priced(own: &OwnProfile, works: &[Work]) -> crate::cost::Estimate {
    cost(CALIBRATED, &rows(works), &terms(own))
}

/// A kind of work, sizes that are decades apart, and what each of its amounts is worth beside the others:
/// nothing, or enough to be measured. Worth in bytes is whole.
fn synthetic() -> impl Strategy<Value = (usize, Vec<[u64; 4]>, Vec<u64>, Vec<f64>)> {
    let sizes = prop::collection::vec([2..200_u64, 2..200_u64, 2..200_u64, 1..10_u64], 8..20);
    let whole = prop::collection::vec(prop_oneof![Just(0_u64), 1..1_000_u64], 3);
    let decades = (-6.0..-3.0_f64).prop_map(|decade| 10_f64.powf(decade));
    let real = prop::collection::vec(prop_oneof![Just(0.0), decades], 3);
    (0..6_usize, sizes, whole, real)
}

proptest! {
    /// In no measurement is a coefficient off by more than a billionth of what was measured: one that makes a
    /// thousandth of it comes back within 1e-6, and what is not there as nothing.
    #[test]
    fn synthetic_measurements_are_recovered((op, sizes, whole, real) in synthetic()) {
        let op = ["relu", "softmax", "maxpool", "matmul", "conv", "multiply"][op];
        let (class, _) = class::Class::parse(op).unwrap();
        let written = sizes.iter().map(|[a, b, c, _]| match op {
            "softmax" => format!("{a}x{b}"),
            "maxpool" => format!("{} of {b}", a * c),
            "matmul" => format!("{a}x{b}x{c}"),
            "conv" => format!("{a}x{b}x{b} -> {c} k3"),
            _ => (a * b * c).to_string(),
        });
        let written: Vec<String> = written.collect();
        let sized: Vec<_> = written.iter().map(|size| size::read(class, None, size, None).unwrap()).collect();
        let amount = |at: usize, feature: Feature| sized[at].amounts.of(feature) as f64;
        // Worth as much as the others of its worth: a call beside a million MACs costs as a million of them.
        let coefficients = |quantity, worth: &[f64]| -> Vec<(Feature, f64)> {
            let of_all = |feature| (0..sized.len()).map(|at| amount(at, feature)).sum::<f64>();
            let basis = fit::basis(class, quantity);
            let most = basis.iter().map(|feature| of_all(*feature)).fold(0.0, f64::max);
            basis.iter().zip(worth).map(|(f, worth)| (*f, worth * (most / of_all(*f)).round())).collect()
        };
        let whole: Vec<f64> = whole.iter().map(|worth| *worth as f64).collect();
        let want = [
            (Quantity::Bytes, coefficients(Quantity::Bytes, &whole)),
            (Quantity::Seconds, coefficients(Quantity::Seconds, &real)),
        ];
        let cost = |at: usize, of: &[(Feature, f64)]| of.iter().map(|(f, c)| amount(at, *f) * c).sum::<f64>();
        let mut text = String::from("op,size,bytes,seconds,calls\n");
        for (at, ([.., calls], size)) in sizes.iter().zip(&written).enumerate() {
            let [bytes, seconds] = [0, 1].map(|quantity| cost(at, &want[quantity].1) * *calls as f64);
            text += &format!("{op},{size},{bytes},{seconds},{calls}\n");
        }
        let report = Calibration::new(&own("semi2k", Rest::Base, &text)).unwrap().report();
        for (quantity, want) in want {
            let fit = report.fits.iter().find(|fit| fit.quantity == quantity).unwrap();
            for point in &fit.points {
                let off = (point.fitted - point.measured).abs();
                prop_assert!(off <= 1e-6 * point.measured, "{quantity:?} {point:?}\n{text}");
            }
            // Others carry the share of one that is not determined.
            let found: Option<Vec<f64>> = fit.coefficients.iter().map(|found| found.value).collect();
            let Some(found) = found.filter(|_| fit.condition.is_none_or(|condition| condition < 1e6)) else {
                continue;
            };
            for (value, (feature, want)) in found.iter().zip(&want) {
                for point in &fit.points {
                    let off = (value - want).abs() * amount(point.measurement, *feature);
                    prop_assert!(
                        off <= 1e-9 * point.measured,
                        "{quantity:?} {feature:?}: {value} for {want} in {point:?}: {:?}\n{text}",
                        fit.coefficients
                    );
                }
            }
        }
    }

    /// Whatever is pasted, the answer is a list or an error with a hint.
    #[test]
    fn no_text_does_harm(text in "(op|relu|conv|[0-9,x\\[\\]{}\":\t\n >k-]|bytes|\u{e9}){0,60}") {
        match pasted(&text, &[]) {
            Ok(pasted) => {
                let profile = OwnProfile { base: "aby3".into(), measurements: pasted.measurements, ..OwnProfile::default() };
                if !profile.measurements.is_empty() {
                    Calibration::new(&profile).unwrap();
                }
            }
            Err(error) => prop_assert!(!error.hint.is_empty() && error.message.contains("line"), "{error}"),
        }
    }
}

#[test]
fn what_is_not_determined_is_null() {
    let one = Calibration::new(&own("semi2k", Rest::Base, "relu,65536,6455296,0.2")).unwrap().report();
    assert_eq!(coefficients(&one, "relu", Quantity::Bytes), [Some(98.5), None]);
    assert_eq!(one.fits[0].r2, None);
    assert!(one.leaves_out.contains("nothing: per_call of relu."), "{}", one.leaves_out);
    // The same size again tells no more.
    let same = own("semi2k", Rest::Base, "relu,65536,6455296\nrelu,65536,6455296");
    let same = Calibration::new(&same).unwrap().report();
    assert_eq!(coefficients(&same, "relu", Quantity::Bytes), [Some(98.5), None]);
    let two = own("semi2k", Rest::Base, "relu,1024,100864\nrelu,65536,6455296");
    let two = Calibration::new(&two).unwrap().report();
    assert_eq!(coefficients(&two, "relu", Quantity::Bytes), [Some(98.5), Some(0.0)]);
    // Products of one inner size: MACs go with the elements moved.
    let linear = own("semi2k", Rest::Base, "fc,1x512x512,1000\nfc,2x512x512,2000\nfc,7x512x512,7000");
    let linear = Calibration::new(&linear).unwrap().report();
    let found = coefficients(&linear, "matmul", Quantity::Bytes);
    assert!(found[0].is_some() && found[1].is_none() && found[2].is_some(), "{found:?}");
}

#[test]
fn sizes_close_together_are_warned_of() {
    let close = own("semi2k", Rest::Base, "relu,100000,1000000\nrelu,100100,1001100\nrelu,100050,1000400");
    let fit = &Calibration::new(&close).unwrap().report().fits[0];
    assert!(fit.condition.unwrap() > 100.0);
    assert!(fit.warnings.iter().any(|w| w.starts_with("ill-conditioned")), "{:?}", fit.warnings);
    let apart = own("semi2k", Rest::Base, "relu,1000,11000\nrelu,100000,1001000\nrelu,10000000,100001000");
    let fit = &Calibration::new(&apart).unwrap().report().fits[0];
    assert!(fit.condition.unwrap() < 10.0 && fit.warnings.is_empty(), "{fit:?}");
    assert_eq!(fit.coefficients.iter().map(|c| c.value).collect::<Vec<_>>(), [Some(10.0), Some(1000.0)]);
    assert!(fit.r2.unwrap() > 1.0 - 1e-9);
}

/// The runs of SPU's SEMI2K give the constants that its profile was read off.
#[test]
fn logged_runs_paste_as_they_are() {
    let error = pasted(RUNS, &[]).unwrap_err();
    assert!(error.message.contains("several protocols") && error.hint.contains("variant="), "{error}");
    let runs = pasted(RUNS, &[("variant", "semi2k64")]).unwrap();
    assert_eq!((runs.measurements.len(), runs.ring_bits), (22, Some(64)));
    let skipped: Vec<&str> = runs.skipped.iter().map(|skipped| skipped.op.as_str()).collect();
    assert_eq!(skipped, ["cmp_gt0", "square", "square_int"]);
    let profile = OwnProfile {
        base: "semi2k".into(),
        rest: Rest::None,
        ring_bits: runs.ring_bits,
        measurements: runs.measurements,
        ..OwnProfile::default()
    };
    let report = Calibration::new(&profile).unwrap().report();
    for (op, per_element, rounds) in
        [("relu", 72.0, 8.0), ("truncation", 4.0, 1.0), ("multiply", 20.0, 2.0), ("gelu", 396.0, 45.0)]
    {
        for way in [Quantity::BytesUp, Quantity::BytesDown] {
            assert_eq!(coefficients(&report, op, way)[0], Some(per_element), "{op}");
        }
        assert_eq!(coefficients(&report, op, Quantity::Rounds), [Some(rounds)], "{op}");
    }
    // Comparisons of 2x2 windows at a ReLU each, two levels of its eight rounds.
    assert_eq!(coefficients(&report, "maxpool", Quantity::BytesUp)[0], Some(72.0));
    assert_eq!(coefficients(&report, "maxpool", Quantity::Rounds), [Some(8.0)]);
}

#[test]
fn a_measured_kind_replaces_the_base() {
    let works = [relu(65_536), function(Kind::GELU, 4_096), Work::Scale { elements: 100 }];
    let own = own(
        "semi2k",
        Rest::Base,
        "op,size,bytes_up,bytes_down,rounds,seconds\nrelu,65536,5062656,1392640,20,0.25",
    );
    let e = priced(&own, &works);
    let base = cost("semi2k", &rows(&works), &Terms::default());
    let (layers, base) = (e.layers.unwrap(), base.layers.unwrap());
    let online = layers[0].online.unwrap();
    assert_eq!((online.bytes_up, online.bytes_down, online.rounds), (5_062_656, 1_392_640, 20));
    assert!((online.seconds.unwrap()[1] - online.link_seconds - 0.25).abs() < 1e-12);
    assert_eq!(layers[0].status.measured.parts, 1);
    for place in [1, 2] {
        assert_eq!(layers[place].bytes_total, base[place].bytes_total);
        assert_eq!(layers[place].status.validated.parts, base[place].status.validated.parts);
    }
    assert_eq!((e.protocol, e.profile_version, e.partial), ("calibrated", 2, false));
    assert_eq!(e.calibration.unwrap().measurements, 1);
    assert!(
        e.leaves_out.contains("bytes up of relu; bytes down of relu; rounds of relu; seconds of relu."),
        "{}",
        e.leaves_out
    );
    assert!(e.unpriced.is_empty(), "the base has times of the others");
    // Its time is known, the others' is not: listed.
    let untimed = OwnProfile { base: "crypten".into(), base_version: 0, ..own };
    assert_eq!(priced(&untimed, &works).unpriced.iter().map(|u| u.index).collect::<Vec<_>>(), [1]);
}

#[test]
fn what_was_not_measured_may_have_no_price() {
    let own = own("semi2k", Rest::None, "relu,65536,6455296\nrelu,1024,100864");
    let e = priced(&own, &[relu(1_000), function(Kind::ReLU6, 10), Work::Add { elements: 5 }]);
    assert_eq!(e.bytes_total, 98_500);
    assert_eq!(e.unpriced.len(), 1);
    assert!(e.unpriced[0].index == 1 && e.unpriced[0].reason.contains("not measured"));
}

/// Kinds and statuses of a calibrated estimate add up to its total, whatever the base.
#[test]
fn parts_add_up_to_the_total() {
    let conv = Work::MatMul { batch: 1, m: 64, k: 128, n: 32, secret: false, steps: 1 };
    let works = [conv, relu(2_048), function(Kind::GELU, 100), Work::Scale { elements: 7 }, relu(3)];
    for base in crate::cost::profiles() {
        for rest in [Rest::Base, Rest::None] {
            let text =
                "op,size,bytes,seconds\nrelu,1000,11001,0.5\nrelu,3000,32003,1.4\nmatmul,8x8x8,12345,0.25";
            let e = priced(&own(base.id, rest, text), &works);
            let kinds = [e.by_kind.linear, e.by_kind.activation, e.by_kind.pool, e.by_kind.truncation];
            assert_eq!(kinds.iter().map(|kind| kind.bytes).sum::<u64>(), e.bytes_total, "{}", base.id);
            let status = [e.status.validated, e.status.measured, e.status.estimate];
            assert_eq!(status.iter().map(|status| status.bytes).sum::<u64>(), e.bytes_total, "{}", base.id);
            let share: f64 = status.iter().map(|status| status.bytes_share).sum();
            assert!((share - 1.0).abs() < 1e-12 && e.status.measured.bytes > 0, "{}: {share}", base.id);
            assert_eq!(rest == Rest::None, e.unpriced.iter().any(|u| u.reason.contains("was not measured")));
        }
    }
}

/// DELPHI's circuits are paid offline and online: phases that are told apart replace their own only.
#[test]
fn phases_are_replaced_on_their_own() {
    let online = own("delphi:server-garbler", Rest::Base, "op,size,bytes,phase\nrelu,1000,500000,online");
    let base = |own: &OwnProfile| priced(own, &[relu(1_000)]);
    let e = base(&online);
    assert_eq!(e.online.bytes_up + e.online.bytes_down, 500_000);
    assert!(e.offline.bytes_down > 17_000_000 && e.client_storage_bytes > Some(0));
    let offline = own("delphi:server-garbler", Rest::Base, "op,size,bytes,phase\nrelu,1000,500000,offline");
    let e = base(&offline);
    assert_eq!((e.offline.bytes_up, e.offline.bytes_down), (250_000, 250_000));
    assert_eq!(e.online.bytes_down, 1_184_000);
    let both = own("delphi:server-garbler", Rest::Base, "relu,1000,500000");
    assert_eq!(base(&both).bytes_total, 500_000);
    let mixed = "op,size,bytes,phase\nrelu,1000,500000,online\nrelu,1000,500000,";
    assert_eq!(
        Calibration::new(&own("semi2k", Rest::Base, mixed)).unwrap_err().code,
        Code::InvalidMeasurement
    );
}

#[test]
fn another_ring_has_no_price() {
    let own = OwnProfile { ring_bits: Some(32), ..own("semi2k", Rest::Base, "relu,1000,50000") };
    let e = priced(&own, &[relu(1_000)]);
    assert!(e.unpriced[0].reason.contains("ring width"), "{:?}", e.unpriced);
}

#[test]
fn a_card_shows_the_coefficients() {
    let own = own("aby3", Rest::Base, "relu,1000,11000,0.5\nrelu,100000,1001000,50.0");
    let card = card(&rows(&[relu(2_000)]), 0, CALIBRATED, &terms(&own)).unwrap();
    assert!(card.title.ends_with("under bench"), "{}", card.title);
    assert!(lines_of(&card).contains("10 x 2,000 + 1,000 x 1 = 21,000 B"), "{}", lines_of(&card));
    assert_eq!(card.status, Some(Status::Validated.max(Status::Measured)));
    assert!(card.constants.iter().any(|c| c.name == "per_element" && c.source.contains("your measurements")));
}

#[test]
fn a_fault_names_its_line_and_column() {
    for (text, place) in [
        ("op,size,bytes\nrelu,65536,many", "line 2, column 12"),
        ("op\tsize\tbytes\n\n# a remark\nrelu\t-1\t5", "line 4, column 6"),
        ("relu,65536", "line 1, column 1"),
        ("op,size,bytes\n\"relu,3,4", "line 2, column 1"),
        ("op,size,bytes\nconv,\"[[1,2,2,3],[3,3,4,4]]\",4", "line 2, column 6"),
        ("op,size,bytes\nrelu,1,2,3", "line 2, column 10"),
        ("[{\"op\": \"relu\",\n \"size\": \"x\", \"bytes\": 1}]", "line 2, column"),
        ("[{\"op\": \"relu\", \"size\": 3, \"bytes\": -1}]", "line 1, column"),
        ("[{\"op\": \"relu\"", "line 1, column 14"),
        ("op,size,bytes_up\nrelu,5,5", "line 2, column 1"),
        ("op,size,bytes,up,down\nrelu,5,5,5,5", "line 2, column 1"),
    ] {
        let error = pasted(text, &[]).unwrap_err();
        assert!(error.message.starts_with(place) && !error.hint.is_empty(), "{text:?}: {error}");
        assert_eq!(error.code, Code::InvalidMeasurement);
    }
}

#[test]
fn too_much_is_refused() {
    let lines = |n: usize| "relu,5,5\n".repeat(n);
    assert_eq!(pasted(&lines(MAX_MEASUREMENTS), &[]).unwrap().measurements.len(), MAX_MEASUREMENTS);
    assert_eq!(pasted(&lines(MAX_MEASUREMENTS + 1), &[]).unwrap_err().code, Code::LimitExceeded);
    assert_eq!(pasted(&" ".repeat(MAX_MEASURED_TEXT + 1), &[]).unwrap_err().code, Code::LimitExceeded);
    assert_eq!(pasted(&",".repeat(100), &[]).unwrap_err().code, Code::InvalidMeasurement);
    let deep = "[".repeat(100_000);
    assert_eq!(pasted(&deep, &[]).unwrap_err().code, Code::InvalidMeasurement);
}

/// File, table and JSON give the same profile, whatever was measured.
#[test]
fn a_profile_survives_its_file_and_its_table() {
    let text = "op,size,calls,bytes_up,bytes_down,bytes,rounds,ms,phase\n\
        relu,65536,10,50626560,13926400,,200,2510.25,online\n\
        relu,1024,,79104,21760,,20,,online\n\
        conv3,\"[[1,32,32,64],[3,3,64,64]]\",,,,6124162,14,0.1,\n\
        softmax,16x64,,,,13912031,,,\n\
        maxpool2,\"[[1,32,32,64]]\",,,,4841472,41,,\n\
        fc,1x512x100,3,,,,,0.333333333333333333,offline\n";
    let own = OwnProfile { ring_bits: Some(64), ..own("semi2k", Rest::None, text) };
    let report = Calibration::new(&own).unwrap().report();
    let file = serde_json::to_string_pretty(&report).unwrap();
    let back = OwnProfile::from_file(&file).unwrap();
    assert_eq!(back, OwnProfile { base_version: 2, ..own.clone() });
    assert_eq!(Calibration::new(&back).unwrap().report(), report);
    assert_eq!(pasted(&own.table(), &[]).unwrap().measurements, own.measurements);
    assert_eq!(pasted(&file, &[]).unwrap().measurements, own.measurements);
    // A changed coefficient changes nothing: measurements are the source.
    let forged = file.replace(
        "\"name\": \"per_element\",\n          \"value\": ",
        "\"name\": \"per_element\",\n          \"value\": 9",
    );
    assert_ne!(forged, file);
    assert_eq!(Calibration::new(&OwnProfile::from_file(&forged).unwrap()).unwrap().report(), report);
}

#[test]
fn a_file_is_trusted_nothing() {
    let file = |schema: &str, base: &str, name: &str, size: &str| {
        format!(
            "{{\"schema\": \"{schema}\", \"base\": \"{base}\", \"name\": \"{name}\",\n\"measurements\": [{{\"op\": \"relu\", \"size\": {size}, \"bytes\": 5}}]}}"
        )
    };
    // What a file holds is read, then fitted on its base: either may refuse it.
    let open = |text: &str| Calibration::new(&OwnProfile::from_file(text)?);
    assert!(open(&file(PROFILE_SCHEMA, "aby3", "x", "5")).is_ok());
    let code = |text: &str| open(text).unwrap_err().code;
    assert_eq!(code(&file("reluctant.profile/2", "aby3", "x", "5")), Code::InvalidSetting);
    assert_eq!(code(&file(PROFILE_SCHEMA, "later:one", "x", "5")), Code::InvalidSetting);
    assert_eq!(code(&file(PROFILE_SCHEMA, "aby3", &"x".repeat(81), "5")), Code::InvalidSetting);
    assert_eq!(code(&file(PROFILE_SCHEMA, "aby3", "x", "-5")), Code::InvalidMeasurement);
    assert_eq!(code("{}"), Code::InvalidSetting);
    assert_eq!(code("nothing"), Code::InvalidMeasurement);
}
