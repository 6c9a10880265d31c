//! The files of `www/src`: no circles, a `lib` that is kit, and one place that aborts what was overtaken.

use std::collections::{BTreeMap, BTreeSet};

use super::circles::{Graph, circles, excepted};
use super::page::imports;
use super::{root, texts};

/// Circles that stay: their files, and why.
const EXCEPTIONS: &[(&[&str], &str)] = &[];

/// Files of `lib` that one folder uses, and why they stay.
const OF_ONE: &[(&str, &str)] = &[];

/// Who may make an `AbortController`: whoever decides which answer counts.
const ABORTS: &str = "app/question.svelte.ts";

fn is_test(place: &str) -> bool {
    place.ends_with(".test.ts")
}

/// TypeScript and components of the page, by their place; the built packages are none of it.
pub fn page() -> BTreeMap<String, String> {
    let mut texts = texts(&root().join("www/src"), &[".ts", ".svelte"]);
    texts.retain(|place, _| !place.ends_with(".d.ts") && !place.starts_with("worker/pkg"));
    texts
}

fn page_circles(texts: &BTreeMap<String, String>, exceptions: &[(&[&str], &str)]) -> Vec<String> {
    let mut graph: Graph = texts.keys().map(|place| (place.as_str(), BTreeMap::new())).collect();
    for place in texts.keys().filter(|place| !is_test(place)) {
        for (line, to) in imports(texts, place) {
            let needs = graph.entry(place).or_default();
            if to != place {
                needs.entry(to).or_insert(line);
            }
        }
    }
    excepted(&circles(&graph), exceptions)
}

/// A room of the page: `app`, `charts`, `worker`, or one of the panels.
fn room(place: &str) -> &str {
    let depth = if place.starts_with("panels/") { 2 } else { 1 };
    place.match_indices('/').nth(depth - 1).map_or(place, |(at, _)| &place[..at])
}

/// The rooms that use each file of `lib`, also through others of `lib`. What only tests use belongs to their rooms.
fn users(texts: &BTreeMap<String, String>) -> BTreeMap<&str, BTreeSet<&str>> {
    let of_lib = |place: &str| place.starts_with("lib/") && !is_test(place);
    let mut users: BTreeMap<&str, BTreeSet<&str>> = texts
        .keys()
        .map(String::as_str)
        .filter(|place| of_lib(place))
        .map(|place| (place, BTreeSet::new()))
        .collect();
    let edges: Vec<(&str, &str)> = texts
        .keys()
        .flat_map(|from| imports(texts, from).into_iter().map(move |(_, to)| (from.as_str(), to)))
        .filter(|(_, to)| of_lib(to))
        .collect();
    let tested: BTreeSet<&str> = edges.iter().filter(|(from, _)| !is_test(from)).map(|(_, to)| *to).collect();
    loop {
        let mut grown = false;
        for (from, to) in &edges {
            // A test of lib counts for helpers of tests alone.
            if is_test(from) && tested.contains(to) {
                continue;
            }
            let more: BTreeSet<&str> =
                users.get(from).cloned().unwrap_or_else(|| BTreeSet::from([room(from)]));
            let known = users.entry(to).or_default();
            let before = known.len();
            known.extend(more);
            grown |= known.len() > before;
        }
        if !grown {
            return users;
        }
    }
}

/// Files of `lib` with fewer than two rooms of users, and exceptions that are none.
fn no_kit(texts: &BTreeMap<String, String>, exceptions: &[(&str, &str)]) -> Vec<String> {
    let users = users(texts);
    let few = |place: &str| users.get(place).is_some_and(|rooms| rooms.len() < 2);
    let known = |place: &str| exceptions.iter().any(|(name, _)| *name == place);
    let misplaced =
        users.iter().filter(|(place, rooms)| rooms.len() < 2 && !known(place)).map(|(place, rooms)| {
            match rooms.first() {
                Some(room) => format!("{place}: only {room} uses it; it belongs there"),
                None => format!("{place}: nothing uses it"),
            }
        });
    let stale = exceptions.iter().filter(|(place, _)| !few(place));
    misplaced
        .chain(stale.map(|(place, why)| format!("{place} is kit, or gone: no exception ({why})")))
        .collect()
}

