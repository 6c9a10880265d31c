//! Every profile says whom it trusts with what, and every estimate repeats it.

use super::nets::resnet20;
use super::*;

#[test]
fn every_profile_has_it_whole() {
    for p in profiles() {
        let trust = p.trust;
        assert_eq!(trust.parties.len(), p.parties as usize, "{}", p.id);
        assert!((1..p.parties).contains(&trust.corrupt), "{}", p.id);
        for (what, texts) in [("parties", trust.parties), ("leaks", trust.leaks), ("needs", trust.needs)] {
            assert!(!texts.is_empty() && texts.iter().all(|text| text.len() > 10), "{}: {what}", p.id);
        }
        assert!(!trust.trusted.is_empty(), "{}", p.id);
        assert!(trust.trusted.iter().all(|t| t.who.len() > 3 && t.with.len() > 10), "{}", p.id);
        let who: std::collections::HashSet<_> = trust.trusted.iter().map(|t| t.who).collect();
        assert_eq!(who.len(), trust.trusted.len(), "{}: one line for each", p.id);
        assert!(trust.lines().iter().all(|line| line.len() > 20), "{}", p.id);
    }
}

/// What a title, a family or a reason says of a dealer or of an adversary, the trust says too.
#[test]
fn it_agrees_with_what_else_is_said() {
    for p in profiles() {
        let says = |word: &str| p.trust.trusted.iter().any(|trusted| trusted.who.contains(word));
        assert_eq!(p.title.contains("dealer"), says("dealer"), "{}", p.id);
        assert_eq!(p.title.contains("provider"), says("provider"), "{}", p.id);
        assert_eq!(p.title.contains("malicious"), p.trust.adversary == Adversary::Malicious, "{}", p.id);
        // Of three and more, those who may be corrupt are fewer than half, and two of them are too many.
        assert_eq!(p.parties > 2, says("any two"), "{}", p.id);
        // What protocols are grouped and chosen by is what the words say.
        let model = match (p.parties, says("dealer") || says("provider"), p.family) {
            (2, false, "ckks") => TrustModel::KeyHolder,
            (2, true, _) => TrustModel::Dealer,
            (2, false, _) => TrustModel::TwoParties,
            (3, ..) => TrustModel::ThreeHonest,
            _ => TrustModel::FourMalicious,
        };
        assert_eq!(p.trust.model, model, "{}", p.id);
        let needs = |word: &str| p.trust.needs.iter().any(|need| need.contains(word));
        for (need, says) in [
            (Need::Gpu, needs("graphics processor")),
            (Need::Preprocessing, needs("for each inference")),
            (Need::Keys, needs("client's keys") || needs("keys of BFV")),
        ] {
            assert_eq!(p.trust.requires.contains(&need), says, "{}: {}", p.id, need.name());
        }
        let gpu = p.trust.needs.iter().any(|need| need.contains("graphics processor"));
        assert_eq!(gpu, ["ckks:gpu", "fss"].contains(&p.id), "{}", p.id);
    }
}

#[test]
fn estimates_and_lists_repeat_it() {
    let net = rows(resnet20());
    for p in profiles() {
        let trust = serde_json::to_value(p.trust).unwrap();
        assert_eq!(serde_json::to_value(cost(p.id, &net, &Terms::default())).unwrap()["trust"], trust);
        assert_eq!(serde_json::to_value(p.view(1)).unwrap()["trust"], trust);
        for field in ["parties", "adversary", "corrupt", "trusted", "leaks", "needs"] {
            assert!(!trust[field].is_null(), "{}: {field}", p.id);
        }
    }
}
