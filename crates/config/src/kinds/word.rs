//! One word of a few. It refuses every other, and says which was meant.

use super::{Kind, Says, Scalar, Shape, Wrong, text_of};
use model::nearest::nearest;
use std::marker::PhantomData;

/// A choice with a word for each.
pub trait Choice: Copy + PartialEq + 'static {
    /// Each with its word and what it means.
    const ALL: &'static [(Self, &'static str, &'static str)];

    /// The word.
    fn as_str(self) -> &'static str {
        let listed = Self::ALL.iter().find(|(choice, ..)| *choice == self);
        listed.expect("every choice is listed beside its type").1
    }
}

/// One of a choice's words.
#[derive(Clone, Copy, Debug)]
pub struct Word<T>(PhantomData<T>);

/// One of the words of `T`.
pub const fn word<T>() -> Word<T> {
    Word(PhantomData)
}

/// `"a", "b" or "c"`.
pub(super) fn either<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("\"{word}\"")).collect();
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
    }
}

/// What to say about a word that nothing is called.
pub(super) fn unknown<'a>(written: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let meant = nearest(written, known.clone())
        .map_or_else(String::new, |meant| format!("did you mean \"{meant}\"? "));
    format!("{meant}known: {}", known.collect::<Vec<_>>().join(", "))
}

impl<T: Choice> Kind for Word<T> {
    type Value = T;

    fn says(&self) -> Says {
        let choices =
            T::ALL.iter().map(|(_, word, about)| ((*word).to_owned(), about.trim().to_owned())).collect();
        Says { choices, ..Says::new(Shape::Text, either(T::ALL.iter().map(|(_, word, _)| *word))) }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<T, Wrong> {
        let written = text_of(value, || self.says())?;
        let found = T::ALL.iter().find(|(_, word, _)| *word == written).map(|(choice, ..)| *choice);
        let words = T::ALL.iter().map(|(_, word, _)| *word);
        let wrong = || {
            Wrong::new(format!("is {}, which is none of its words", value.shown()), unknown(written, words))
        };
        found.ok_or_else(wrong)
    }

    fn write(&self, value: &T) -> String {
        super::quoted(value.as_str())
    }
}

/// An enum whose variants have words, and say what they mean once, for readers of code and of documents.
macro_rules! words {
    ($(#[doc = $about:literal])+ pub enum $name:ident {
        $($(#[doc = $says:literal])+ $variant:ident = $word:literal,)+
    }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[doc = $says])+ $variant,)+
        }

        impl $crate::kinds::Choice for $name {
            const ALL: &'static [(Self, &'static str, &'static str)] =
                &[$(($name::$variant, $word, concat!($($says),+)),)+];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::kinds::Choice::as_str(*self))
            }
        }
    };
}
pub(crate) use words;
