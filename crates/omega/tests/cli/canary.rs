//! Keys are planted and looked for everywhere.
