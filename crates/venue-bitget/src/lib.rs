//! Bitget's dialect as a pure protocol core: bytes in, bytes out, and what they mean.
//!
//! Both API generations, one-way and hedge mode. Time arrives as an argument and sockets belong to the shell, so every
//! word of the conversation can be driven by a test. It refuses to read a clock, to open a socket, to hold a number in
//! a float, and to switch a setting of the account.

pub mod account;
pub mod adapter;
pub mod budget;
pub mod clock;
pub mod errors;
pub mod http;
pub mod inquiry;
pub mod instrument;
pub mod meaning;
pub mod number;
pub mod order_id;
pub mod register;
pub mod request;
pub mod response;
pub mod sign;
pub mod stream;
pub mod wire;
