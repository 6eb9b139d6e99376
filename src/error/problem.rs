//! Parse errors: what could not be read or fully understood in one file.

use crate::text::{clip, clip_middle};

/// One thing in one file that could not be read or understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Byte offset the problem is at; `None` where it concerns the whole file.
    pub at: Option<u32>,
    /// What it is.
    pub cause: Cause,
}

/// What a problem is. `Display` says what is wrong, [`Cause::hint`] what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The file has no bytes, or white space only.
    #[error("the file is empty")]
    Empty,
    /// The file does not begin with markup.
    #[error("the file is not XML")]
    NotXml,
    /// A git LFS pointer stands in for the content.
    #[error("the file is a Git LFS pointer, its content is not in the repository")]
    LfsPointer,
    /// UTF-16 by its byte order mark.
    #[error("the file is UTF-16")]
    Utf16,
    /// Bytes that are not UTF-8.
    #[error("the file is not valid UTF-8")]
    NotUtf8,
    /// An encoding declaration other than UTF-8.
    #[error("the file declares the encoding \"{}\"", clip(.0))]
    Encoding(String),
    /// Lines of an unresolved merge.
    #[error("the file holds an unresolved merge conflict")]
    ConflictMarkers,
    /// The end of the file inside an element.
    #[error("the file ends inside <{}>: it is cut off", clip(.0))]
    Truncated(String),
    /// What the XML reader says is not well-formed.
    #[error("not well-formed XML: {0}")]
    NotWellFormed(String),
    /// A document type declaration.
    #[error("the file has a DOCTYPE")]
    Doctype,
    /// A reference to an entity XML does not define.
    #[error("unknown entity &{};", clip(.0))]
    Entity(String),
    /// A second element after the root.
    #[error("a second root element <{}>", clip(.0))]
    SecondRoot(String),
    /// The root is not what the file name promises.
    #[error("the root element is <{}>, the file name promises <{expected}>", clip(.found))]
    WrongRoot {
        /// What the file holds.
        found: String,
        /// What its name promises.
        expected: &'static str,
    },
    /// A namespace other than Salesforce's.
    #[error("<{}> is not in Salesforce's metadata namespace", clip(.0))]
    Namespace(String),
    /// More nesting than metadata ever has.
    #[error("elements are nested more than {0} deep")]
    TooDeep(usize),
    /// More attributes than metadata ever has.
    #[error("more than {0} attributes on one element")]
    TooManyAttributes(usize),
    /// Text where only elements belong.
    #[error("stray text \"{}\" between elements", clip(.0))]
    StrayText(String),
    /// A value with an element inside.
    #[error("<{}> stands inside a value", clip(.0))]
    ElementInValue(String),
    /// A boolean that is neither `true` nor `false`.
    #[error("<{}> is \"{}\", neither true nor false", clip(.element), clip(.value))]
    NotBoolean {
        /// The element.
        element: String,
        /// Its text.
        value: String,
    },
    /// A tab visibility outside the platform's lists.
    #[error("<visibility> is \"{}\", which is no tab visibility", clip(.0))]
    NotVisibility(String),
    /// An entry that grants something without saying on what.
    #[error("<{}> grants something but has no <{key}>", clip(.element))]
    NoName {
        /// The entry's element.
        element: String,
        /// The child that should name it.
        key: &'static str,
    },
    /// A group's member without a name.
    #[error("<{}> names nothing", clip(.0))]
    NoMember(String),
    /// A project file that Salesforce's tools would not take.
    #[error("not a project file: {}", clip(.0))]
    Project(String),
    /// Members of a manifest that belong to no type.
    #[error("<types> lists members and has no <name>")]
    NoType,
    /// A metadata type that a retrieve left out.
    #[error("the retrieve did not ask for {0}: whether those of base are still there is not known")]
    NotAskedFor(&'static str),
    /// A child given twice in one entry.
    #[error("<{}> stands twice in one <{}>", clip(.child), clip(.element))]
    Repeated {
        /// The entry's element.
        element: String,
        /// The repeated child.
        child: String,
    },
    /// An element that fits no shape the reader knows.
    #[error("unknown element <{}>: it cannot be told what it grants", clip(.0))]
    UnknownElement(String),
    /// A name no org can hold.
    #[error("the name \"{}\" holds control characters or is longer than 1,024 bytes", clip(.0))]
    NotPlain(String),
    /// More different element names than the reader keeps apart.
    #[error("too many different unknown elements")]
    TooManyElements,
    /// More elements inside one than metadata ever has.
    #[error("more than {0} elements inside one element")]
    TooManyChildren(usize),
    /// A number that is none.
    #[error("<{}> is \"{}\", which is no number", clip(.element), clip(.value))]
    NotNumber {
        /// The element.
        element: String,
        /// Its text.
        value: String,
    },
    /// A file over the limit.
    #[error("the file has {0} bytes, more than permdelta reads")]
    TooLarge(u64),
    /// All files together over the limit.
    #[error("the files read so far are {0} bytes, more than permdelta reads in one run")]
    TooMuch(u64),
    /// The content is not there.
    #[error("the content cannot be read: {0}")]
    Unreadable(String),
    /// A symbolic link in place of a permission file or folder.
    #[error("a symbolic link stands where permission files can be")]
    Symlink,
    /// A submodule in place of a permission folder.
    #[error("a submodule stands where permission files can be")]
    Submodule,
    /// A path that is not UTF-8.
    #[error("the path is not valid UTF-8")]
    PathNotUtf8,
    /// An archive entry whose name can mean different things.
    #[error("the entry's name leads outside the archive, or is not written with plain `/`")]
    EntryName,
    /// Archive entries of one name.
    #[error("the archive has several entries of this name")]
    RepeatedEntry,
    /// An archive entry behind a password.
    #[error("the entry is encrypted")]
    Encrypted,
    /// An archive entry packed in a way permdelta does not read.
    #[error("the entry is packed with {0}, permdelta reads stored and deflated ones")]
    Compression(String),
    /// An archive entry whose content does not come out as stated.
    #[error("the entry is damaged: {0}")]
    Damaged(String),
    /// An archive that holds other files for one reader than for another.
    #[error("the archive contradicts itself: {}", clip(.0))]
    Contradictory(String),
    /// Groups whose members hold more than is united in one run.
    #[error("the groups read so far unite more grants than permdelta does in one run")]
    TooManyUnited,
    /// A guarantee that was asked for and cannot be given.
    #[error("that this gives no new access is not proven: {0}")]
    Unproven(&'static str),
    /// A file that goes by another name to permdelta than to a deployment.
    #[error("its name goes on behind -meta.xml: a deployment takes it for {} all the same", clip(.0))]
    NameGoesOn(String),
    /// A part of a decomposed set that more than one set can claim, or none.
    #[error("it cannot be told which permission set this is a part of: {}", clip(.0))]
    PartOfWhich(String),
    /// One set, written whole and in parts.
    #[error("the permission set is also written in parts, below {}", clip_middle(.0))]
    WholeAndParts(String),
}

impl Cause {
    /// What to do about it, in one line.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotXml | Self::Truncated(_) | Self::NotWellFormed(_) | Self::SecondRoot(_) => {
                "retrieve the file again, or mend it by hand; until then its access is unknown"
            }
            Self::LfsPointer => "fetch the content (git lfs pull), or keep permission files out of LFS",
            Self::Utf16 | Self::NotUtf8 | Self::Encoding(_) => "save the file as UTF-8, as Salesforce writes it",
            Self::ConflictMarkers => "resolve the merge and commit the file again",
            Self::Doctype | Self::Entity(_) | Self::StrayText(_) | Self::ElementInValue(_) => {
                "remove it: Salesforce's own files never have it"
            }
            Self::WrongRoot { .. } => "rename the file to what it holds, or put back what its name says",
            Self::Namespace(_) => "use xmlns=\"http://soap.sforce.com/2006/04/metadata\" on the root element",
            Self::TooDeep(_) | Self::TooManyAttributes(_) | Self::TooManyElements | Self::TooManyChildren(_) => {
                "this is no file Salesforce wrote: retrieve it again"
            }
            Self::NotBoolean { .. } => "write true or false; until then it is taken to be granted",
            Self::NotNumber { .. } => "write a version number; until then no version counts as active",
            Self::NotVisibility(_) => "write None, Available or Visible; until then it is taken to be Visible",
            Self::NoName { .. } => "name what is granted, or remove the entry",
            Self::NotAskedFor(_) => "ask for the type in package.xml, with the member *, and retrieve again",
            Self::Project(_) => "mend it: Salesforce's tools read strict JSON, without comments and trailing commas",
            Self::NoType => "name the metadata type its members are of",
            Self::Repeated { .. } => "keep one of the two; until then it cannot be told which one counts",
            Self::UnknownElement(_) => "remove it if it is a mistake; if Salesforce wrote it, please report it",
            Self::NotPlain(_) => "correct the name",
            Self::TooLarge(_) | Self::TooMuch(_) | Self::TooManyUnited => {
                "split the metadata, or compare fewer files at a time"
            }
            Self::Unreadable(_) => {
                "fetch the missing objects (a full clone, not a partial one), or mend the permissions"
            }
            Self::Symlink => "replace the link by the file it points to",
            Self::Submodule => "check the submodule's repository on its own, or move the folder",
            Self::PathNotUtf8 => "rename the file",
            Self::EntryName | Self::RepeatedEntry | Self::Encrypted | Self::Compression(_) => {
                "pack the files again with common settings, or compare the unpacked directory"
            }
            Self::Damaged(_) | Self::Contradictory(_) => "retrieve the archive again",
            Self::NoMember(_) => "name a permission set, or remove the element",
            Self::Unproven(_) => "review it by hand, or check without --no-new-access",
            Self::NameGoesOn(_) => "rename it, so that -meta.xml is not in its name, or remove it",
            Self::PartOfWhich(_) => {
                "put it right into the folder of its set, permissionsets/<set>, or that of a section there"
            }
            Self::WholeAndParts(_) => "keep one of the two; until then either counts as granted",
        }
    }
}
