//! The derive input as a model. Mistakes of notation are found here, those of meaning in `check`.

use proc_macro2::Span;
use syn::{Data, DataEnum, DeriveInput, Fields, GenericParam, Path, parse_quote};

use super::Mistakes;
use super::attribute::{Entry, ON_ENUM, ON_FIELD, ON_STRUCT, ON_TAG, ON_VARIANT, entries, help};
use super::model::{
    Body, Choice, Default, DynamicChoices, Field, Flatten, Model, Name, Struct, Tagged, TaggedVariant,
    Variant,
};
use super::names::{CASES, label, nearest, rename};
use super::shape::Shape;

/// The model, as complete as the mistakes allow; `None` if the item is none that can be a configuration.
pub(crate) fn parse(input: &DeriveInput, mistakes: &mut Mistakes) -> Option<Model> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) => {
                mistakes
                    .at(fields, "a configuration has named fields: each is a parameter, and needs a name");
                None
            }
            Fields::Named(_) | Fields::Unit => {
                Some(Model::Struct(parse_struct(input, &data.fields, mistakes)))
            }
        },
        Data::Enum(data) => Some(parse_enum(input, data, mistakes)),
        Data::Union(data) => {
            mistakes.at(data.union_token, "a union cannot be a configuration: use a struct");
            None
        }
    }
}

