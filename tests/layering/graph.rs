//! Which file each `use` and path leads to. A name is followed through re-exports and imports to the
//! file that defines it; what a macro defines counts as the file's that the path names. A module named
//! alone is no edge, `use x::*` is one to the file of `x`. Methods are not seen: who calls them has
//! imported the type somewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{How, Mention, Module, read};

/// Names from `src` down; a binary's root is `bin/name`.
pub type Path = Vec<String>;

pub struct Edge {
    pub from: String,
    pub to: String,
    pub line: usize,
    pub how: How,
}

/// The modules of a crate, by path. Files that only test modules reach are not among them.
pub struct Crate {
    modules: BTreeMap<Path, (String, Module)>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(Path),
    /// In the file.
    Item(String),
}

fn join(path: &[String], name: &str) -> Path {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

/// The crate root of a module.
fn root_of(path: &[String]) -> &[String] {
    if path.first().is_some_and(|name| name == "bin") { &path[..path.len().min(2)] } else { &[] }
}

impl Crate {
    /// From the texts of `src` by place. Begins at `lib.rs` and `bin/*/main.rs` and follows `mod`.
    pub fn new(texts: &BTreeMap<String, String>) -> Self {
        let mut all = Self { modules: BTreeMap::new() };
        for place in texts.keys() {
            if place == "lib.rs" {
                all.add(texts, place, Vec::new());
            } else if let Some(name) = place.strip_prefix("bin/").and_then(|at| at.strip_suffix("/main.rs")) {
                all.add(texts, place, vec!["bin".to_owned(), name.to_owned()]);
            }
        }
        all
    }

    fn add(&mut self, texts: &BTreeMap<String, String>, place: &str, path: Path) {
        for module in read(&texts[place]) {
            let path: Path = path.iter().chain(&module.path).cloned().collect();
            for name in &module.children {
                let child = join(&path, name);
                let stem = child.join("/");
                let file = [format!("{stem}.rs"), format!("{stem}/mod.rs")];
                if let Some(file) = file.iter().find(|file| texts.contains_key(*file)) {
                    self.add(texts, file, child);
                }
            }
            self.modules.insert(path, (place.to_owned(), module));
        }
    }

    /// Every file, once.
    pub fn files(&self) -> BTreeSet<&str> {
        self.modules.values().map(|(file, _)| file.as_str()).collect()
    }

    /// Paths as written from the root of the crate that they name, with their file and line:
    /// `super::term::Job` in `cost/tally.rs` is `cost::term::Job`.
    pub fn written(&self) -> Vec<(&str, usize, Path)> {
        let mut found = Vec::new();
        for (at, (file, module)) in &self.modules {
            for mention in &module.mentions {
                if let (Some(mut start), rest) = start(at, &mention.path) {
                    start.extend(rest.iter().cloned());
                    found.push((file.as_str(), mention.line, start));
                }
            }
        }
        found
    }

    /// From every file to those that define what it names.
    pub fn edges(&self) -> Vec<Edge> {
        let mut found = Vec::new();
        for (at, (file, module)) in &self.modules {
            for mention in &module.mentions {
                for to in self.led(at, mention) {
                    if to != *file {
                        found.push(Edge { from: file.clone(), to, line: mention.line, how: mention.how });
                    }
                }
            }
        }
        found
    }

    /// The files that a mention leads to.
    fn led(&self, at: &Path, mention: &Mention) -> BTreeSet<String> {
        let inner = mention.module_only || mention.glob;
        let file = |target| match target {
            Target::Item(file) => Some(file),
            Target::Module(path) if mention.glob => Some(self.modules[&path].0.clone()),
            Target::Module(_) => None,
        };
        self.resolve(at, &mention.path, inner, &mut BTreeSet::new()).into_iter().filter_map(file).collect()
    }

    /// What a path in module `at` means; empty for another crate's. `inner`: it leads to a module or
    /// type, as what stands before a `::` does, and to no function.
    fn resolve(
        &self,
        at: &Path,
        path: &[String],
        inner: bool,
        seen: &mut BTreeSet<(Path, String)>,
    ) -> BTreeSet<Target> {
        let (start, rest) = start(at, path);
        let mut targets = BTreeSet::new();
        if let Some(start) = &start {
            targets.extend(self.modules.contains_key(start).then(|| Target::Module(start.clone())));
        } else if let Some(first) = path.first() {
            targets = self.lookup(at, first, inner || path.len() > 1, true, seen).unwrap_or_default();
        }
        let rest = if start.is_some() { rest } else { &path[1..] };
        for (index, name) in rest.iter().enumerate() {
            let inner = inner || index + 1 < rest.len();
            let step = |target| match target {
                Target::Module(path) => {
                    let unknown = || BTreeSet::from([Target::Item(self.modules[&path].0.clone())]);
                    self.lookup(&path, name, inner, path == *at, seen).unwrap_or_else(unknown)
                }
                item @ Target::Item(_) => BTreeSet::from([item]),
            };
            targets = targets.into_iter().flat_map(step).collect();
        }
        targets
    }

    /// What a name means in a module, none if the module does not have it. What stands inside its
    /// functions counts only for its own paths.
    fn lookup(
        &self,
        at: &Path,
        name: &str,
        inner: bool,
        own: bool,
        seen: &mut BTreeSet<(Path, String)>,
    ) -> Option<BTreeSet<Target>> {
        let (file, module) = self.modules.get(at)?;
        let mut found = BTreeSet::new();
        let child = join(at, name);
        if self.modules.contains_key(&child) {
            found.insert(Target::Module(child));
        }
        if module.items.contains(name) && (found.is_empty() || !inner) {
            found.insert(Target::Item(file.clone()));
        }
        if !found.is_empty() && inner || !seen.insert((at.clone(), name.to_owned())) {
            return (!found.is_empty()).then_some(found);
        }
        let mut known = !found.is_empty();
        let uses = || module.mentions.iter().filter(|m| m.how != How::Path && (own || !m.local));
        for mention in uses().filter(|m| m.name.as_deref() == Some(name)) {
            known = true;
            found.extend(self.resolve(at, &mention.path, inner || mention.module_only, seen));
        }
        if !known {
            for mention in uses().filter(|m| m.glob) {
                for target in self.resolve(at, &mention.path, true, seen) {
                    let Target::Module(path) = target else { continue };
                    if let Some(targets) = self.lookup(&path, name, inner, false, seen) {
                        known = true;
                        found.extend(targets);
                    }
                }
            }
        }
        seen.remove(&(at.clone(), name.to_owned()));
        known.then_some(found)
    }
}

/// Where a path begins and what follows, if it begins with `crate`, `reluctant`, `self` or `super`.
fn start<'a>(at: &[String], path: &'a [String]) -> (Option<Path>, &'a [String]) {
    let supers = path.iter().skip_while(|name| *name == "self").take_while(|name| *name == "super").count();
    match path.first().map(String::as_str) {
        Some("crate") => (Some(root_of(at).to_vec()), &path[1..]),
        Some("reluctant") => (Some(Vec::new()), &path[1..]),
        Some("self") => (Some(at[..at.len().saturating_sub(supers)].to_vec()), &path[1 + supers..]),
        Some("super") => (Some(at[..at.len().saturating_sub(supers)].to_vec()), &path[supers..]),
        _ => (None, path),
    }
}

/// Texts for a test, with the `mod` lines that lead to each file.
#[cfg(test)]
pub fn planted(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut texts: BTreeMap<String, String> =
        files.iter().map(|(place, text)| ((*place).to_owned(), (*text).to_owned())).collect();
    for (place, _) in files {
        let stem = place.trim_end_matches("/mod.rs").trim_end_matches(".rs");
        let parts: Vec<&str> = stem.split('/').filter(|_| !place.ends_with("main.rs")).collect();
        for (depth, name) in parts.iter().enumerate() {
            let above = [&parts[..depth], &["mod.rs"]].concat().join("/");
            let above = if depth == 0 { "lib.rs".to_owned() } else { above };
            let text = texts.entry(above).or_default();
            text.push_str(&format!("\nmod {name};"));
        }
    }
    texts
}
