//! The encoding a field's attributes choose.

use proc_macro2::TokenStream;
use syn::{LitStr, Type};

use super::known::{INTEGERS, LISTS, NAMES, fits, is_plain, unknown};
use super::settings::{decimal, dictionary_key, is_zone, part_names, sizes, unit};
use super::{Encoding, Unit};
use crate::attribute::Setting;
use crate::case::plain;
use crate::errors::Errors;
use crate::types;

/// The settings of one field, as they are collected.
#[derive(Default)]
pub(crate) struct Chosen {
    named: Option<(LitStr, String)>,
    unit: Option<(LitStr, Unit)>,
    zone: Option<LitStr>,
    decimal: Option<(NameOfSetting, TokenStream, Option<u16>, u8, i8)>,
    round: Option<NameOfSetting>,
    offset: Option<NameOfSetting>,
    truncate: Option<NameOfSetting>,
    tensor: Option<(NameOfSetting, Vec<String>)>,
    list: Option<NameOfSetting>,
    dictionary: Option<(NameOfSetting, &'static str)>,
    item: Option<LitStr>,
    map: Option<NameOfSetting>,
    keys_sorted: Option<NameOfSetting>,
    names: Option<(NameOfSetting, Vec<String>)>,
}

/// Integers that can count units of a decimal's last digit.
const COUNTS: [&str; 6] = ["i128", "u128", "i64", "i32", "u64", "u32"];

/// The name of a setting, for messages that point at it.
type NameOfSetting = syn::Ident;

impl Chosen {
    /// Takes the setting when it is one of an encoding's.
    pub(crate) fn take(&mut self, setting: &Setting, errors: &mut Errors) -> bool {
        match plain(&setting.name).as_str() {
            "as" => self.named = setting.text(errors).map(|text| (text.clone(), text.value())),
            "unit" => self.unit = setting.text(errors).and_then(|text| unit(text, errors)),
            "tz" => self.zone = setting.name_text(errors).filter(|text| is_zone(text, errors)),
            name @ ("decimal" | "decimal32" | "decimal64" | "decimal128" | "decimal256") => {
                if let Some((other, ..)) = &self.decimal {
                    errors.at(&setting.name, format!("the field says `{other}` already"));
                    return true;
                }
                let (width, most) = match name {
                    "decimal32" => (Some(32), 9),
                    "decimal64" => (Some(64), 18),
                    "decimal128" => (Some(128), 38),
                    "decimal256" => (Some(256), 76),
                    _ => (None, 76),
                };
                self.decimal = decimal(setting, most, errors).map(|(tokens, precision, scale)| {
                    (setting.name.clone(), tokens, width, precision, scale)
                });
            }
            "round" => self.round = setting.flag(errors).then(|| setting.name.clone()),
            "offset" => self.offset = setting.flag(errors).then(|| setting.name.clone()),
            "truncate" => self.truncate = setting.flag(errors).then(|| setting.name.clone()),
            "tensor" => self.tensor = Some((setting.name.clone(), sizes(setting, errors))),
            "dictionary" => {
                self.dictionary = dictionary_key(setting, errors).map(|key| (setting.name.clone(), key));
            }
            "item" => self.item = setting.name_text(errors),
            "map" => self.map = setting.flag(errors).then(|| setting.name.clone()),
            "keys_sorted" => self.keys_sorted = setting.flag(errors).then(|| setting.name.clone()),
            "names" => self.names = Some((setting.name.clone(), part_names(setting, errors))),
            "list" => self.list = setting.flag(errors).then(|| setting.name.clone()),
            _ => return false,
        }
        true
    }

    /// `as = "RunEndEncoded"`, which is then no longer among the settings.
    pub(crate) fn runs(&mut self) -> Option<LitStr> {
        self.named.take_if(|(_, name)| name == "RunEndEncoded").map(|(text, _)| text)
    }