/// The path of what the emitted code names: `crate = ".."`, or flexconnect-core.
pub(crate) fn root(input: &DeriveInput) -> Path {
    let mut ignored = Mistakes::default();
    let entries = entries(&input.attrs, "", &["crate"], &mut ignored);
    let named = entries.iter().find_map(|entry| entry.path(&mut ignored));
    let root: Path = named.unwrap_or_else(|| parse_quote!(::flexconnect_core));
    parse_quote!(#root::__private::config)
}

fn refuse_lifetimes(input: &DeriveInput, mistakes: &mut Mistakes) {
    for param in &input.generics.params {
        if let GenericParam::Lifetime(lifetime) = param {
            mistakes.at(lifetime, "a configuration owns its values: use `String` rather than `&str`");
        }
    }
}

fn parse_struct(input: &DeriveInput, fields: &Fields, mistakes: &mut Mistakes) -> Struct {
    refuse_lifetimes(input, mistakes);
    let mut case = None;
    let mut check = None;
    let mut preset = None;
    for entry in entries(&input.attrs, "a struct", ON_STRUCT, mistakes) {
        match entry.key.to_string().as_str() {
            "rename_all" => case = rename_all(&entry, mistakes),
            "check" => check = entry.path(mistakes),
            "preset" => preset = entry.name(mistakes),
            _ => drop(entry.path(mistakes)),
        }
    }
    let fields = fields.iter().map(|field| parse_field(field, case, mistakes)).collect();
    let (ident, generics) = (input.ident.clone(), input.generics.clone());
    Struct { ident, generics, root: root(input), check, preset, fields }
}

fn parse_field(field: &syn::Field, case: Option<&str>, mistakes: &mut Mistakes) -> Field {
    let ident = field.ident.clone().expect("only structs with named fields come here");
    let plain = ident.to_string().trim_start_matches("r#").to_owned();
    let name = case.map_or_else(|| plain.clone(), |case| rename(&plain, case));
    let mut parsed = Field {
        name: Name { text: name, span: ident.span() },
        label: label(&plain),
        help: help(&field.attrs),
        shape: Shape::of(&field.ty),
        ty: field.ty.clone(),
        ident,
        aliases: Vec::new(),
        default: None,
        min: None,
        max: None,
        min_len: None,
        max_len: None,
        pattern: None,
        section: None,
        section_help: None,
        placeholder: None,
        check: None,
        secret: None,
        advanced: false,
        multiline: None,
        hidden: None,
        required: None,
        visible_when: Vec::new(),
        dynamic_choices: None,
        deprecated: None,
        flatten: None,
    };
    let mut beside = Vec::new();
    for entry in entries(&field.attrs, "a field", ON_FIELD, mistakes) {
        if !["flatten", "section", "section_help"].iter().any(|key| entry.key == key) {
            beside.push(entry.key.clone());
        }
        match entry.key.to_string().as_str() {
            "default" => {
                let expression = entry.value.clone().map(|value| Default::Expr(Box::new(value)));
                parsed.default = Some(expression.unwrap_or(Default::Trait(entry.key.span())));
            }
            "rename" => rename_to(&mut parsed.name, &entry, mistakes),
            "alias" => parsed.aliases.extend(entry.name(mistakes)),
            "label" => parsed.label = text_or(parsed.label, &entry, mistakes),
            "help" => parsed.help = text_or(parsed.help, &entry, mistakes),
            "min" => parsed.min = entry.expression(mistakes),
            "max" => parsed.max = entry.expression(mistakes),
            "min_len" => parsed.min_len = entry.length(mistakes),
            "max_len" => parsed.max_len = entry.length(mistakes),
            "pattern" => parsed.pattern = entry.text(mistakes),
            "section" => parsed.section = entry.text(mistakes),
            "section_help" => parsed.section_help = entry.text(mistakes),
            "placeholder" => parsed.placeholder = entry.text(mistakes),
            "check" => parsed.check = entry.path(mistakes),
            "secret" => parsed.secret = Some(entry.flag(mistakes)),
            "multiline" => parsed.multiline = Some(entry.flag(mistakes)),
            "hidden" => parsed.hidden = Some(entry.flag(mistakes)),
            "required" => parsed.required = Some(entry.flag(mistakes)),
            "visible_when" => parsed.visible_when.extend(entry.conditions(mistakes)),
            "dynamic_choices" => {
                let (span, depends_on) = (entry.key.span(), entry.fields(mistakes));
                parsed.dynamic_choices = Some(DynamicChoices { span, depends_on });
            }
            "deprecated" => parsed.deprecated = entry.name(mistakes),
            "flatten" => {
                parsed.flatten = Some(Flatten { span: entry.flag(mistakes), beside: Vec::new() });
            }
            _ => {
                entry.flag(mistakes);
                parsed.advanced = true;
            }
        }
    }
    if let Some(flatten) = &mut parsed.flatten {
        flatten.beside = beside;
    }
    parsed
}

/// An enum without data is a choice; one with data is an object with a tag.
fn parse_enum(input: &DeriveInput, data: &DataEnum, mistakes: &mut Mistakes) -> Model {
    let has_data = data.variants.iter().any(|variant| !matches!(variant.fields, Fields::Unit));
    if has_data {
        Model::Tagged(parse_tagged(input, data, mistakes))
    } else {
        Model::Choice(parse_choice(input, data, mistakes))
    }
}

fn parse_tagged(input: &DeriveInput, data: &DataEnum, mistakes: &mut Mistakes) -> Tagged {
    refuse_lifetimes(input, mistakes);
    let mut case = None;
    let mut tag = Name { text: "type".to_owned(), span: input.ident.span() };
    let (mut tag_label, mut tag_help, mut section, mut section_help) = (None, None, None, None);
    for entry in entries(&input.attrs, "an enum", ON_ENUM, mistakes) {
        match entry.key.to_string().as_str() {
            "rename_all" => case = rename_all(&entry, mistakes),
            "tag" => rename_to(&mut tag, &entry, mistakes),
            "label" => tag_label = entry.text(mistakes),
            "help" => tag_help = entry.text(mistakes),
            "section" => section = entry.text(mistakes),
            "section_help" => section_help = entry.text(mistakes),
            _ => drop(entry.path(mistakes)),
        }
    }
    let case = case.unwrap_or("snake_case");
    let variants = data.variants.iter().map(|variant| {
        let (parsed, default) = parse_variant(variant, case, mistakes);
        let body = match &variant.fields {
            Fields::Unit => Body::Nothing,
            Fields::Named(fields) => {
                Body::Fields(fields.named.iter().map(|field| parse_field(field, None, mistakes)).collect())
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                for entry in entries(&fields.unnamed[0].attrs, "an unnamed field", &[], mistakes) {
                    drop(entry);
                }
                Body::Struct(Box::new(fields.unnamed[0].ty.clone()))
            }
            Fields::Unnamed(fields) => {
                let message =
                    "a parameter needs a name: write `{ name: Type }`, or one struct that derives `Config`";
                mistakes.at(fields, message);
                Body::Nothing
            }
        };
        TaggedVariant { variant: parsed, body, default }
    });
    let variants = variants.collect();
    Tagged {
        ident: input.ident.clone(),
        generics: input.generics.clone(),
        root: root(input),
        label: tag_label.map_or_else(|| label(&tag.text), |text| text.value()),
        help: tag_help.map_or_else(|| help(&input.attrs), |text| text.value()),
        section,
        section_help,
        tag,
        variants,
    }
}

fn parse_choice(input: &DeriveInput, data: &DataEnum, mistakes: &mut Mistakes) -> Choice {
    if !input.generics.params.is_empty() {
        mistakes.at(&input.generics, "an enum without data needs no generic parameters");
    }
    if data.variants.is_empty() {
        mistakes.at(&input.ident, "an enum to choose from needs at least one variant");
    }
    let mut case = None;
    for entry in entries(&input.attrs, "an enum", ON_ENUM, mistakes) {
        match entry.key.to_string().as_str() {
            "rename_all" => case = rename_all(&entry, mistakes),
            key if ON_TAG.contains(&key) => {
                let message = format!("`{key}` is for an enum with data: write it on the field that chooses");
                mistakes.at(&entry.key, message);
            }
            _ => drop(entry.path(mistakes)),
        }
    }
    let case = case.unwrap_or("snake_case");
    let variants = data.variants.iter().map(|variant| {
        let (parsed, default) = parse_variant(variant, case, mistakes);
        if let Some(span) = default {
            let message =
                "`default` is for a variant of an enum with data: write `default` on the field that chooses";
            mistakes.add(syn::Error::new(span, message));
        }
        parsed
    });
    let variants = variants.collect();
    Choice { ident: input.ident.clone(), root: root(input), variants }
}

/// The variant, and where it says that it is the default.
fn parse_variant(variant: &syn::Variant, case: &str, mistakes: &mut Mistakes) -> (Variant, Option<Span>) {
    let plain = variant.ident.to_string();
    let mut parsed = Variant {
        name: Name { text: rename(&plain, case), span: variant.ident.span() },
        label: label(&plain),
        help: help(&variant.attrs),
        ident: variant.ident.clone(),
        aliases: Vec::new(),
    };
    let mut default = None;
    for entry in entries(&variant.attrs, "a variant", ON_VARIANT, mistakes) {
        match entry.key.to_string().as_str() {
            "rename" => rename_to(&mut parsed.name, &entry, mistakes),
            "alias" => parsed.aliases.extend(entry.name(mistakes)),
            "label" => parsed.label = text_or(parsed.label, &entry, mistakes),
            "default" => default = Some(entry.flag(mistakes)),
            _ => parsed.help = text_or(parsed.help, &entry, mistakes),
        }
    }
    (parsed, default)
}

fn rename_all(entry: &Entry, mistakes: &mut Mistakes) -> Option<&'static str> {
    let text = entry.text(mistakes)?;
    let given = text.value();
    let case = CASES.into_iter().find(|case| *case == given);
    if case.is_none() {
        let meant = nearest(&given, CASES).map(|case| format!("; did you mean `{case}`?"));
        let all: Vec<_> = CASES.iter().map(|case| format!("`{case}`")).collect();
        let advice = meant.unwrap_or_else(|| format!("; there are {}", all.join(", ")));
        mistakes.at(&text, format!("`{given}` is not a way to write names{advice}"));
    }
    case
}

fn rename_to(name: &mut Name, entry: &Entry, mistakes: &mut Mistakes) {
    if let Some(text) = entry.name(mistakes) {
        *name = Name { text: text.value(), span: text.span() };
    }
}

fn text_or(otherwise: String, entry: &Entry, mistakes: &mut Mistakes) -> String {
    entry.text(mistakes).map_or(otherwise, |text| text.value())
}
