//! Lines of comma-separated values (RFC 4180), as all tables are written.
//!
//! Text is quoted where it needs to be: `a,b` becomes `"a,b"`. A text that a spreadsheet would run as
//! a formula starts with an apostrophe: `=1+1` becomes `'=1+1`. Names of a model are its author's, who
//! may be anyone. Numbers are written as they are, a negative one too. What is not known is empty.

/// One cell, ready to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell(String);

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        Self(if text.contains([',', '"', '\n', '\r']) {
            format!("\"{guard}{}\"", text.replace('"', "\"\""))
        } else {
            format!("{guard}{text}")
        })
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

macro_rules! plain {
    ($($Plain:ty)+) => {
        $(impl From<$Plain> for Cell {
            fn from(plain: $Plain) -> Self {
                Self(plain.to_string())
            }
        })+
    };
}
plain! { bool u32 u64 usize f64 }

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(known: Option<T>) -> Self {
        known.map(T::into).unwrap_or_default()
    }
}

/// A line, without its end. A table whose cells are an array of as many as its columns cannot have one
/// too few.
pub fn line(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.0.as_str()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{Cell, line};

    #[test]
    fn cells_are_quoted_and_formulas_defused() {
        let cases = [
            ("a", "a"),
            ("", ""),
            ("a b=c", "a b=c"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-a,b", "\"'-a,b\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
        ];
        for (text, cell) in cases {
            assert_eq!(Cell::from(text), Cell(cell.to_owned()), "{text:?}");
            assert_eq!(Cell::from(&text.to_owned()), Cell(cell.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn numbers_are_as_they_are_and_what_is_unknown_is_empty() {
        let cells = [Cell::from(-0.5), 7u64.into(), true.into(), None::<u64>.into(), Some("-").into()];
        assert_eq!(line(&cells), "-0.5,7,true,,'-");
        assert_eq!(line(&[Cell::default(), Cell::default()]), ",");
    }
}