    /// The encoding for a field of this type.
    pub(crate) fn finish(mut self, ty: &Type, errors: &mut Errors) -> Encoding {
        let item = self.item.take();
        let (map, keys_sorted) = (self.map.take(), self.keys_sorted.take());
        let layout = self.named.take_if(|(_, name)| is_list_layout(name));
        if let Some((text, _)) = &layout
            && !types::may_be_list(ty)
        {
            errors.at(text, "a layout of lists is for a `Vec`, a slice, an array or a map");
        }
        if let (Some(item), None) = (&item, &layout)
            && !types::may_be_list(ty)
        {
            errors.at(item, "`item` is what the items of a list are called: a `Vec`, a slice or an array");
        }
        if let Some(name) = &map
            && types::kind_of(ty).is_some_and(|kind| kind != "Vec")
        {
            errors.at(name, "`map` is for a `Vec` of pairs: `Vec<(K, V)>`");
        }
        if let Some(name) = &keys_sorted
            && types::kind_of(ty).is_some_and(|kind| kind != "BTreeMap")
        {
            errors.at(name, "`keys_sorted` is for a `BTreeMap`, which keeps its keys in order");
        }
        let item = item.map(|item| item.value());
        if let Some((name, sizes)) = self.tensor.take() {
            for (other, _) in layout.iter().chain(&self.named) {
                errors.at(other, "a column with `tensor` has no other encoding");
            }
            return tensor(&name, sizes, ty, errors);
        }
        let is_map = types::kind_of(ty).is_some_and(|kind| types::MAPS.contains(&kind.as_str()));
        let pairs = if is_map { self.list.take() } else { None };
        let inner = self.of_values(ty, errors);
        match layout {
            Some((text, name)) => list(&text, &name, item, inner, errors),
            None if pairs.is_some() => Encoding::Lists("List", item, Box::new(inner)),
            None => match item {
                Some(item) if types::array_length(ty).is_some() => Encoding::Items(item, Box::new(inner)),
                Some(item) => Encoding::Lists("List", Some(item), Box::new(inner)),
                None if map.is_some() => Encoding::Pairs(Box::new(inner)),
                None if keys_sorted.is_some() => Encoding::KeysSorted(Box::new(inner)),
                None => inner,
            },
        }
    }

    /// The encoding of the values in the field's containers.
    fn of_values(self, ty: &Type, errors: &mut Errors) -> Encoding {
        let inner = types::innermost(ty);
        let inner = inner.as_deref();
        if let Some((name, names)) = &self.names {
            if inner.is_some_and(is_plain) {
                errors.at(name, "`names` is for tuples: it says what their parts are called");
            }
            if let Some(parts) = types::tuple_length(ty)
                && parts != names.len()
                && !names.is_empty()
            {
                let given = names.len();
                errors.at(name, format!("the tuple has {parts} parts, and `names` has {given}"));
            }
            return Encoding::Names(names.clone());
        }
        if let Some((name, key)) = &self.dictionary {
            if inner.is_some_and(|inner| {
                is_plain(inner)
                    && !["String", "str", "char", "[u8]"].contains(&inner)
                    && !INTEGERS.contains(&inner)
            }) {
                errors.at(name, "`dictionary` is for text, bytes and integers");
            }
            if let Some((text, _)) = &self.named {
                errors.at(text, "a column with `dictionary` has no other encoding");
            }
            return Encoding::Dictionary(key);
        }
        if let Some((name, tokens, width, precision, scale)) = &self.decimal {
            for other in self.named.iter().map(|(text, _)| text).chain(self.unit.iter().map(|(text, _)| text))
            {
                errors.at(other, format!("a column with `{name}` has no other encoding"));
            }
            let is_integer = inner.is_some_and(|inner| COUNTS.contains(&inner));
            if inner.is_some_and(is_plain) && !is_integer {
                errors.at(name, format!("`{name}` is for integers: `i128`, `i64`, `i32`, `u64` or `u32`"));
            }
            if is_integer && width.is_none() && *precision > 38 {
                errors.at(
                    tokens,
                    format!(
                        "a decimal of an integer has 1 to 38 digits, not {precision}: `decimal256` has more"
                    ),
                );
            }
            // More digits than 128 bits hold take 256, as an `i256` always does.
            let wide = if *precision > 38 { Some(256) } else { None };
            let decimal = Encoding::Decimal(width.or(wide), *precision, *scale);
            return match &self.round {
                Some(round) if is_integer || inner == Some("i256") => {
                    errors.at(
                        round,
                        "an integer counts units of the last digit, so there is nothing to `round`",
                    );
                    decimal
                }
                Some(_) => Encoding::Rounded(Box::new(decimal)),
                None => decimal,
            };
        }
        if let Some(name) = &self.round {
            errors.at(name, "`round` goes with a decimal: `decimal(18, 2), round`");
        }
        if let Some(name) = &self.offset {
            return self.with_offset(name, inner, errors);
        }
        if let Some(name) = &self.truncate {
            let times = ["i32", "i64"];
            if inner.is_some_and(|inner| is_plain(inner) && !times.contains(&inner)) {
                errors.at(
                    name,
                    "`truncate` is for dates and times, which it lets lose what is finer than their unit",
                );
            } else if inner.is_some_and(|inner| times.contains(&inner)) && self.named.is_none() {
                errors.at(
                    name,
                    "a number becomes a time with `as = \"Timestamp\"`, `\"Time64\"` or `\"Duration\"`",
                );
            }
            return Encoding::Truncated(Box::new(self.untruncated(inner, errors)));
        }
        self.untruncated(inner, errors)
    }

