//! A study as pictures: one file a figure.

use super::Figure;
use super::tables::Population;
use crate::chart::boxes::{Boxes, Group};
use crate::error::Failure;
use crate::whole_file;
use std::path::Path;

/// Writes a picture of each figure that anybody has into a directory, which is made if it is not there.
pub fn write(directory: &Path, populations: &[Population<'_>], figures: &[Figure]) -> Result<usize, Failure> {
    std::fs::create_dir_all(directory)
        .map_err(|source| Failure::Write { file: directory.to_owned(), source })?;
    let mut written = 0;
    for figure in figures {
        let groups: Vec<Group> = populations
            .iter()
            .map(|one| Group { name: one.persona.clone(), figures: one.values(figure) })
            .filter(|group| !group.figures.is_empty())
            .collect();
        if groups.is_empty() {
            continue;
        }
        let title = figure.title.trim_end_matches(", %").to_owned();
        let unit = if figure.scale > 1.0 { "%".to_owned() } else { String::new() };
        let svg = Boxes { title, unit, groups }.svg();
        let file = directory.join(format!("{}.svg", figure.key));
        whole_file::prepare(&file, svg.as_bytes())?.commit()?;
        written += 1;
    }
    Ok(written)
}
