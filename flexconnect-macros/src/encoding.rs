//! `as`, `unit`, `tz`, `decimal`, `dictionary` and the like: the encoding of a column, checked as far as its type's name tells.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::parse::{ParseStream, Parser};
use syn::{LitInt, LitStr, Token, Type};

use crate::attribute::{Setting, nearest};
use crate::case::plain;
use crate::errors::Errors;
use crate::types;

/// The settings that choose an encoding.
pub(crate) const SETTINGS: [&str; 10] =
    ["as", "unit", "tz", "decimal", "dictionary", "list", "item", "map", "keys_sorted", "names"];

/// The encoding of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Encoding {
    Natural,
    /// A marker of this name, without arguments.
    Named(&'static str),
    FixedSizeBinary(usize),
    Decimal(u8, i8),
    In(Unit),
    Zoned(Unit, String),
    Timestamp(Unit, Option<String>),
    /// `Time32`, `Time64` or `Duration`.
    Counted(&'static str, Unit),
    /// The type of the keys.
    Dictionary(&'static str),
    /// The layout of a list and what its items are called.
    Lists(&'static str, Option<String>, Box<Encoding>),
    /// A list of so many items, and what they are called.
    FixedList(usize, Option<String>, Box<Encoding>),
    /// Pairs as a map.
    Pairs(Box<Encoding>),
    KeysSorted(Box<Encoding>),
    /// What the parts of a tuple are called.
    Names(Vec<String>),
}

/// What a second is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

/// What `as` can say, besides `FixedSizeBinary(n)`.
const NAMES: [&str; 24] = [
    "Bool8",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "Float16",
    "Float32",
    "Float64",
    "Utf8",
    "LargeUtf8",
    "Utf8View",
    "Binary",
    "LargeBinary",
    "BinaryView",
    "Date32",
    "Date64",
    "Timestamp",
    "Time32",
    "Time64",
    "Duration",
];

/// Layouts of lists that `as` can say, besides `FixedSizeList(n)`.
pub(crate) const LISTS: [&str; 4] = ["List", "LargeList", "ListView", "LargeListView"];

/// Types of the keys of a dictionary.
const KEYS: [&str; 8] = ["Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"];

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

/// `strings`, `timestamps` and `lists` on the struct: encodings of the fields that choose none.
#[derive(Default)]
pub(crate) struct Usually {
    strings: Option<&'static str>,
    timestamps: Option<Unit>,
    lists: Option<&'static str>,
}

impl Usually {
    /// Takes one of the three settings.
    pub(crate) fn take(&mut self, setting: &Setting, errors: &mut Errors) {
        let Some(text) = setting.text(errors) else { return };
        let one_of = |allowed: &[&'static str], errors: &mut Errors| {
            let found = allowed.iter().find(|name| **name == text.value()).copied();
            if found.is_none() {
                let name = plain(&setting.name);
                let message =
                    format!("`{name}` cannot be `{}`, it can be `{}`", text.value(), allowed.join("`, `"));
                errors.at(&text, message);
            }
            found
        };
        match plain(&setting.name).as_str() {
            "strings" => self.strings = one_of(&["Utf8", "LargeUtf8", "Utf8View"], errors),
            "lists" => self.lists = one_of(&LISTS, errors),
            _ => self.timestamps = unit(text, errors).map(|(_, unit)| unit),
        }
    }

    /// The encoding of a field of this type that has chosen this one.
    pub(crate) fn apply(&self, ty: &Type, chosen: Encoding) -> Encoding {
        let inner = types::innermost(ty);
        let values = match (&chosen, self.strings, self.timestamps) {
            (Encoding::Natural, Some(text), _) if matches!(inner.as_deref(), Some("String" | "str")) => {
                Encoding::Named(text)
            }
            (Encoding::Natural, _, Some(unit)) if types::is_timestamp(ty) => Encoding::In(unit),
            _ => chosen,
        };
        let of_list = matches!(values, Encoding::Lists(..) | Encoding::FixedList(..) | Encoding::Pairs(_));
        match self.lists {
            Some(layout) if !of_list && types::is_vec_of_columns(ty) => {
                Encoding::Lists(layout, None, Box::new(values))
            }
            _ => values,
        }
    }
}

impl Encoding {
    /// The marker as a type; `zone` is the name of the type emitted for a time zone.
    pub(crate) fn tokens(&self, private: &TokenStream, zone: &syn::Ident) -> TokenStream {
        let encoding = quote!(#private::encoding);
        let unit = |unit: &Unit| {
            let unit = format_ident!("{unit:?}");
            quote!(#encoding::#unit)
        };
        match self {
            Encoding::Natural => quote!(#encoding::Natural),
            Encoding::Named(name) => {
                let name = format_ident!("{name}");
                quote!(#encoding::#name)
            }
            Encoding::FixedSizeBinary(length) => quote!(#encoding::FixedSizeBinary<#length>),
            Encoding::Decimal(precision, scale) => quote!(#encoding::Decimal<#precision, #scale>),
            Encoding::In(ticks) => {
                let ticks = unit(ticks);
                quote!(#encoding::In<#ticks>)
            }
            Encoding::Zoned(ticks, _) => {
                let ticks = unit(ticks);
                quote!(#encoding::Zoned<#ticks, #zone>)
            }
            Encoding::Timestamp(ticks, Some(_)) => {
                let ticks = unit(ticks);
                quote!(#encoding::Timestamp<#ticks, #zone>)
            }
            Encoding::Timestamp(ticks, None) => {
                let ticks = unit(ticks);
                quote!(#encoding::Timestamp<#ticks, #encoding::NoZone>)
            }
            Encoding::Dictionary(key) => {
                let key = format_ident!("{key}Type");
                quote!(#encoding::Dictionary<#private::types::#key>)
            }
            Encoding::Lists(layout, item, inner) => {
                let (layout, inner) = (format_ident!("{layout}"), inner.tokens(private, zone));
                let item = item_name(item.as_deref(), private, zone);
                quote!(#encoding::Lists<#encoding::#layout, #item, #inner>)
            }
            Encoding::FixedList(count, item, inner) => {
                let (item, inner) = (item_name(item.as_deref(), private, zone), inner.tokens(private, zone));
                quote!(#encoding::FixedSizeList<#count, #item, #inner>)
            }
            Encoding::Pairs(inner) => {
                let inner = inner.tokens(private, zone);
                quote!(#encoding::Pairs<#inner>)
            }
            Encoding::KeysSorted(inner) => {
                let inner = inner.tokens(private, zone);
                quote!(#encoding::KeysSorted<#inner>)
            }
            Encoding::Names(_) => {
                let names = format_ident!("{zone}Names");
                quote!(#encoding::Names<#names>)
            }
            Encoding::Counted(name, ticks) => {
                let (name, ticks) = (format_ident!("{name}"), unit(ticks));
                quote!(#encoding::#name<#ticks>)
            }
        }
    }

    /// The types emitted for a time zone and for names, where there are any.
    pub(crate) fn zone_item(&self, private: &TokenStream, zone: &syn::Ident) -> TokenStream {
        match self {
            Encoding::Lists(_, item, inner) | Encoding::FixedList(_, item, inner) => {
                let inner = inner.zone_item(private, zone);
                let Some(item) = item else { return inner };
                let name = format_ident!("{zone}Item");
                quote! {
                    #inner

                    pub struct #name;

                    #[automatically_derived]
                    impl #private::encoding::NamedItem for #name {
                        const NAME: &'static str = #item;
                    }
                }
            }
            Encoding::Pairs(inner) | Encoding::KeysSorted(inner) => inner.zone_item(private, zone),
            Encoding::Names(names) => {
                let name = format_ident!("{zone}Names");
                quote! {
                    pub struct #name;

                    #[automatically_derived]
                    impl #private::PartNames for #name {
                        const NAMES: &'static [&'static str] = &[#(#names),*];
                    }
                }
            }
            Encoding::Zoned(_, name) | Encoding::Timestamp(_, Some(name)) => quote! {
                pub struct #zone;

                #[automatically_derived]
                impl #private::encoding::Zone for #zone {
                    const NAME: ::core::option::Option<&'static str> = ::core::option::Option::Some(#name);
                }
            },
            _ => TokenStream::new(),
        }
    }
}

fn item_name(item: Option<&str>, private: &TokenStream, zone: &syn::Ident) -> TokenStream {
    match item {
        Some(_) => format_ident!("{zone}Item").into_token_stream(),
        None => quote!(#private::encoding::ItemName),
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

/// `dictionary` or `dictionary = "UInt16"`.
fn dictionary_key(setting: &Setting, errors: &mut Errors) -> Option<&'static str> {
    if matches!(setting.given, crate::attribute::Given::Nothing) {
        return Some("Int32");
    }
    let text = setting.text(errors)?;
    let found = KEYS.iter().find(|key| **key == text.value()).copied();
    if found.is_none() {
        let message = format!("`{}` cannot be a key, it can be `{}`", text.value(), KEYS.join("`, `"));
        errors.at(&text, message);
    }
    found
}

/// The names in `names("a", "b")`.
fn part_names(setting: &Setting, errors: &mut Errors) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in setting.list("names(\"a\", \"b\")", errors) {
        match syn::parse2::<LitStr>(part.clone()).map(|text| text.value()) {
            Ok(name) if names.contains(&name) => errors.at(part, format!("`{name}` is given twice")),
            Ok(name) => names.push(name),
            Err(_) => errors.at(part, "expected a name: `\"a\"`"),
        }
    }
    names
}

fn unit(text: LitStr, errors: &mut Errors) -> Option<(LitStr, Unit)> {
    let unit = match text.value().as_str() {
        "s" => Unit::Second,
        "ms" => Unit::Millisecond,
        "us" => Unit::Microsecond,
        "ns" => Unit::Nanosecond,
        other => {
            errors.at(&text, format!("unknown unit `{other}`, it can be `s`, `ms`, `us` or `ns`"));
            return None;
        }
    };
    Some((text, unit))
}

/// Whether the text can be a time zone: `UTC`, `Europe/Berlin`, `+02:00`.
fn is_zone(text: &LitStr, errors: &mut Errors) -> bool {
    let zone = text.value();
    let fine = zone.chars().all(|letter| letter.is_ascii_alphanumeric() || "_/+-:".contains(letter));
    if !fine {
        errors.at(text, format!("`{zone}` is not a time zone: expected `Europe/Berlin`, `UTC` or `+02:00`"));
    }
    fine
}

fn decimal(setting: &Setting, errors: &mut Errors) -> Option<(TokenStream, u8, i8)> {
    let crate::attribute::Given::List(tokens) = &setting.given else {
        errors.at(&setting.name, "`decimal` takes digits and digits after the point: `decimal(18, 2)`");
        return None;
    };
    let digits = |input: ParseStream<'_>| -> syn::Result<(u8, i8)> {
        let precision = input.parse::<LitInt>()?.base10_parse()?;
        input.parse::<Token![,]>()?;
        let scale = input.parse::<LitInt>()?.base10_parse()?;
        input.parse::<Option<Token![,]>>()?;
        Ok((precision, scale))
    };
    let Ok((precision, scale)) = digits.parse2(tokens.clone()) else {
        let at = if tokens.is_empty() { setting.name.to_token_stream() } else { tokens.clone() };
        errors.at(at, "`decimal` takes digits and digits after the point: `decimal(18, 2)`");
        return None;
    };
    if precision == 0 {
        errors.at(tokens, "a decimal has at least 1 digit");
        return None;
    }
    if i16::from(scale) > i16::from(precision) {
        errors.at(tokens, format!("of {precision} digits, {scale} cannot be after the point"));
        return None;
    }
    Some((tokens.clone(), precision, scale))
}

fn unknown(name: &str) -> String {
    match nearest(name, NAMES) {
        Some(near) => format!("unknown Arrow type `{name}`, did you mean `{near}`?"),
        None => {
            format!("unknown Arrow type `{name}`, it can be `{}` or `FixedSizeBinary(n)`", NAMES.join("`, `"))
        }
    }
}

/// Whether this is a type whose encodings are known here.
fn is_plain(inner: &str) -> bool {
    !encodings(inner).is_empty()
}

/// Reports an Arrow type that a well-known Rust type does not have.
fn fits(text: &LitStr, name: &str, inner: &str, errors: &mut Errors) {
    let allowed = encodings(inner);
    let name = if name.starts_with("FixedSizeBinary(") { "FixedSizeBinary(n)" } else { name };
    let known = NAMES.contains(&name) || name == "FixedSizeBinary(n)";
    if known && !allowed.is_empty() && !allowed.contains(&name) {
        let inner = if inner == "[u8]" { "bytes" } else { inner };
        errors.at(text, format!("`{inner}` cannot be `{name}`, it can be `{}`", allowed.join("`, `")));
    }
}

/// The Arrow types of the types that have a fixed name; empty for all others.
fn encodings(inner: &str) -> &'static [&'static str] {
    match inner {
        "bool" => &["Bool8"],
        "i8" => &["Int8", "Int16", "Int32", "Int64"],
        "i16" => &["Int16", "Int32", "Int64"],
        "i32" => &["Int32", "Int64", "Date32", "Time32"],
        "i64" => &["Int64", "Date64", "Timestamp", "Time64", "Duration"],
        "u8" => &["UInt8", "UInt16", "UInt32", "UInt64", "Int16", "Int32", "Int64"],
        "u16" => &["UInt16", "UInt32", "UInt64", "Int32", "Int64"],
        "u32" => &["UInt32", "UInt64", "Int64"],
        "u64" => &["UInt64"],
        "f16" => &["Float16", "Float32", "Float64"],
        "f32" => &["Float32", "Float64"],
        "f64" => &["Float64"],
        "char" => &["Utf8", "LargeUtf8", "Utf8View", "UInt32"],
        "String" | "str" => &["Utf8", "LargeUtf8", "Utf8View"],
        "[u8]" => &["Binary", "LargeBinary", "BinaryView", "FixedSizeBinary(n)"],
        _ => &[],
    }
}
