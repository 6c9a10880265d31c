//! The JSON contract, cards, settings out of range, and speed.

use super::nets::{conv, relu, resnet18, resnet20};
use super::*;
use crate::cost::ask::Knob;
use crate::cost::explain::{CardLine, Figure};

/// Without the cost of each row.
fn totals(id: &str, net: &[Row]) -> Estimate {
    let (tariff, terms) = (Tariff::of(id, &Terms::default()).unwrap(), Terms::default());
    estimate(net, &Pricing::new(&tariff, &terms, &Activations::Keep), Detail::Totals).unwrap()
}

#[test]
fn contract_fields() {
    let net = rows(resnet20());
    let estimates = profiles().iter().map(|p| totals(p.id, &net)).collect();
    let json = serde_json::to_value(Report { schema: COST_SCHEMA, estimates }).unwrap();
    assert_eq!(json["schema"], "reluctant.cost/1");
    for e in json["estimates"].as_array().unwrap() {
        for field in [
            "protocol",
            "variant",
            "profile_version",
            "link",
            "setup_bytes",
            "client_storage_bytes",
            "bytes_total",
            "compute_included",
            "by_kind",
            "status",
        ] {
            assert!(e.get(field).is_some(), "{field}");
        }
        for phase in ["offline", "online"] {
            for field in ["seconds", "bytes_up", "bytes_down"] {
                assert!(e[phase].get(field).is_some(), "{phase} {field}");
            }
        }
        assert_eq!(e["link"], "lan");
        assert_eq!(e["online"]["seconds"].is_null(), !e["compute_included"].as_bool().unwrap());
        assert!(e["online"]["rounds"].as_u64().unwrap() > 0);
        assert!(e.get("layers").is_none());
    }
}

#[test]
fn layers_add_up() {
    let net = rows(resnet18(32, 100, true));
    for p in profiles() {
        let e = cost(p.id, &net, &Terms::default());
        let layers = e.layers.unwrap();
        assert_eq!(layers.len(), net.len());
        assert_eq!(layers.iter().filter_map(|l| l.bytes_total).sum::<u64>(), e.bytes_total);
        let on_path = layers.iter().filter(|l| l.on_path);
        assert_eq!(on_path.filter_map(|l| l.online).map(|p| p.rounds).sum::<u64>(), e.online.rounds);
    }
}

#[test]
fn unknown_rows_make_totals_partial() {
    let mut net = rows(resnet20());
    net.push(Row { index: 99, unknown: Some("no rule for this op".into()), ..Row::default() });
    let e = cost("semi2k", &net, &Terms::default());
    assert!(e.partial);
    assert_eq!(e.unpriced[0].index, 99);
    assert_eq!(e.status.not_supported.parts, 1);
}

/// Under every protocol the lines of a figure add up to it, and name constants that the card lists.
#[test]
fn the_lines_of_a_figure_add_up_to_it() {
    let net = rows(resnet20());
    let result = |line: &CardLine| -> f64 {
        let (_, result) = line.values.rsplit_once(" = ").unwrap();
        result.trim_end_matches([' ', 'B', 's']).replace(',', "").parse().unwrap()
    };
    let mut seen = Vec::new();
    for profile in profiles() {
        for position in 0..net.len() {
            let card = super::card(&net, position, profile.id, &Terms::default()).unwrap();
            let sum = |figure| card.lines.iter().filter(|l| l.figure == figure).map(result).sum::<f64>();
            let what = format!("{}, row {position}:\n{}", profile.id, lines_of(&card));
            if let Some(bytes) = card.cost.bytes_total {
                assert_eq!(sum(Figure::Bytes), bytes as f64, "{what}");
            }
            for (phase, figure) in
                [(&card.cost.offline, Figure::Offline), (&card.cost.online, Figure::Online)]
            {
                if let Some([_, seconds, _]) = phase.as_ref().and_then(|phase| phase.seconds) {
                    // Each line is written to the microsecond.
                    assert!((sum(figure) - seconds).abs() <= 2e-6, "{} for {seconds}: {what}", sum(figure));
                }
            }
            if let Some(online) = &card.cost.online {
                assert_eq!(sum(Figure::Rounds), online.rounds as f64, "{what}");
            }
            for line in &card.lines {
                let listed = |name: &&str| card.constants.iter().any(|constant| constant.name == *name);
                assert!(line.constants.iter().all(listed), "{what}");
                seen.extend((!seen.contains(&line.figure)).then_some(line.figure));
            }
        }
    }
    assert_eq!(seen.len(), Figure::ALL.len(), "{seen:?}");
}

