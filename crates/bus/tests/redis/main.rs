//! The bus and the registry over real redis-servers that these tests start, kill and stop. Where there is none they say SKIPPED.

mod access;
mod contract;
mod proxy;
mod registry;
mod sentinel;
