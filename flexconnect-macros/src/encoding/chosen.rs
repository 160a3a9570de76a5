//! The encoding a field's attributes choose.

use proc_macro2::TokenStream;
use syn::{LitStr, Type};

use super::known::{LISTS, NAMES, fits, is_plain, unknown};
use super::settings::{decimal, dictionary_key, is_zone, part_names, unit};
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
    decimal: Option<(NameOfSetting, TokenStream, u8, i8)>,
    list: Option<NameOfSetting>,
    dictionary: Option<(NameOfSetting, &'static str)>,
    item: Option<LitStr>,
    map: Option<NameOfSetting>,
    keys_sorted: Option<NameOfSetting>,
    names: Option<(NameOfSetting, Vec<String>)>,
}

/// The name of a setting, for messages that point at it.
type NameOfSetting = syn::Ident;

impl Chosen {
    /// Takes the setting when it is one of an encoding's.
    pub(crate) fn take(&mut self, setting: &Setting, errors: &mut Errors) -> bool {
        match plain(&setting.name).as_str() {
            "as" => self.named = setting.text(errors).map(|text| (text.clone(), text.value())),
            "unit" => self.unit = setting.text(errors).and_then(|text| unit(text, errors)),
            "tz" => self.zone = setting.name_text(errors).filter(|text| is_zone(text, errors)),
            "decimal" => {
                self.decimal = decimal(setting, errors)
                    .map(|(tokens, precision, scale)| (setting.name.clone(), tokens, precision, scale));
            }
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

    /// The encoding for a field of this type.
    pub(crate) fn finish(mut self, ty: &Type, errors: &mut Errors) -> Encoding {
        let item = self.item.take();
        let (map, keys_sorted) = (self.map.take(), self.keys_sorted.take());
        let layout = self.named.take_if(|(_, name)| is_list_layout(name));
        if let Some((text, _)) = &layout
            && !types::may_be_list(ty)
        {
            errors.at(text, "a layout of lists is for a `Vec`, a slice or an array");
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
        let inner = self.of_values(ty, errors);
        match layout {
            Some((text, name)) => list(&text, &name, item, inner, errors),
            None if item.is_some() && types::array_length(ty).is_some() => {
                errors.at(ty, "`item` on an array needs its layout: `as = \"FixedSizeList(n)\"`");
                inner
            }
            None if item.is_some() => Encoding::Lists("List", item, Box::new(inner)),
            None if map.is_some() => Encoding::Pairs(Box::new(inner)),
            None if keys_sorted.is_some() => Encoding::KeysSorted(Box::new(inner)),
            None => inner,
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
            if inner
                .is_some_and(|inner| is_plain(inner) && !["String", "str", "char", "[u8]"].contains(&inner))
            {
                errors.at(name, "`dictionary` is for text and bytes");
            }
            if let Some((text, _)) = &self.named {
                errors.at(text, "a column with `dictionary` has no other encoding");
            }
            return Encoding::Dictionary(key);
        }
        if let Some((name, tokens, precision, scale)) = &self.decimal {
            for other in self.named.iter().map(|(text, _)| text).chain(self.unit.iter().map(|(text, _)| text))
            {
                errors.at(other, "a column with `decimal` has no other encoding");
            }
            if inner.is_some_and(|inner| {
                is_plain(inner) && !["i128", "i64", "i32", "u64", "u32"].contains(&inner)
            }) {
                errors.at(name, "`decimal` is for integers: `i128`, `i64`, `i32`, `u64` or `u32`");
            }
            let most = if inner == Some("i256") { 76 } else { 38 };
            if *precision > most {
                errors.at(tokens, format!("a decimal has 1 to {most} digits, not {precision}"));
            }
            return Encoding::Decimal(*precision, *scale);
        }
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
                Some(Encoding::Named(known))
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