fn aborts(texts: &BTreeMap<String, String>) -> Vec<String> {
    let makes = |text: &str| text.contains("new AbortController");
    texts
        .iter()
        .filter(|(place, text)| *place != ABORTS && !is_test(place) && makes(text))
        .map(|(place, _)| format!("{place}: asks past {ABORTS}, which decides which answer counts"))
        .collect()
}

#[test]
fn the_page_has_no_circle_of_files() {
    let violations = page_circles(&page(), EXCEPTIONS);
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn every_file_of_lib_has_users_in_two_rooms() {
    let violations = no_kit(&page(), OF_ONE);
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn only_the_question_aborts() {
    let page = page();
    assert!(page.contains_key(ABORTS), "{ABORTS} is not where this test looks");
    let violations = aborts(&page);
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(place, text)| ((*place).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_circle_is_found_whatever_kind_of_import_makes_it() {
        for back in [
            "import { a } from './a.svelte';",
            "import type { A } from '../app/a.svelte';",
            "export { a } from './a.svelte';",
            "const later = () => import('./a.svelte');",
        ] {
            let files = planted(&[
                ("app/a.svelte.ts", "import { b } from './b';"),
                ("app/b.ts", back),
                ("app/c.ts", "import './a.svelte';"),
            ]);
            let expected = "2 files in circles: app/a.svelte.ts, app/b.ts\n  \
                            app/a.svelte.ts:1 needs app/b.ts; app/b.ts:1 needs app/a.svelte.ts";
            assert_eq!(page_circles(&files, &[]), [expected], "{back}");
            let known: &[(&[&str], &str)] = &[(&["app/a.svelte.ts", "app/b.ts"], "planted")];
            assert_eq!(page_circles(&files, known), [""; 0]);
        }
        let test = planted(&[("lib/a.ts", ""), ("lib/a.test.ts", "import './a';")]);
        assert_eq!(page_circles(&test, &[]), [""; 0]);
    }

    #[test]
    fn one_line_more_and_the_page_has_a_circle() {
        let mut page = page();
        let text = page.get_mut("app/question.svelte.ts").unwrap();
        text.push_str("\nimport { session } from './session.svelte';\n");
        let found = page_circles(&page, EXCEPTIONS);
        assert!(matches!(&found[..], [one] if one.contains("app/question.svelte.ts")), "{found:?}");
    }

    #[test]
    fn a_file_of_lib_with_one_user_is_found() {
        let files = [
            ("lib/kit.ts", ""),
            ("lib/both.ts", "import './through';"),
            ("lib/through.ts", ""),
            ("lib/one.ts", ""),
            ("lib/none.ts", ""),
            ("lib/only-tests.ts", ""),
            ("lib/helper.ts", ""),
            ("lib/one.test.ts", "import './one'; import './helper'; import './only-tests';"),
            ("panels/a/A.svelte", "import '../../lib/kit'; import '../../lib/one'; import '../../lib/both';"),
            ("panels/a/B.svelte", "import '../../lib/one';"),
            ("panels/b/B.svelte", "import '../../lib/kit'; import '../../lib/both';"),
            ("panels/b/b.test.ts", "import '../../lib/helper'; import '../../lib/one';"),
        ];
        let expected = [
            "lib/none.ts: nothing uses it",
            "lib/one.ts: only panels/a uses it; it belongs there",
            "lib/only-tests.ts: only lib uses it; it belongs there",
        ];
        assert_eq!(no_kit(&planted(&files), &[]), expected);
        let known = [("lib/none.ts", "planted"), ("lib/one.ts", "planted"), ("lib/only-tests.ts", "planted")];
        assert_eq!(no_kit(&planted(&files), &known), [""; 0]);
        assert_eq!(
            no_kit(&planted(&[]), &known[..1]),
            ["lib/none.ts is kit, or gone: no exception (planted)"]
        );
    }

    #[test]
    fn a_controller_elsewhere_is_found() {
        let text = "let asking = new AbortController();";
        let found = aborts(&planted(&[(ABORTS, text), ("app/x.test.ts", text), ("panels/a/A.svelte", text)]));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("panels/a/A.svelte"));
    }
}
