//! From tokens to the model, for an enum with data: how it is stored, and what its variants hold.

use std::collections::HashMap;

use quote::format_ident;
use syn::{DataEnum, DeriveInput, Fields, GenericParam, Ident, LitInt, LitStr};

use super::model::{Data, DataLayout, DataVariant, Shape, Variant};
use super::parse::ON_INNER;
use crate::attribute::{Given, Known, Setting, settings};
use crate::case::{Case, plain};
use crate::encoding::Chosen;
use crate::errors::Errors;
use crate::table::parse::{Usual, field};

const ON_MEMBER: Known = Known {
    attribute: "column",
    place: "a field of a variant",
    names: &[
        "rename",
        "alias",
        "skip",
        "default",
        "nullable",
        "json",
        "display",
        "with",
        "extension",
        "metadata",
    ],
    more: &crate::encoding::SETTINGS,
    repeatable: &["alias", "metadata"],
};

/// The type ids of a union.
const MOST_IDS: usize = 128;

/// What attributes say of an enum with data.
#[derive(Default)]
pub(super) struct OfData {
    tagged: Option<Ident>,
    tag: Option<LitStr>,
    sparse: Option<Ident>,
    /// The variants that say their type id, with their places.
    ids: Vec<(usize, Ident, LitInt)>,
    /// Those that stand for a null.
    nulls: Vec<(usize, Ident)>,
}

impl OfData {
    /// Takes a setting of the enum.
    pub(super) fn take(&mut self, setting: &Setting, errors: &mut Errors) {
        match plain(&setting.name).as_str() {
            "tagged" => self.tagged = setting.flag(errors).then(|| setting.name.clone()),
            "sparse" => self.sparse = setting.flag(errors).then(|| setting.name.clone()),
            _ => self.tag = setting.name_text(errors),
        }
    }

    /// Takes a setting of the variant at this place when it is one of a union's.
    pub(super) fn take_of_variant(
        &mut self,
        at: usize,
        variant: &syn::Variant,
        setting: &Setting,
        errors: &mut Errors,
    ) -> bool {
        match plain(&setting.name).as_str() {
            "tag" => {
                let id = match &setting.given {
                    Given::Value(tokens) => syn::parse2::<LitInt>(tokens.clone()).ok(),
                    _ => None,
                };
                match id {
                    Some(id) if id.base10_parse::<u8>().is_ok_and(|id| usize::from(id) < MOST_IDS) => {
                        self.ids.push((at, setting.name.clone(), id));
                    }
                    _ => errors
                        .at(&setting.name, "`tag` on a variant is its type id, from 0 to 127: `tag = 5`"),
                }
            }
            "null" if setting.flag(errors) => {
                if variant.fields.is_empty() {
                    self.nulls.push((at, setting.name.clone()));
                } else {
                    errors.at(&setting.name, "`null` is for a variant that holds nothing");
                }
            }
            "null" => {}
            _ => return false,
        }
        true
    }

    /// Refuses all of it, on an enum without data.
    pub(super) fn refuse(&self, errors: &mut Errors) {
        if let Some(name) = &self.tagged {
            errors.at(name, "`tagged` is for an enum with data: one without is a dictionary");
        } else if let Some(text) = &self.tag {
            errors.at(text, "`tag` names the column that `tagged` adds");
        }
        let of_union = self.sparse.iter().chain(self.ids.iter().map(|(_, name, _)| name));
        for name in of_union.chain(self.nulls.iter().map(|(_, name)| name)) {
            errors.at(name, format!("`{name}` is for an enum with data: one without is a dictionary"));
        }
    }

