//! The first sheet of an Excel workbook, which is how Bitget publishes klines.
//!
//! It reads values, not formats: a cell shown as a date is refused as a time. It refuses formulas without a stored
//! value, and entities of its own making.

use crate::Format;
use crate::archive::{directory, names, unpack};
use crate::error::{DataError, one_line};
use crate::layout::Role;
use crate::limits::{COLUMNS_MAX, ROWS_MAX};
use crate::panics::fenced;
use crate::sheet::Sheet;
use crate::source::Held;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::path::Path;

/// Most distinct texts of a workbook.
const STRINGS_MAX: usize = 1 << 23;

/// Opens the first sheet.
pub(crate) fn open(file: &Path, bytes: &[u8], wanted: &[Role]) -> Result<Held, DataError> {
    let damaged = |detail: String| DataError::Damaged {
        file: file.into(),
        format: Format::Xlsx,
        detail: one_line(&detail),
    };
    let mut archive = directory(file, bytes, Format::Xlsx)?;
    let names = names(&archive);
    let is_sheet = |name: &&String| name.starts_with("xl/worksheets/") && name.ends_with(".xml");
    let first = names.iter().filter(is_sheet).min_by_key(|name| (name.len(), name.as_str()));
    let first = first.ok_or_else(|| damaged("it has no sheet".to_owned()))?;
    let index = |wanted: &str| names.iter().position(|name| name == wanted);
    let strings = match index("xl/sharedStrings.xml") {
        Some(index) => {
            let xml = unpack(file, &mut archive, index, Format::Xlsx)?;
            fenced(|| shared_strings(&xml)).map_err(damaged)?
        }
        None => Vec::new(),
    };
    let index = index(first).expect("the first sheet is one of the names");
    let xml = unpack(file, &mut archive, index, Format::Xlsx)?;
    read_sheet(file, &xml, &strings, wanted, &damaged)
}

fn text(xml: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(xml).map_err(|error| error.to_string())
}

fn shared_strings(xml: &[u8]) -> Result<Vec<String>, String> {
    let mut reader = Reader::from_str(text(xml)?);
    let mut strings: Vec<String> = Vec::new();
    let mut is_text = false;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "si" => {
                if strings.len() == STRINGS_MAX {
                    return Err(format!("more than {STRINGS_MAX} texts"));
                }
                strings.push(String::new());
            }
            Event::Start(tag) if tag.local_name().as_ref() == "t" => is_text = true,
            Event::End(tag) if tag.local_name().as_ref() == "t" => is_text = false,
            Event::Text(text) if is_text => {
                if let Some(string) = strings.last_mut() {
                    string.push_str(&text);
                }
            }
            Event::Eof => return Ok(strings),
            _ => {}
        }
    }
}

/// What the text of a cell means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Text,
}

/// The row being read.
struct Row<'s> {
    cells: Vec<String>,
    column: usize,
    kind: Kind,
    value: String,
    takes_text: bool,
    strings: &'s [String],
}

fn read_sheet(
    file: &Path,
    xml: &[u8],
    strings: &[String],
    wanted: &[Role],
    damaged: &dyn Fn(String) -> DataError,
) -> Result<Held, DataError> {
    let mut reader = Reader::from_str(text(xml).map_err(damaged)?);
    let mut row = Row::new(strings);
    let mut sheet: Option<Sheet> = None;
    let mut width = 0;
    loop {
        let event = fenced(|| reader.read_event().map_err(|error| error.to_string())).map_err(damaged)?;
        match event {
            Event::Eof => break,
            Event::End(tag) if tag.local_name().as_ref() == "row" => {
                if row.cells.iter().any(|cell| !cell.is_empty()) {
                    width = if sheet.is_none() { row.cells.len() } else { width };
                    // Blank cells at the end of a row are not stored.
                    let cells = row.cells.len().max(width);
                    let field = |i: usize| row.cells.get(i).map_or("", String::as_str);
                    match &mut sheet {
                        Some(sheet) => sheet.push(cells, field)?,
                        None => sheet = Some(Sheet::new(file, cells, field, wanted)?),
                    }
                }
                row.cells.clear();
                row.column = 0;
            }
            event => row.take(&event).map_err(damaged)?,
        }
    }
    match sheet {
        Some(sheet) => sheet.finish(Format::Xlsx),
        None => Err(DataError::Empty { file: file.into() }),
    }
}

impl<'s> Row<'s> {
    fn new(strings: &'s [String]) -> Row<'s> {
        let (cells, value) = (Vec::new(), String::new());
        Row { cells, column: 0, kind: Kind::Number, value, takes_text: false, strings }
    }

    fn take(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "c" => self.start_cell(tag)?,
                "v" | "t" => self.takes_text = true,
                _ => {}
            },
            Event::Empty(tag) if tag.local_name().as_ref() == "c" => {
                self.start_cell(tag)?;
                self.end_cell()?;
            }
            Event::End(tag) => match tag.local_name().as_ref() {
                "c" => self.end_cell()?,
                "v" | "t" => self.takes_text = false,
                _ => {}
            },
            Event::Text(text) if self.takes_text => self.value.push_str(text),
            _ => {}
        }
        Ok(())
    }

    fn start_cell(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        self.value.clear();
        self.kind = Kind::Number;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            match (attribute.key.as_ref(), attribute.value.as_ref()) {
                ("r", place) => self.column = column_of(place).ok_or("a cell without a place")?,
                ("t", "s") => self.kind = Kind::Shared,
                ("t", "n") => self.kind = Kind::Number,
                ("t", _) => self.kind = Kind::Text,
                _ => {}
            }
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), String> {
        if self.column >= COLUMNS_MAX {
            return Err(format!("a cell beyond column {COLUMNS_MAX}"));
        }
        let value = match self.kind {
            Kind::Number => shortest(&self.value),
            Kind::Text => std::mem::take(&mut self.value),
            Kind::Shared => {
                let index: usize = self.value.trim().parse().map_err(|_| "a text without a number")?;
                self.strings.get(index).ok_or("a text that is not there")?.clone()
            }
        };
        while self.cells.len() <= self.column {
            self.cells.push(String::new());
        }
        self.cells[self.column] = value;
        self.column += 1;
        Ok(())
    }
}

/// A spreadsheet keeps doubles and may print 17 digits of them: the shortest text of the same double is what was
/// typed in.
fn shortest(text: &str) -> String {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => value.to_string(),
        _ => text.to_owned(),
    }
}

/// The column of a place such as `B12`, from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column: usize = 0;
    for letter in letters {
        column = column.checked_mul(26)?.checked_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        if column > ROWS_MAX {
            return None;
        }
    }
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_numbers() {
        for (place, want) in [
            ("A1", Some(0)),
            ("Z9", Some(25)),
            ("AA10", Some(26)),
            ("12", None),
            ("", None),
            ("ZZZZZZZZZZ1", None),
        ] {
            assert_eq!(column_of(place), want, "{place}");
        }
        for (text, want) in
            [("46210.569999999999", "46210.57"), ("1652054400", "1652054400"), ("x", "x"), ("1E3", "1000")]
        {
            assert_eq!(shortest(text), want);
        }
    }
}
