//! Interprets the content streams of pages, as far as text needs it (ISO 32000-1, 9.2 to 9.4).

use hayro_cmap::BfString;
use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Object, ObjectId};
use rustc_hash::FxHashMap;

use super::STREAM_BYTES;
use super::font::Font;

/// Maximum number of glyphs kept of a file: those of a long book.
const MAX_GLYPHS: usize = 2_000_000;

/// Maximum number of operations interpreted in a file.
const MAX_OPERATIONS: usize = 20_000_000;

/// Forms inside forms are followed this far, saved states this deep.
const DEEPEST_FORM: usize = 8;
const DEEPEST_STATE: usize = 64;

/// A shown character in the space of its page: x to the right, y up, in points. A vertical one is
/// turned, so that its line runs along x too.
#[derive(Debug, Clone)]
pub struct Glyph {
    pub text: GlyphText,
    pub page: usize,
    pub x: f32,
    pub end: f32,
    pub y: f32,
    pub size: f32,
}

impl Glyph {
    /// Whether it is a space that is shown.
    pub fn is_space(&self) -> bool {
        matches!(self.text, GlyphText::Char(' ' | '\u{a0}'))
    }
}

/// One character, rarely several (ligatures).
#[derive(Debug, Clone)]
pub enum GlyphText {
    Char(char),
    String(Box<str>),
}

/// Glyphs of all pages of a file, in drawing order.
#[derive(Default)]
pub struct Glyphs {
    pub list: Vec<Glyph>,
    /// Height of each page.
    pub heights: Vec<f32>,
    /// Codes without a known character.
    pub unknown: usize,
    /// A page shows a picture.
    pub has_pictures: bool,
    /// A page unpacks to more than is read.
    pub is_too_large: bool,
    operations: usize,
    /// Fonts read so far, by object.
    fonts: FxHashMap<ObjectId, usize>,
    font_list: Vec<Font>,
}

/// An affine map `[a b c d e f]`.
#[derive(Debug, Clone, Copy)]
struct Matrix([f32; 6]);

const IDENTITY: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

impl Matrix {
    /// First `self`, then `outer`.
    fn then(self, outer: Matrix) -> Matrix {
        let (Matrix([a, b, c, d, e, f]), Matrix([p, q, r, s, t, u])) = (self, outer);
        Matrix([
            a * p + b * r,
            a * q + b * s,
            c * p + d * r,
            c * q + d * s,
            e * p + f * r + t,
            e * q + f * s + u,
        ])
    }

    fn point(self, x: f32, y: f32) -> (f32, f32) {
        let Matrix([a, b, c, d, e, f]) = self;
        (x * a + y * c + e, x * b + y * d + f)
    }

    fn read(operands: &[Object]) -> Option<Matrix> {
        let mut values = [0.0; 6];
        if operands.len() != 6 {
            return None;
        }
        for (value, operand) in values.iter_mut().zip(operands) {
            *value = operand.as_float().ok().filter(|n| n.is_finite())?;
        }
        Some(Matrix(values))
    }
}

/// The part of the graphics state that text depends on.
#[derive(Clone, Copy)]
struct State {
    ctm: Matrix,
    font: Option<usize>,
    size: f32,
    char_space: f32,
    word_space: f32,
    scale: f32,
    leading: f32,
    rise: f32,
}

/// Where fonts and forms are looked up: the innermost resources first.
type Resources<'a> = Vec<&'a Dictionary>;

impl Glyphs {
    /// Codes that were shown.
    pub fn shown(&self) -> usize {
        self.list.len() + self.unknown
    }

    /// Adds what a page shows.
    pub fn page(&mut self, document: &Document, id: ObjectId) {
        let (rotation, height) = view(document, id);
        self.heights.push(height);
        let mut resources: Resources<'_> = Vec::new();
        if let Ok((own, inherited)) = document.get_page_resources(id) {
            resources.extend(own);
            resources.extend(
                inherited
                    .iter()
                    .filter_map(|id| document.get_dictionary(*id).ok()),
            );
        }
        let Ok(content) = document.get_page_content_with_limit(id, STREAM_BYTES) else {
            self.is_too_large = true;
            return;
        };
        let state = State {
            ctm: rotation,
            font: None,
            size: 1.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        };
        self.run(document, &content, &resources, state, 0);
    }

