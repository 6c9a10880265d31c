//! Reads a Rust file as text: the items it defines, its modules, what it uses and names by path.
//! Assumes code that compiles. Leaves out comments, strings and what stands under `#[cfg(test)]`; sees
//! a macro's body as it is written, never what it makes.

use std::collections::BTreeSet;

/// A word, a `::`, or one other character.
struct Token {
    text: String,
    line: usize,
}

/// A module of a file: the file itself, or one written inline.
#[derive(Default)]
pub struct Module {
    /// Names below the file's own module.
    pub path: Vec<String>,
    pub items: BTreeSet<String>,
    /// `mod name;` and `mod name {`.
    pub children: BTreeSet<String>,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum How {
    /// `use`, at the module's level or inside a function.
    Use,
    /// `pub use`, of any visibility.
    ReExport,
    /// `a::b` in code.
    Path,
}

/// A path as written, groups opened: `use super::{a, b as c}` is two.
pub struct Mention {
    pub line: usize,
    pub how: How,
    pub path: Vec<String>,
    /// The name that a `use` brings; none for `*`, `_` and paths in code.
    pub name: Option<String>,
    /// `*`: everything in it.
    pub glob: bool,
    /// `{self}`: the module, and no function of its name.
    pub module_only: bool,
    /// Inside a function or another block: others cannot reach it.
    pub local: bool,
}

pub fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut found, mut i, mut line) = (Vec::new(), 0, 1);
    while i < chars.len() {
        let start = i;
        let mut text = String::new();
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && at(i) != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 || i >= chars.len() {
                        break;
                    }
                }
            }
            'r' | 'b' | 'c' if raw_hashes(&chars[i..]).is_some() => {
                let (lead, hashes) = raw_hashes(&chars[i..]).unwrap_or_default();
                i += lead + hashes + 1;
                while i < chars.len()
                    && !(at(i) == '"' && chars[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes)
                {
                    i += 1;
                }
                i += 1 + hashes;
            }
            '"' => {
                i += 1;
                while i < chars.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
            }
            // A character; else the tick of a lifetime, whose name is no path.
            '\'' if at(i + 1) == '\\' => {
                i += 3;
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            '\'' => {
                i += 1;
                while is_name(at(i)) {
                    i += 1;
                }
            }
            c if is_name(c) => {
                while is_name(at(i)) {
                    text.push(at(i));
                    i += 1;
                }
            }
            ':' if at(i + 1) == ':' => (text, i) = ("::".to_owned(), i + 2),
            c => {
                if !c.is_whitespace() {
                    text.push(c);
                }
                i += 1;
            }
        }
        if !text.is_empty() {
            found.push(Token { text, line });
        }
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    found
}

/// Of `r##"`, `br"` and the like: letters before the hashes, and hashes.
fn raw_hashes(chars: &[char]) -> Option<(usize, usize)> {
    let lead = if chars.first() == Some(&'r') { 1 } else { 2 };
    let hashes = chars.get(lead..)?.iter().take_while(|c| **c == '#').count();
    (chars.get(lead - 1) == Some(&'r') && chars.get(lead + hashes) == Some(&'"')).then_some((lead, hashes))
}

/// Index after the item that starts at `from`, its attributes included.
fn after_item(tokens: &[Token], from: usize) -> usize {
    let text = |i: usize| tokens.get(i).map_or("", |token| token.text.as_str());
    let closing = |mut i: usize| {
        let mut depth = 0;
        while i < tokens.len() {
            depth +=
                i32::from(matches!(text(i), "(" | "[" | "{")) - i32::from(matches!(text(i), ")" | "]" | "}"));
            i += 1;
            if depth == 0 {
                break;
            }
        }
        i
    };
    let mut i = from;
    while text(i) == "#" {
        i = closing(i + 1);
    }
    if text(i) == "pub" {
        i = if text(i + 1) == "(" { closing(i + 1) } else { i + 1 };
    }
    // A `fn` or `mod` ends with its body, a `use` or `static` with its semicolon, an arm with its comma.
    let to_semicolon = matches!(text(i), "use" | "static" | "type" | "let")
        || text(i) == "const" && !matches!(text(i + 1), "fn" | "unsafe" | "extern" | "async");
    let item = to_semicolon
        || matches!(
            text(i),
            "fn" | "mod" | "struct" | "enum" | "trait" | "impl" | "const" | "unsafe" | "async"
        );
    let item = item || matches!(text(i), "extern" | "macro_rules" | "union");
    while i < tokens.len() {
        match text(i) {
            ";" => return i + 1,
            "," if !item => return i + 1,
            "}" => return i,
            "{" => {
                i = closing(i);
                if !to_semicolon && item {
                    return i;
                }
            }
            "(" | "[" => i = closing(i),
            _ => i += 1,
        }
    }
    i
}