    /// `offset`, with or without `unit`.
    fn with_offset(&self, name: &NameOfSetting, inner: Option<&str>, errors: &mut Errors) -> Encoding {
        if let Some(zone) = &self.zone {
            errors
                .at(zone, "a column with `offset` has the time zone `UTC`, beside the offset of each value");
        }
        if let Some((text, _)) = &self.named {
            errors.at(text, "a column with `offset` has no other encoding");
        }
        if inner.is_some_and(is_plain) {
            errors.at(
                name,
                "`offset` is for instants that have one: `DateTime<FixedOffset>`, `OffsetDateTime`, `Zoned`",
            );
        }
        Encoding::WithOffset(self.unit.as_ref().map_or(Unit::Microsecond, |(_, unit)| *unit))
    }

    /// The encoding of values that is none of the above.
    fn untruncated(&self, inner: Option<&str>, errors: &mut Errors) -> Encoding {
        if let Some(name) = &self.list {
            if inner.is_some_and(|inner| inner != "[u8]" && is_plain(inner)) {
                errors.at(name, "`list` is for bytes: a `Vec` of any other type is a list already");
            }
            return Encoding::Named("List");
        }
        let Some((text, name)) = &self.named else { return self.time(inner, errors) };
        let encoding = self.named_encoding(text, name, errors);
        if let Some(inner) = inner {
            fits(text, name, inner, errors);
        }
        encoding.unwrap_or(Encoding::Natural)
    }

    /// `unit` and `tz` without `as`.
    fn time(&self, inner: Option<&str>, errors: &mut Errors) -> Encoding {
        let given = self.unit.as_ref().map(|(text, _)| text).or(self.zone.as_ref());
        if let (Some(text), Some(inner)) = (given, inner) {
            if inner == "i64" || inner == "i32" {
                errors.at(
                    text,
                    "a number becomes a time with `as = \"Timestamp\"`, `\"Time64\"` or `\"Duration\"`",
                );
            } else if is_plain(inner) {
                errors.at(text, format!("`{inner}` is not a date or time"));
            }
        }
        let unit = self.unit.as_ref().map(|(_, unit)| *unit);
        match (&self.zone, unit) {
            (Some(zone), unit) => Encoding::Zoned(unit.unwrap_or(Unit::Microsecond), zone.value()),
            (None, Some(unit)) => Encoding::In(unit),
            (None, None) => Encoding::Natural,
        }
    }