    fn run(
        &mut self,
        document: &Document,
        content: &[u8],
        resources: &Resources<'_>,
        mut state: State,
        depth: usize,
    ) {
        let mut saved = Vec::new();
        let (mut matrix, mut line) = (IDENTITY, IDENTITY);
        for operation in Content::decode_iter(content) {
            self.operations += 1;
            let Ok(Operation { operator, operands }) = operation else {
                return;
            };
            if self.operations > MAX_OPERATIONS || self.list.len() > MAX_GLYPHS {
                return;
            }
            let n = |at: usize| {
                operands
                    .get(at)
                    .and_then(|operand| operand.as_float().ok())
                    .filter(|n| n.is_finite())
                    .unwrap_or(0.0)
            };
            let mut next_line = |line: &mut Matrix, x: f32, y: f32| {
                *line = Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(*line);
                matrix = *line;
            };
            match operator.as_str() {
                "q" if saved.len() < DEEPEST_STATE => saved.push(state),
                "Q" => state = saved.pop().unwrap_or(state),
                "cm" => {
                    if let Some(by) = Matrix::read(&operands) {
                        state.ctm = by.then(state.ctm);
                    }
                }
                "BT" => (matrix, line) = (IDENTITY, IDENTITY),
                "Tf" => {
                    let name = operands.first().and_then(|name| name.as_name().ok());
                    state.font = name.and_then(|name| self.font(document, resources, name));
                    state.size = n(1);
                }
                "Tc" => state.char_space = n(0),
                "Tw" => state.word_space = n(0),
                "Tz" => state.scale = n(0) / 100.0,
                "TL" => state.leading = n(0),
                "Ts" => state.rise = n(0),
                "Td" => next_line(&mut line, n(0), n(1)),
                "TD" => {
                    state.leading = -n(1);
                    next_line(&mut line, n(0), n(1));
                }
                "T*" => next_line(&mut line, 0.0, -state.leading),
                "Tm" => {
                    if let Some(to) = Matrix::read(&operands) {
                        (matrix, line) = (to, to);
                    }
                }
                "Tj" => self.show(&operands, &state, &mut matrix),
                "'" => {
                    next_line(&mut line, 0.0, -state.leading);
                    self.show(&operands, &state, &mut matrix);
                }
                "\"" => {
                    (state.word_space, state.char_space) = (n(0), n(1));
                    next_line(&mut line, 0.0, -state.leading);
                    self.show(operands.get(2..).unwrap_or_default(), &state, &mut matrix);
                }
                "TJ" => {
                    if let Some(Object::Array(parts)) = operands.first() {
                        self.show(parts, &state, &mut matrix);
                    }
                }
                "Do" => {
                    let name = operands.first().and_then(|name| name.as_name().ok());
                    if let Some(name) = name {
                        self.form(document, resources, name, state, depth);
                    }
                }
                "BI" | "EI" => self.has_pictures = true,
                _ => {}
            }
        }
    }

    /// Runs a form, or notes a picture.
    fn form(
        &mut self,
        document: &Document,
        resources: &Resources<'_>,
        name: &[u8],
        mut state: State,
        depth: usize,
    ) {
        let found = resources.iter().find_map(|dict| {
            let forms = dict.get_deref(b"XObject", document).ok()?.as_dict().ok()?;
            forms.get_deref(name, document).ok()?.as_stream().ok()
        });
        let Some(stream) = found else { return };
        if !stream
            .dict
            .get(b"Subtype")
            .and_then(Object::as_name)
            .is_ok_and(|kind| kind == b"Form")
        {
            self.has_pictures = true;
            return;
        }
        let Ok(content) = stream.get_plain_content_with_limit(STREAM_BYTES) else {
            return;
        };
        if depth >= DEEPEST_FORM {
            return;
        }
        if let Ok(Object::Array(values)) = stream.dict.get_deref(b"Matrix", document)
            && let Some(by) = Matrix::read(values)
        {
            state.ctm = by.then(state.ctm);
        }
        let own = stream
            .dict
            .get_deref(b"Resources", document)
            .and_then(Object::as_dict);
        let inner: Resources<'_> = own.into_iter().chain(resources.iter().copied()).collect();
        self.run(document, &content, &inner, state, depth + 1);
    }

