//! Which known word somebody meant. It refuses to guess where nearly every letter would have to change.

/// The known word that takes the fewest edits, unless those are more than half of its letters.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase().replace('-', "_");
    let by_edits = known.into_iter().map(|word| (edits(&written, word), word));
    by_edits
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, word)| edits * 2 <= word.len())
        .map(|(_, word)| word)
}

/// Longer words are no misspelling of ours.
const LETTERS_MAX: usize = 64;

/// Levenshtein's distance.
pub fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(LETTERS_MAX).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(LETTERS_MAX).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_or_none() {
        let known = ["leverage", "margin_mode", "name"];
        assert_eq!(nearest("levarage", known), Some("leverage"));
        assert_eq!(nearest("Margin-Mode", known), Some("margin_mode"));
        assert_eq!(nearest("zzzzzz", known), None);
        assert_eq!((edits("kitten", "sitting"), edits("", "abc"), edits("abc", "")), (3, 3, 3));
    }
}