/// Without what stands under `#[cfg(test)]` or `#[cfg(all(test, ...))]`.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept = vec![true; tokens.len()];
    let mut i = 0;
    while i < tokens.len() {
        let starts = |words: &[&str]| {
            words
                .iter()
                .enumerate()
                .all(|(k, word)| tokens.get(i + k).is_some_and(|token| token.text == *word))
        };
        if starts(&["#", "[", "cfg", "(", "test", ")", "]"])
            || starts(&["#", "[", "cfg", "(", "all", "(", "test", ","])
        {
            let end = after_item(&tokens, i);
            kept[i..end].fill(false);
            i = end;
        } else {
            i += 1;
        }
    }
    tokens.into_iter().zip(kept).filter_map(|(token, keep)| keep.then_some(token)).collect()
}

/// Reads one file: its own module first, then those written inline.
pub fn read(source: &str) -> Vec<Module> {
    let tokens = without_tests(tokens(source));
    let mut reader = Reader { tokens, modules: vec![Module::default()], open: Vec::new() };
    reader.run();
    reader.modules
}

struct Reader {
    tokens: Vec<Token>,
    modules: Vec<Module>,
    /// For every open brace: the module that it opens, none for a block.
    open: Vec<Option<usize>>,
}

impl Reader {
    fn text(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |token| token.text.as_str())
    }

    fn word(&self, i: usize) -> Option<String> {
        let text = self.text(i);
        let starts = text.chars().next().is_some_and(|c| is_name(c) && !c.is_ascii_digit());
        starts.then(|| text.to_owned())
    }

    /// The module that the current place is in.
    fn module(&mut self) -> &mut Module {
        let index = self.open.iter().rev().find_map(|module| *module).unwrap_or(0);
        &mut self.modules[index]
    }

    fn run(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            let in_block = self.open.iter().any(Option::is_none);
            match self.text(i) {
                "{" => self.open.push(None),
                "}" => drop(self.open.pop()),
                "use" if self.text(i + 1) != "<" => {
                    i = self.uses(i, in_block);
                    continue;
                }
                "mod" if !in_block => {
                    if let Some(name) = self.word(i + 1) {
                        let mut path = self.module().path.clone();
                        path.push(name.clone());
                        self.module().children.insert(name);
                        if self.text(i + 2) == "{" {
                            self.modules.push(Module { path, ..Module::default() });
                            self.open.push(Some(self.modules.len() - 1));
                            i += 1;
                        }
                    }
                    i += 1;
                }
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" if !in_block => {
                    let at = if self.text(i + 1) == "mut" { i + 2 } else { i + 1 };
                    if let Some(name) = self.word(at).filter(|name| name != "fn") {
                        self.module().items.insert(name);
                    }
                }
                "macro_rules" => {
                    if let Some(name) = self.word(i + 2) {
                        self.module().items.insert(name);
                    }
                }
                _ => {
                    i = self.path(i);
                    continue;
                }
            }
            i += 1;
        }
    }

    /// Takes the path at `i`; the index after it.
    fn path(&mut self, i: usize) -> usize {
        let before = if i == 0 { "" } else { self.text(i - 1) };
        let Some(first) = self.word(i) else { return i + 1 };
        let macro_variable = before == "$" && first != "crate";
        let visibility = before == "in" && self.text(i - 2) == "(";
        let mut path = vec![first];
        let mut end = i + 1;
        while self.text(end) == "::"
            && let Some(word) = self.word(end + 1)
        {
            path.push(word);
            end += 2;
        }
        if path.len() > 1 && !matches!(before, "." | "::") && !macro_variable && !visibility {
            let line = self.tokens[i].line;
            let (name, glob, module_only) = (None, false, false);
            let mention = Mention { line, how: How::Path, path, name, glob, module_only, local: true };
            self.module().mentions.push(mention);
        }
        end
    }

    /// Takes the `use` at `i`; the index after its semicolon.
    fn uses(&mut self, i: usize, local: bool) -> usize {
        let mut before = i;
        // `pub(in a::b) use`
        if before > 0 && self.text(before - 1) == ")" {
            while before > 0 && self.text(before) != "(" {
                before -= 1;
            }
        }
        let public = before > 0 && self.text(before - 1) == "pub";
        let how = if public { How::ReExport } else { How::Use };
        let mut end = i + 1;
        if self.text(end) == "::" {
            end += 1;
        }
        self.tree(&mut end, &[], how, local);
        end + 1
    }

    /// One branch of a `use`, up to its comma, brace or semicolon.
    fn tree(&mut self, i: &mut usize, prefix: &[String], how: How, local: bool) {
        let mut path = prefix.to_vec();
        let (mut glob, mut module_only) = (false, false);
        let line = self.tokens.get(*i).map_or(0, |token| token.line);
        loop {
            match self.text(*i) {
                "{" => {
                    *i += 1;
                    while !matches!(self.text(*i), "}" | "") {
                        self.tree(i, &path, how, local);
                        if self.text(*i) == "," {
                            *i += 1;
                        }
                    }
                    *i += 1;
                    return;
                }
                "*" => glob = true,
                "self" if !path.is_empty() => module_only = true,
                word => path.push(word.to_owned()),
            }
            *i += 1;
            if self.text(*i) != "::" {
                break;
            }
            *i += 1;
        }
        let mut name = path.last().filter(|_| !glob).cloned();
        if self.text(*i) == "as" {
            name = self.word(*i + 1).filter(|name| name != "_");
            *i += 2;
        }
        let mention = Mention { line, how, path, name, glob, module_only, local };
        self.module().mentions.push(mention);
    }
}

