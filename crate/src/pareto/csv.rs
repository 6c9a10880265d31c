//! Comma-separated text to rows of fields (RFC 4180): quoted fields may hold commas, line breaks
//! and doubled quotes. Never fails: a quote that is not closed runs to the end.

/// All rows of `text`, empty lines left out.
pub(super) fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => end_row(&mut rows, &mut row, &mut field),
            c => field.push(c),
        }
    }
    end_row(&mut rows, &mut row, &mut field);
    rows
}

fn end_row(rows: &mut Vec<Vec<String>>, row: &mut Vec<String>, field: &mut String) {
    if !row.is_empty() || !field.is_empty() {
        row.push(std::mem::take(field));
        rows.push(std::mem::take(row));
    }
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn quotes_protect_commas_breaks_and_quotes() {
        let text = "a,\"b, c\",\"d\"\"e\"\r\n\n,\"f\ng\",\n1";
        let want: [&[&str]; 3] = [&["a", "b, c", "d\"e"], &["", "f\ng", ""], &["1"]];
        assert_eq!(rows(text), want);
    }

    #[test]
    fn an_open_quote_runs_to_the_end() {
        assert_eq!(rows("a,\"b,c\n"), [["a", "b,c\n"]]);
        assert!(rows("").is_empty());
    }
}
