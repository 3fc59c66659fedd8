//! Parts of a `multipart/form-data` body.

/// One part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FormPart {
    /// Name of the field.
    pub(super) name: String,
    /// Its text.
    pub(super) value: String,
    /// Name of the file; `None` for a plain field.
    pub(super) file_name: Option<String>,
    /// Content type.
    pub(super) content_type: Option<String>,
    /// Path of the file below the folder of scenarios; its content is the value then.
    pub(super) file: Option<String>,
}

/// The parts of a recorded body; `None` if it does not fit the boundary.
pub(super) fn parts(content_type: &str, body: &str) -> Option<Vec<FormPart>> {
    let boundary = parameter(content_type, "boundary")?;
    let opening = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut pieces = body.split(opening.as_str());
    pieces.next()?;
    for piece in pieces {
        if piece.starts_with("--") {
            return Some(parts);
        }
        let piece = piece.strip_prefix("\r\n").or_else(|| piece.strip_prefix('\n'))?;
        let (head, value) = piece.split_once("\r\n\r\n").or_else(|| piece.split_once("\n\n"))?;
        let value = value
            .strip_suffix("\r\n")
            .or_else(|| value.strip_suffix('\n'))
            .unwrap_or(value);
        let mut part = FormPart {
            value: value.to_owned(),
            ..FormPart::default()
        };
        for line in head.lines() {
            let (name, content) = line.split_once(':')?;
            if name.eq_ignore_ascii_case("content-disposition") {
                part.name = parameter(content, "name").unwrap_or_default();
                part.file_name = parameter(content, "filename");
            } else if name.eq_ignore_ascii_case("content-type") {
                part.content_type = Some(content.trim().to_owned());
            }
        }
        parts.push(part);
    }
    // Without the closing delimiter the last part may be cut.
    None
}

/// A parameter of a header's value: `boundary` of `multipart/form-data; boundary=x`.
pub(super) fn parameter(value: &str, name: &str) -> Option<String> {
    let mut parameters = value.split(';').skip(1);
    parameters.find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().trim_matches('"').to_owned())
    })
}
