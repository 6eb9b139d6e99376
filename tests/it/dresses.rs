//! Metadata files taken apart and written again in other dress: what is said stays the same, how it is written changes.

use roxmltree::{Document, Node};

const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// One element of a metadata file: a leaf with a text, or a block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// The root of a file that can be read.
    pub(crate) fn of(file: &[u8]) -> Element {
        let text = std::str::from_utf8(file).expect("a readable file is UTF-8");
        let document = Document::parse(text.trim_start_matches('\u{feff}')).expect("a readable file is XML");
        Element::from(document.root_element())
    }

    fn from(node: Node) -> Element {
        let children: Vec<Element> = node.children().filter(Node::is_element).map(Element::from).collect();
        let pieces = node.children().filter(|child| child.is_text() && children.is_empty());
        let text = pieces.filter_map(|piece| piece.text()).collect();
        Element { name: node.tag_name().name().to_owned(), text, children }
    }

    /// The text of the child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&str> {
        let child = self.children.iter().find(|child| child.name == name);
        child.map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// As a file of its own, in Salesforce's dress.
    pub(crate) fn plain_file(&self, namespace: bool) -> Vec<u8> {
        PLAIN.file(self, namespace)
    }
}

/// In which order siblings stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    AsItWas,
    Sorted,
    Reversed,
}

/// A way to write a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dress {
    pub(crate) what: &'static str,
    order: Order,
    indent: &'static str,
    newline: &'static str,
    start: &'static str,
    comments: bool,
    leaf: fn(&str) -> String,
}

const PLAIN: Dress = Dress {
    what: "plain",
    order: Order::AsItWas,
    indent: "    ",
    newline: "\n",
    start: "",
    comments: false,
    leaf: escaped,
};

pub(crate) const DRESSES: [Dress; 9] = [
    PLAIN,
    Dress { what: "sorted", order: Order::Sorted, ..PLAIN },
    Dress { what: "reversed, indented by tabs", order: Order::Reversed, indent: "\t", ..PLAIN },
    Dress { what: "on one line", indent: "", newline: "", ..PLAIN },
    Dress { what: "with comments", comments: true, ..PLAIN },
    Dress { what: "with Windows line ends", newline: "\r\n", ..PLAIN },
    Dress { what: "with a byte order mark", start: "\u{feff}", ..PLAIN },
    Dress { what: "with CDATA", leaf: cdata, ..PLAIN },
    Dress {
        what: "with all of it",
        order: Order::Reversed,
        indent: "\t",
        newline: "\r\n",
        start: "\u{feff}",
        comments: true,
        leaf: references,
    },
];

impl Dress {
    /// The file with this root.
    pub(crate) fn file(&self, root: &Element, namespace: bool) -> Vec<u8> {
        let mut file = format!("{}<?xml version=\"1.0\" encoding=\"UTF-8\"?>{}", self.start, self.newline);
        let attribute = if namespace { format!(" xmlns=\"{NAMESPACE}\"") } else { String::new() };
        self.write(root, &attribute, 0, &mut file);
        file.into_bytes()
    }

    fn write(&self, element: &Element, attribute: &str, depth: usize, file: &mut String) {
        let Element { name, text, children } = element;
        let indent = self.indent.repeat(depth);
        if self.comments {
            *file += &format!("{indent}<!-- <{name}>true</{name}> -->{}", self.newline);
        }
        *file += &format!("{indent}<{name}{attribute}>");
        if children.is_empty() {
            // A line end in a text is written as the others are; an XML parser reads each as a line feed.
            let text = (self.leaf)(text);
            *file += &if self.newline == "\r\n" { text.replace('\n', "\r\n") } else { text };
            if self.comments {
                *file += "<!-- false -->";
            }
        } else {
            *file += self.newline;
            let mut children: Vec<&Element> = children.iter().collect();
            match self.order {
                Order::AsItWas => {}
                Order::Sorted => children.sort(),
                Order::Reversed => children.reverse(),
            }
            for child in children {
                self.write(child, "", depth + 1, file);
            }
            *file += &indent;
        }
        *file += &format!("</{name}>{}", self.newline);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// Every other character as a number.
fn references(text: &str) -> String {
    let written = |(at, char): (usize, char)| match char {
        '&' | '<' | '>' => format!("&#{};", u32::from(char)),
        char if at % 2 == 0 && !char.is_whitespace() => format!("&#x{:x};", u32::from(char)),
        char => char.to_string(),
    };
    text.chars().enumerate().map(written).collect()
}
