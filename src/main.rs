//! The `permdelta` program.

fn main() {}
