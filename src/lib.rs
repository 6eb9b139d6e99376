//! permdelta: a static policy analyzer for Salesforce permission metadata.
//!
//! It reads permission metadata at two points of a git history, computes exactly what access
//! changed, judges the change by rules and reports it. The folders are the pipeline; data flows
//! one way and a test holds the imports to it:
//!
//! ```text
//! source ──▶ metadata ──▶ access ──▶ delta ──▶ policy ──▶ report
//!  bytes      entries       grants     changes    findings    bytes
//! ```
//!
//! Everything after [`source`] is a pure function of its input: no I/O, clock or environment.
//! [`cli`] alone wires the stages. [`text`] and [`error`] are leaves that every stage may use.

pub mod access;
pub mod cli;
pub mod delta;
pub mod error;
pub mod metadata;
pub mod policy;
pub mod report;
pub mod source;
pub mod text;
