//! The black-box tests: one integration binary, one module a subject; every module drives the built program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::too_many_lines, reason = "a table of cases is as long as it has cases")]
#![allow(clippy::print_stdout, reason = "a test says what it skipped and how much it compared")]

mod action;
mod adoption;
mod annotations;
mod architecture;
mod bad_files;
mod cli;
mod configuration;
mod corpora;
mod damage;
mod decomposed;
mod dresses;
mod effective;
mod effective_guarantee;
mod effective_laws;
mod effort;
mod explain;
mod fingerprints;
mod gate;
mod gate_attempts;
mod generator;
mod gfm;
mod golden;
mod history;
mod holder_files;
mod holders;
mod hostile;
mod hostile_formats;
mod hostile_sample;
mod in_the_wild;
mod incomplete;
mod init;
mod json;
mod lints;
mod malformed;
mod manual;
mod markdown;
mod mutations;
mod naive_access;
mod naive_requirements;
mod no_change;
mod odd_files;
mod oddities;
mod org_chance;
mod orgs;
mod own_rules;
mod pipelines;
mod ranges;
mod readme;
mod related;
mod reports;
mod round_trip;
mod rule_mistakes;
mod rules;
mod same_name;
mod sample;
mod sarif;
mod sarif_samples;
mod schemas;
mod slow_reading;
mod source_code;
#[cfg(unix)]
mod stubs;
mod support;
mod terminal;
mod truncation;
mod waive;
mod waivers;
mod who;
mod who_delta;
mod worktree;
mod yaml;