#[test]
fn cards_show_formula_values_and_sources() {
    let net = rows(vec![conv(3, 64, 32, 3, 1), relu(65_536)]);
    let card = super::card(&net, 1, "semi2k", &Terms::default()).unwrap();
    assert!(lines_of(&card).contains("relu x elements"), "{}", lines_of(&card));
    assert!(lines_of(&card).contains("144 x 65,536 = 9,437,184 B"), "{}", lines_of(&card));
    // Its bytes are validated, its seconds measured.
    assert_eq!(card.status, Some(Status::Measured));
    assert!(card.constants.iter().all(|c| !c.source.is_empty() && c.value.is_some()));
    let card = super::card(&net, 0, "delphi:server-garbler", &Terms::default()).unwrap();
    assert!(lines_of(&card).contains("524,393 x 9 + 8 x 1 = 4,719,545 B"), "{}", lines_of(&card));
    assert!(lines_of(&card).contains("offline link time"), "{}", lines_of(&card));
    let threads = Terms { he_threads: 3, gc_threads: 8, ..Terms::default() };
    for position in 0..2 {
        let card = super::card(&net, position, "delphi:server-garbler", &threads).unwrap();
        let layers = cost("delphi:server-garbler", &net, &threads).layers.unwrap();
        assert_eq!(
            serde_json::to_value(&card.cost).unwrap(),
            serde_json::to_value(&layers[position]).unwrap()
        );
        let behind = ["he_overhead_many", "garble_speedup"][position];
        assert!(card.constants.iter().any(|c| c.name == behind), "{behind}");
    }
    assert!(super::card(&net, 2, "aby3", &Terms::default()).is_err());
}

#[test]
fn settings_are_checked() {
    let bad = |change: fn(&mut Terms)| {
        let mut settings = Terms::default();
        change(&mut settings);
        attempt(profiles()[0].id, &[], &settings, &Activations::Keep).unwrap_err().code
    };
    assert_eq!(bad(|s| s.ring_bits = 48), Code::InvalidSetting);
    assert_eq!(bad(|s| s.he_threads = 0), Code::InvalidSetting);
    for (up, rtt) in [(1.0, f64::NAN), (1.0, -1.0), (0.0, 1.0), (f64::INFINITY, 1.0)] {
        let link = Line::Custom { up, down: 1.0, rtt };
        assert!(attempt("semi2k", &[], &Terms { link, ..Terms::default() }, &Activations::Keep).is_err());
    }
    assert!(Link::preset("lan").is_ok() && Link::preset("moon").is_err() && profile("cheetah").is_err());
}

#[test]
fn settings_read_back_as_written() {
    for plan in ["identity", "poly2:public", "poly2:secret", "aespa"] {
        assert_eq!(serde_json::to_value(plan.parse::<Replacement>().unwrap()).unwrap(), plan);
    }
    for machine in ["epyc", "atom", "a100-40", "a100-80", "h100", "rtx5090"] {
        assert_eq!(serde_json::to_value(machine.parse::<Machine>().unwrap()).unwrap(), machine);
    }
    assert!("poly3".parse::<Replacement>().is_err() && "gpu".parse::<Machine>().is_err());
}

#[test]
fn profiles_are_documented() {
    for p in profiles() {
        let view = p.view(1);
        assert!(!view.leaves_out.is_empty() && !view.constants.is_empty() && view.version > 0);
        let mut names: Vec<_> = view.constants.iter().map(|c| c.name).collect();
        assert!(view.constants.iter().all(|c| !c.source.is_empty()));
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{}: two constants of one name", p.id);
    }
}

/// What an estimate says, its settings aside.
fn said(profile: &'static Profile, net: &[Row], terms: &Terms) -> serde_json::Value {
    let mut json = serde_json::to_value(cost(profile.id, net, terms)).unwrap();
    json.as_object_mut().unwrap().remove("settings");
    json
}

#[test]
fn a_profile_heeds_the_settings_that_it_lists_and_no_others() {
    let net = rows(resnet18(32, 100, true));
    let mut wrong = Vec::new();
    for profile in profiles() {
        let before = said(profile, &net, &Terms::default());
        let changes = |settings: Terms| said(profile, &net, &settings) != before;
        let knobs = [
            (Knob::HeThreads, Terms { he_threads: 3, ..Terms::default() }),
            (Knob::GcThreads, Terms { gc_threads: 2, ..Terms::default() }),
            (Knob::RingBits, Terms { ring_bits: 32, ..Terms::default() }),
            (Knob::ShareBits, Terms { share_bits: 41, ..Terms::default() }),
            (Knob::Ot, Terms { ot: Ot::Softspoken, ..Terms::default() }),
            (Knob::Faults, Terms { faults: FaultMode::NegPass, ..Terms::default() }),
            (Knob::Adder, Terms { adder: Adder::Rca, ..Terms::default() }),
            (Knob::Window, Terms { window: Window::Eight, ..Terms::default() }),
            (Knob::FssBits, Terms { fss_bits: 50, ..Terms::default() }),
            (Knob::Fraction, Terms { fraction: 16, ..Terms::default() }),
            (Knob::MachineFactor, Terms { machine_factor: 2.0, ..Terms::default() }),
            (Knob::Inferences, Terms { inferences: 1_000, ..Terms::default() }),
        ];
        assert_eq!(knobs.len(), Knob::ALL.len());
        for (knob, settings) in knobs {
            if changes(settings) != profile.knobs.contains(&knob) {
                wrong.push(format!("{}: {knob:?}", profile.id));
            }
        }
        let machines = [Machine::Atom, Machine::A100x40, Machine::H100, Machine::Rtx5090];
        for machine in machines {
            if changes(Terms { machine, ..Terms::default() }) != profile.machines.contains(&machine) {
                wrong.push(format!("{}: {machine:?}", profile.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
