//! What can be read off an expression before the compiler evaluates it.

use syn::{Expr, ExprLit, Ident, Lit, UnOp};

use super::shape::Shape;

/// The kinds of literals.
#[derive(Clone, Copy)]
pub(crate) enum Literal {
    Boolean,
    Integer,
    Float,
    Text,
    List,
}

/// What kind of literal an expression is; `None` for everything the compiler has to judge.
pub(crate) fn literal(expr: &Expr) -> Option<Literal> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Bool(_) => Some(Literal::Boolean),
            Lit::Int(_) => Some(Literal::Integer),
            Lit::Float(_) => Some(Literal::Float),
            Lit::Str(_) => Some(Literal::Text),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => literal(&unary.expr),
        Expr::Array(_) => Some(Literal::List),
        _ => None,
    }
}

/// Whether the expression is a literal, and so the value itself where the type is an `Option`.
pub(crate) fn is_literal(expr: &Expr) -> bool {
    literal(expr).is_some()
}

/// The number, the nanoseconds or the bytes that a literal is, to compare it with others of its shape.
/// `f64` is exact enough for what people write.
pub(crate) fn magnitude(expr: &Expr, shape: &Shape) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            magnitude(&unary.expr, shape).map(|number| -number)
        }
        _ => text_as(expr, shape).map(|number| number as f64),
    }
}

/// The nanoseconds or bytes of a text, if that is what it is for this shape.
pub(crate) fn text_as(expr: &Expr, shape: &Shape) -> Option<u128> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = expr else { return None };
    match shape {
        Shape::Duration => duration(&text.value()),
        Shape::ByteSize => bytes(&text.value()).map(u128::from),
        _ => None,
    }
}

/// Whether a text is a day as `2024-01-31`.
pub(crate) fn is_date(text: &str) -> bool {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<u32>().ok())
    };
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    text.len() == 10
        && text.get(4..5) == Some("-")
        && text.get(7..8) == Some("-")
        && (1..=days).contains(&day)
}

/// Whether a text is an instant as `2024-01-31T12:00:00Z`, to the second and in UTC.
pub(crate) fn is_instant(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    let Some(time) = time.strip_suffix('Z') else { return false };
    let parts: Vec<_> = time.split(':').collect();
    let below = |part: &str, limit: u32| {
        part.len() == 2
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u32>().is_ok_and(|n| n < limit)
    };
    is_date(date)
        && matches!(parts.as_slice(), [hours, minutes, seconds] if below(hours, 24) && below(minutes, 60) && below(seconds, 60))
}

/// The nanoseconds of a duration, written as flexconnect-core reads it: `1h30m`.
pub(crate) fn duration(text: &str) -> Option<u128> {
    let mut rest = text;
    let mut nanos: u128 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let unit: u128 = match unit {
            "d" => 86_400_000_000_000,
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        nanos = nanos.checked_add(u128::from(number.parse::<u64>().ok()?).checked_mul(unit)?)?;
        rest = after;
    }
    (!text.is_empty() && nanos / 1_000_000_000 <= u128::from(u64::MAX)).then_some(nanos)
}

/// The bytes of a size, written as flexconnect-core reads it: `64MiB`.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit: u64 = match unit.to_ascii_lowercase().as_str() {
        "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "pb" => 1_000_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        "pib" => 1 << 50,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// The variant that an expression names: `Basic` of `Auth::Basic`.
pub(crate) fn variant_of(value: &Expr) -> Option<&Ident> {
    let Expr::Path(path) = value else { return None };
    let segments = &path.path.segments;
    segments.last().filter(|_| segments.len() > 1).map(|segment| &segment.ident)
}
