//! The project's YAML files, and walks over them.

use std::fs;
use std::path::Path;

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::files_below;

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every YAML file of the project.
pub(crate) fn files() -> Vec<String> {
    let mut files = vec!["action.yml".to_owned(), ".pre-commit-hooks.yaml".to_owned(), ".ci/yamllint.yml".to_owned()];
    for folder in [".github", "src/cli/templates"] {
        let yaml = files_below(&root().join(folder)).into_iter().filter(|path| path.ends_with(".yml"));
        files.extend(yaml.map(|path| format!("{folder}/{path}")));
    }
    files
}

/// One file of the project, as text.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One file of the project, which has one document.
pub(crate) fn document(path: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

/// Every text below `yaml`, with the key or keys it stands at: `runs/steps/2/run`.
pub(crate) fn texts(yaml: &Yaml) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(yaml, "", &mut found);
    found
}

fn walk(yaml: &Yaml, place: &str, found: &mut Vec<(String, String)>) {
    let below = |key: &str| if place.is_empty() { key.to_owned() } else { format!("{place}/{key}") };
    match yaml {
        Yaml::Hash(map) => {
            for (key, value) in map {
                walk(value, &below(key.as_str().unwrap_or("?")), found);
            }
        }
        Yaml::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                walk(value, &below(&index.to_string()), found);
            }
        }
        Yaml::String(text) => found.push((place.to_owned(), text.clone())),
        _ => {}
    }
}