    /// The number of a font in the list.
    fn font(
        &mut self,
        document: &Document,
        resources: &Resources<'_>,
        name: &[u8],
    ) -> Option<usize> {
        let (id, dict) = resources.iter().find_map(|dict| {
            let fonts = dict.get_deref(b"Font", document).ok()?.as_dict().ok()?;
            let (id, font) = document.dereference(fonts.get(name).ok()?).ok()?;
            Some((id, font.as_dict().ok()?))
        })?;
        if let Some(known) = id.and_then(|id| self.fonts.get(&id)) {
            return Some(*known);
        }
        let at = self.font_list.len();
        self.font_list.push(Font::read(document, dict));
        if let Some(id) = id {
            self.fonts.insert(id, at);
        }
        Some(at)
    }

    /// Shows strings, with the shifts between them that `TJ` gives in thousandths of an em.
    fn show(&mut self, parts: &[Object], state: &State, matrix: &mut Matrix) {
        let Some(font) = state.font.and_then(|at| self.font_list.get(at)) else {
            return;
        };
        let page = self.heights.len() - 1;
        let (list, unknown) = (&mut self.list, &mut self.unknown);
        let along = |by: f32| match font.is_vertical {
            true => (0.0, -by),
            false => (by * state.scale, 0.0),
        };
        for part in parts {
            if let Object::String(bytes, _) = part {
                font.codes(bytes, &mut |code| {
                    let space = if code.is_space { state.word_space } else { 0.0 };
                    let width = if font.is_vertical { 1.0 } else { code.width };
                    let (dx, dy) = along(width * state.size);
                    let at = matrix.then(state.ctm);
                    let (x, y) = at.point(0.0, state.rise);
                    let (end_x, end_y) = at.point(dx, dy + state.rise);
                    let (top_x, top_y) = at.point(0.0, state.size + state.rise);
                    let size = (top_x - x).hypot(top_y - y);
                    let text = match code.text {
                        Some(BfString::Char(c)) => Some(GlyphText::Char(c)),
                        Some(BfString::String(text)) => {
                            Some(GlyphText::String(text.into_boxed_str()))
                        }
                        None => None,
                    };
                    let glyph = text.map(|text| match font.is_vertical {
                        true => (text, -y, -end_y, x),
                        false => (text, x, end_x, y),
                    });
                    match glyph {
                        // Text that does not run along its line is a watermark or a label.
                        Some((text, x, end, y)) if end + 0.01 >= x && size > 0.1 => {
                            list.push(Glyph {
                                text,
                                page,
                                x,
                                end,
                                y,
                                size,
                            });
                        }
                        Some(_) => {}
                        None => *unknown += 1,
                    }
                    let (dx, dy) = along(width * state.size + state.char_space + space);
                    *matrix = Matrix([1.0, 0.0, 0.0, 1.0, dx, dy]).then(*matrix);
                });
            } else if let Ok(shift) = part.as_float() {
                let (dx, dy) = along(-shift / 1000.0 * state.size);
                *matrix = Matrix([1.0, 0.0, 0.0, 1.0, dx, dy]).then(*matrix);
            }
        }
    }
}

/// The map that rotates a page upright, and the height of the result.
fn view(document: &Document, id: ObjectId) -> (Matrix, f32) {
    const A4: [f32; 4] = [0.0, 0.0, 595.0, 842.0];
    let inherited = |field: &[u8]| {
        let mut page = document.get_dictionary(id).ok()?;
        for _ in 0..32 {
            if let Ok(value) = page.get_deref(field, document) {
                return Some(value);
            }
            page = page.get_deref(b"Parent", document).ok()?.as_dict().ok()?;
        }
        None
    };
    let mut area = A4;
    if let Some(Object::Array(values)) = inherited(b"MediaBox")
        && values.len() == 4
    {
        for (side, value) in area.iter_mut().zip(values) {
            let number = document.dereference(value).ok();
            let number = number.and_then(|(_, number)| number.as_float().ok());
            *side = number.filter(|n| n.is_finite()).unwrap_or(*side);
        }
    }
    let [left, bottom, right, top] = area;
    let (width, height) = ((right - left).abs().max(1.0), (top - bottom).abs().max(1.0));
    let turn = inherited(b"Rotate").and_then(|angle| angle.as_i64().ok());
    match turn.unwrap_or(0).rem_euclid(360) {
        90 => (Matrix([0.0, -1.0, 1.0, 0.0, -bottom, right]), width),
        180 => (Matrix([-1.0, 0.0, 0.0, -1.0, right, top]), height),
        270 => (Matrix([0.0, 1.0, -1.0, 0.0, top, -left]), width),
        _ => (Matrix([1.0, 0.0, 0.0, 1.0, -left, -bottom]), height),
    }
}