    /// How the enum is stored.
    fn layout(self, input: &DeriveInput, variants: usize, errors: &mut Errors) -> DataLayout {
        if self.tagged.is_some() {
            let of_union = self.sparse.iter().chain(self.ids.iter().map(|(_, name, _)| name));
            for name in of_union.chain(self.nulls.iter().map(|(_, name)| name)) {
                errors.at(name, format!("`{name}` is for a union, and `tagged` makes a struct"));
            }
            return DataLayout::Tagged(self.tag.map_or_else(|| "tag".to_owned(), |tag| tag.value()));
        }
        if let Some(text) = &self.tag {
            errors.at(text, "`tag` names the column that `tagged` adds");
        }
        if let Some((_, second)) = self.nulls.get(1) {
            errors.at(second, "one variant stands for a null already");
        }
        if variants > MOST_IDS {
            errors.at(
                &input.ident,
                format!("a union has at most {MOST_IDS} variants: store the enum as `#[column(tagged)]`"),
            );
            return DataLayout::Union { sparse: false, ids: Vec::new(), null: None };
        }
        let mut ids: Vec<Option<i8>> = vec![None; variants];
        for (at, _, literal) in &self.ids {
            let id = literal.base10_parse().unwrap_or(0);
            if ids.contains(&Some(id)) {
                errors.at(literal, format!("another variant has the type id {id} already"));
            }
            ids[*at] = Some(id);
        }
        let taken: Vec<i8> = ids.iter().copied().flatten().collect();
        let mut free = (0..=i8::MAX).filter(|id| !taken.contains(id));
        // Variants that say none have their places, as far as these are free.
        let mut given = Vec::with_capacity(variants);
        for (at, id) in ids.iter().enumerate() {
            let own = i8::try_from(at).ok().filter(|own| self.ids.is_empty() || !taken.contains(own));
            given.push(match (id, own) {
                (Some(id), _) => *id,
                (None, Some(own)) if self.ids.is_empty() => own,
                _ => free.next().unwrap_or(0),
            });
        }
        let null = self.nulls.first().map(|(at, _)| *at);
        DataLayout::Union { sparse: self.sparse.is_some(), ids: given, null }
    }
}

/// The shape of an enum with data; `names` are those of its variants, each with its variant.
pub(super) fn shape(
    input: &DeriveInput,
    data: &DataEnum,
    variants: Vec<Variant>,
    names: &HashMap<String, String>,
    case: Option<Case>,
    chosen: OfData,
    errors: &mut Errors,
) -> Shape {
    let lifetimes = input.generics.lifetimes().count();
    if lifetimes > 1 || input.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)))
    {
        errors.at(
            &input.generics,
            "an enum with type parameters, or more than one lifetime, cannot be a column",
        );
    }
    let layout = chosen.layout(input, variants.len(), errors);
    if let DataLayout::Tagged(tag) = &layout
        && let Some(other) = names.get(tag)
    {
        errors.at(
            &input.ident,
            format!("the column `{tag}` is there already: it is the variant `{other}`, choose another `tag`"),
        );
    }
    let held = data.variants.iter().map(|variant| held(&variant.fields, case, errors));
    let variants = variants.into_iter().zip(held).map(|(variant, data)| DataVariant { variant, data });
    Shape::Data(variants.collect(), layout)
}

/// What a variant holds.
fn held(fields: &Fields, case: Option<Case>, errors: &mut Errors) -> Data {
    match fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let field = &fields.unnamed[0];
            let mut chosen = Chosen::default();
            for setting in settings(&field.attrs, &ON_INNER, errors) {
                chosen.take(&setting, errors);
            }
            if let Some(name) = chosen.runs() {
                errors.at(name, "`RunEndEncoded` is for a field of a table");
            }
            Data::One(Box::new(field.ty.clone()), chosen.finish(&field.ty, errors))
        }
        fields if fields.is_empty() => Data::Nothing,
        fields => {
            let names = fields.iter().filter_map(|field| field.ident.clone()).collect();
            let mut seen: HashMap<String, usize> = HashMap::new();
            let columns = fields.iter().enumerate().map(|(at, member)| {
                let name = match &member.ident {
                    Some(ident) => case.map_or_else(|| plain(ident), |case| case.of_field(&plain(ident))),
                    None => at.to_string(),
                };
                let member =
                    field(member, format_ident!("a{at}"), name, &ON_MEMBER, &Usual::default(), errors);
                if let Some(column) = &member.column
                    && seen.insert(column.name.clone(), at).is_some()
                {
                    let message = format!("the column `{}` is there already in this variant", column.name);
                    errors.push(syn::Error::new(column.name_span, message));
                }
                member
            });
            Data::Fields(columns.collect(), names)
        }
    }
}
