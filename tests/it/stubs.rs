//! A stage for shell scripts: a checkout, a folder for temporary files, and programs that only write down what they were asked to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{Run, arg, permdelta, scrub, temp};

/// Where one script runs.
pub(crate) struct Stage {
    dir: TempDir,
}

impl Stage {
    /// A stage whose checkout is the sample repository, its pull request checked out.
    pub(crate) fn new() -> Stage {
        let stage = Stage { dir: temp() };
        for folder in ["bin", "temp"] {
            fs::create_dir(stage.path(folder)).expect("a folder");
        }
        permdelta(stage.dir.path(), &["demo", "-q", "--keep", "checkout"]);
        stage
    }

    /// A file or folder of the stage: `checkout`, `temp`, `bin/…`.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// What a file of the stage holds; empty where there is none.
    pub(crate) fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap_or_default()
    }

    /// Puts a program on the search path, in bash. What it is called with goes to `calls`: a line for where and as
    /// what, and one for each argument.
    pub(crate) fn program(&self, name: &str, body: &str) {
        let place = if name.contains('/') { self.path(name) } else { self.path("bin").join(name) };
        fs::create_dir_all(place.parent().expect("a folder")).expect("folders");
        let name = place.file_name().expect("a name").to_string_lossy();
        let script = format!(
            "#!/usr/bin/env bash\n{{ printf '%s: {name}\\n' \"$PWD\"; printf '  %s\\n' \"$@\"; }} >>'{}'\n{body}\n",
            arg(&self.path("calls"))
        );
        fs::write(&place, script).expect("a program");
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }

    /// What the programs were called with; the stage's own folder is `STAGE`.
    pub(crate) fn calls(&self) -> String {
        let real = fs::canonicalize(self.dir.path()).expect("the stage");
        self.read("calls").replace(arg(&real), "STAGE").replace(arg(self.dir.path()), "STAGE")
    }

    /// Runs bash in the checkout. Its environment has `variables` and the search path, nothing else.
    pub(crate) fn bash(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        let mut command = Command::new("bash");
        scrub(&mut command, self.dir.path());
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", arg(&self.path("bin"))));
        command.args(args).envs(variables.iter().copied()).current_dir(self.path("checkout")).stdin(Stdio::null());
        let output = command.output().expect("bash starts");
        Run {
            status: output.status.code().expect("it ends by itself"),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// Whether a program can be run here.
pub(crate) fn has(program: &str) -> bool {
    let started = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    started.is_ok()
}