    fn named_encoding(&self, text: &LitStr, name: &str, errors: &mut Errors) -> Option<Encoding> {
        if let Some(length) = name.strip_prefix("FixedSizeBinary(").and_then(|rest| rest.strip_suffix(')')) {
            self.no_time(name, errors);
            return match length.trim().parse::<i32>() {
                Ok(length) if length > 0 => Some(Encoding::FixedSizeBinary(length as usize)),
                _ => {
                    errors.at(text, "expected a length: `as = \"FixedSizeBinary(16)\"`");
                    None
                }
            };
        }
        let Some(known) = NAMES.iter().find(|known| **known == name) else {
            errors.at(text, unknown(name));
            return None;
        };
        let unit = self.unit.as_ref().map(|(_, unit)| *unit);
        if *known == "Timestamp" {
            let zone = self.zone.as_ref().map(LitStr::value);
            return Some(Encoding::Timestamp(unit.unwrap_or(Unit::Microsecond), zone));
        }
        if let Some(zone) = &self.zone {
            errors.at(zone, format!("`{name}` has no time zone: `tz` is for timestamps"));
        }
        match (*known, unit) {
            ("Duration", unit) => Some(Encoding::Counted(known, unit.unwrap_or(Unit::Microsecond))),
            ("Time64", None | Some(Unit::Microsecond | Unit::Nanosecond)) => {
                Some(Encoding::Counted(known, unit.unwrap_or(Unit::Microsecond)))
            }
            ("Time32", Some(unit @ (Unit::Second | Unit::Millisecond))) => {
                Some(Encoding::Counted(known, unit))
            }
            ("Time64", _) => {
                errors.at(text, "`Time64` has the unit `us` or `ns`; `s` and `ms` are `Time32`");
                None
            }
            ("Time32", _) => {
                errors
                    .at(text, "`Time32` needs `unit = \"s\"` or `unit = \"ms\"`; `us` and `ns` are `Time64`");
                None
            }
            _ => {
                self.no_time(name, errors);
                Some(Encoding::Named(if *known == "Interval(YearMonth)" {
                    "IntervalYearMonth"
                } else {
                    known
                }))
            }
        }
    }

    fn no_time(&self, name: &str, errors: &mut Errors) {
        if let Some((text, _)) = &self.unit {
            errors.at(text, format!("`{name}` has no unit: `unit` is for times, timestamps and durations"));
        }
    }
}

fn is_list_layout(name: &str) -> bool {
    LISTS.contains(&name) || name.starts_with("FixedSizeList(")
}

/// A layout of lists by its name.
fn list(text: &LitStr, name: &str, item: Option<String>, inner: Encoding, errors: &mut Errors) -> Encoding {
    if let Some(layout) = LISTS.iter().find(|layout| **layout == name) {
        return Encoding::Lists(layout, item, Box::new(inner));
    }
    let count = name.strip_prefix("FixedSizeList(").and_then(|rest| rest.strip_suffix(')'));
    match count
        .and_then(|count| count.trim().parse::<i32>().ok())
        .and_then(|count| usize::try_from(count).ok())
    {
        Some(count) => Encoding::FixedList(count, item, Box::new(inner)),
        None => {
            errors.at(text, "expected a length: `as = \"FixedSizeList(3)\"`");
            inner
        }
    }
}

/// The encoding of a tensor.
fn tensor(name: &NameOfSetting, sizes: Vec<String>, ty: &Type, errors: &mut Errors) -> Encoding {
    let written = types::array_lengths(ty);
    if sizes.is_empty() && written.is_empty() {
        errors.at(
            name,
            "`tensor` takes the sizes of its dimensions: `tensor(2, 3)`; only an array has sizes of its own",
        );
    }
    Encoding::Tensor(if sizes.is_empty() { written } else { sizes })
}
