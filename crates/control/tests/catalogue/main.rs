//! The catalogue from outside: every command against a made-up and a real farm, the limits of a chat, texts that break nothing.
//!
//! Refuses to look inside: what is tested is what a transport gets.

mod arguments;
mod document;
mod looks;
mod real;
mod scene;
mod specs;
mod steering;