#[test]
fn the_reader_sees_what_it_should() {
    let source = r####"
        //! use a::comment;
        use crate::{a::{self, B as C, d::*}, e as _};
        pub(in crate::x) use super::F;
        const S: &str = "use g::h; /* \" */"; const R: &str = r#"i::j "k" "#;
        static mut Q: [char; 2] = ['\'', '"'];
        #[cfg(test)]
        mod tests { use super::*; }
        #[cfg(test)] fn one_line() { l::m() }
        #[cfg(all(test, feature = "run"))]
        use n::{o, p};
        enum V { #[cfg(test)] Never(r::s), Ever }
        impl<'a> V { const fn t(&'a self) -> u::W { use x::Y; self.z::<Y>().len::<A>(); $crate::aa::bb!(cc) } }
        macro_rules! dd { ($t:ident) => { $t::ee(); } }
        mod ff { fn gg() { super::hh() } }
    "####;
    let modules = read(source);
    let words = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&modules[0].items), "Q R S V dd");
    assert_eq!(words(&modules[0].children), "ff");
    assert_eq!((modules[1].path.concat().as_str(), words(&modules[1].items).as_str()), ("ff", "gg"));
    let seen = |module: &Module| {
        let show = |m: &Mention| {
            let how = match m.how {
                How::Use if m.local => "local use ",
                How::Use => "use ",
                How::ReExport => "pub use ",
                How::Path => "",
            };
            let end = if m.glob { "::*" } else { "" };
            let name = m.name.as_deref().map_or(String::new(), |name| format!(" as {name}"));
            format!("{}: {how}{}{end}{name}", m.line, m.path.join("::"))
        };
        module.mentions.iter().map(show).collect::<Vec<_>>()
    };
    assert_eq!(
        seen(&modules[0]),
        [
            "3: use crate::a as a",
            "3: use crate::a::B as C",
            "3: use crate::a::d::*",
            "3: use crate::e",
            "4: pub use super::F as F",
            "13: u::W",
            "13: local use x::Y as Y",
            "13: crate::aa::bb",
        ]
    );
    assert_eq!(seen(&modules[1]), ["15: super::hh"]);
}
