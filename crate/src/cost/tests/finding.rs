//! What stands in the way: parts that add up, the same as the totals say, and sentences that claim no more.

use super::examples::{example, examples};
use super::*;
use crate::cost::finding::{Finding, Of};

const LINKS_TRIED: [&str; 3] = ["loopback", "lan", "wan"];

fn over(link: &str) -> Terms {
    Terms { link: Line::preset(link).unwrap(), ..Terms::default() }
}

fn main_of(e: &Estimate) -> [&Finding; 2] {
    let [offline, online, ..] = &e.findings[..] else { panic!("{}: two phases", e.protocol) };
    assert_eq!((offline.phase, online.phase), (PhaseName::Offline, PhaseName::Online));
    [offline, online]
}

/// Every second, byte and round of a phase belongs to one cause, under every protocol and link.
#[test]
fn causes_add_up_to_their_phase() {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1e-9);
    for (name, net) in examples().iter().filter(|(name, _)| !name.starts_with("hrn")) {
        for (p, link) in profiles().iter().zip(LINKS_TRIED.iter().cycle()) {
            let e = cost(p.id, net, &over(link));
            let what = format!("{name} {} over {link}", p.id);
            for (when, phase) in [(PhaseName::Offline, &e.offline), (PhaseName::Online, &e.online)] {
                let of = || e.causes.iter().filter(|share| share.phase == when);
                assert_eq!(of().map(|share| share.bytes).sum::<u64>(), phase.bytes_total(), "{what}");
                assert_eq!(of().map(|share| share.rounds).sum::<u64>(), phase.rounds, "{what}");
                assert!(close(of().map(|share| share.link_seconds).sum(), phase.link_seconds), "{what}");
                if let Some([_, middle, _]) = phase.seconds {
                    let sum: f64 = of().map(|share| share.seconds.unwrap()).sum();
                    assert!(close(sum, middle), "{what}: {sum} for {middle}");
                }
            }
        }
    }
}

/// A bound says so and shares what is priced; a phase without anything names no cause; shares are parts of a whole.
#[test]
fn sentences_claim_no_more_than_the_estimate() {
    let mut partial = 0;
    for (name, net) in examples() {
        for (p, link) in profiles().iter().zip(LINKS_TRIED.iter().cycle()) {
            let e = cost(p.id, net, &over(link));
            partial += u32::from(e.bound);
            for finding in main_of(&e) {
                let Finding { text, share, cause, .. } = finding;
                let what = format!("{name} {} over {link}: {text}", p.id);
                assert!(text.ends_with('.') && !text.contains("help"), "{what}");
                assert_eq!(finding.at_least, e.bound, "{what}");
                match share {
                    None => assert!(*cause == Cause::Nothing && text.contains("nothing"), "{what}"),
                    Some(share) => {
                        assert!((0.0..=1.0).contains(share), "{what}");
                        assert_eq!(text.contains("at least"), e.bound, "{what}");
                        assert_eq!(text.contains("of what is priced"), e.bound, "{what}");
                        assert_eq!(text.contains("nothing is half"), *share <= 0.5, "{what}");
                    }
                }
                if !e.compute_included {
                    assert!(finding.of != Of::Time && finding.seconds.is_none(), "{what}");
                    assert!(
                        share.is_none() || text.contains("not known") || text.contains("no time"),
                        "{what}"
                    );
                }
            }
        }
    }
    assert!(partial > 50, "{partial} of them are bounds");
}

/// Protocol, link, model, what else; then phase, cause, share in per mille, and the sentence.
#[test]
fn twelve_scenes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cost/fixtures/findings.csv");
    let mut lines = vec!["scene,phase,cause,per mille,sentence".to_owned()];
    for (protocol, link, model, what) in SCENES {
        let net = example(model);
        let base = over(link);
        let terms = match what {
            "one thread" => Terms { he_threads: 1, ..base },
            "norms apart" => Terms { norms: Norms::Separate, ..base },
            _ => base,
        };
        let keep = Activations::Share {
            kept: Keep { share: 0.1, granularity: Granularity::Pixel },
            others: Replacement::Poly2Public,
        };
        let activations = match what {
            "a tenth by pixel" => keep,
            "a plan" => Activations::Plan(plan(net)),
            _ => Activations::Keep,
        };
        let e = with(protocol, net, &terms, &activations);
        for finding in &e.findings {
            let share = finding.share.map_or("-".to_owned(), |share| format!("{:.0}", 1000.0 * share));
            let scene = [protocol, link, model, what].join(" ").trim_end().to_owned();
            lines.push(format!(
                "{scene},{},{},{share},\"{}\"",
                finding.phase.name(),
                finding.cause.name(),
                finding.text
            ));
        }
    }
    let text = lines.join("\n") + "\n";
    if std::env::var_os("RELUCTANT_WRITE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap(), "fixtures/findings.csv is stale");
}

/// The first half of the activations become polynomials.
fn plan(net: &[Row]) -> Vec<Stay> {
    let elements = |row: &Row| {
        row.work.iter().find_map(|work| match work {
            Work::Activation(a) if a.kind.is_pointwise() => Some(a.elements),
            _ => None,
        })
    };
    let rows: Vec<u32> = net.iter().filter(|row| elements(row).is_some()).map(|row| row.index).collect();
    let half = rows.iter().take(rows.len() / 2);
    half.map(|index| Stay { index: *index, kept: 0, scales: 1, products: 1 }).collect()
}

const SCENES: [(&str, &str, &str, &str); 12] = [
    ("delphi:server-garbler", "lan", "resnet18-cifar100", "one thread"),
    ("delphi:server-garbler", "lan", "resnet18-cifar100", "a plan"),
    ("delphi:client-garbler", "wan", "resnet32-cifar10", ""),
    ("cheetah:paper", "lan", "resnet50-imagenet", ""),
    ("cheetah:spu", "wan", "resnet18-cifar100", "a tenth by pixel"),
    ("semi2k", "wan", "resnet20-cifar10", ""),
    ("semi2k", "lan", "vit-b-16", ""),
    ("cheetah:spu", "lan", "resnet18-cifar100", "norms apart"),
    ("aby3", "mbit100", "mobilenetv2", ""),
    ("trio", "loopback", "vgg16bn-cifar10", ""),
    ("ckks:cpu", "lan", "resnet20-cifar10", ""),
    ("circa:12", "lan", "vit-b-16", ""),
];
