//! What each version of a family's constants and formulas changed: for links that were made with an earlier one.

/// Family, version, what it changed.
static CHANGES: &[(&str, u32, &str)] = &[
    (
        "delphi",
        2,
        "bytes are sent once, products have seconds, vectors share ciphertexts, the input counts whichever layers have a price",
    ),
    (
        "circa",
        2,
        "the circuit holds the sign's conversion (fitted to the abstract) and has seconds, and what DELPHI's version 2 changed",
    ),
    (
        "cheetah",
        2,
        "comparisons and truncations by the authors' statistics; ReLUs, truncations and pools have a range of seconds",
    ),
    (
        "sci-ot",
        2,
        "ReLUs, pools, truncations and fully connected layers by the rows of the log, and what it received",
    ),
    (
        "ckks",
        2,
        "refreshes are planned by the seconds they take, uneven matrices are filled up, vectors lie side by side, ciphertexts are as large as their level",
    ),
    (
        "semi2k",
        2,
        "every function that transformers ask for has a price, maxima of any length their rounds, and all of it seconds",
    ),
    (
        "aby3",
        2,
        "every function that transformers ask for has a price, maxima of any length their rounds, and all of it seconds",
    ),
    (
        "cheetah",
        2,
        "in SPU, refills of oblivious transfer are bytes and no rounds; every function that transformers ask for has a price, and all of it seconds",
    ),
];

/// What changed in a family after a version.
pub(super) fn since(family: &str, was: u32) -> Vec<&'static str> {
    let later = CHANGES.iter().filter(|(of, version, _)| *of == family && *version > was);
    later.map(|(_, _, what)| *what).collect()
}

#[cfg(test)]
mod tests {
    use super::super::profiles;
    use super::since;

    /// Whoever raises a version says what for.
    #[test]
    fn every_version_says_what_it_changed() {
        for profile in profiles() {
            let said = since(profile.family, 1).len();
            assert!(profile.version == 1 || said > 0, "{} is version {}", profile.id, profile.version);
        }
    }
}
