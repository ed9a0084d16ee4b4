//! A function whose body is kept as tokens, so that errors in it point where they are.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::parse::{Parse, ParseStream, Parser};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    AssocType, Attribute, Block, Expr, ExprCall, GenericArgument, PathArguments, PathSegment,
    ReturnType, Signature, Stmt, Token, Type, TypeParamBound, Visibility,
};

pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) default: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// Attributes at the start of the body.
    pub(crate) inner: Vec<Attribute>,
    pub(crate) body: TokenStream,
    pub(crate) brace: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let default = input.parse()?;
        let sig = input.parse()?;
        let brace = body_group(input.parse()?);
        let Some(brace) = brace.filter(|_| input.is_empty()) else {
            return Err(input.error("expected the body of a function"));
        };
        let body = |input: ParseStream<'_>| {
            let inner = input.call(Attribute::parse_inner)?;
            Ok((inner, input.parse::<TokenStream>()?))
        };
        let (inner, body) = body.parse2(brace.stream())?;
        Ok(Self {
            attrs,
            vis,
            default,
            sig,
            inner,
            body,
            brace,
        })
    }
}

/// The braces of a body, which a `macro_rules!` macro that was given it as `$body:block` puts into a group that is not
/// seen.
fn body_group(token: TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else {
        return None;
    };
    match group.delimiter() {
        Delimiter::Brace => Some(group),
        Delimiter::None => {
            let mut inner = group.stream().into_iter();
            let body = inner.next().and_then(body_group);
            body.filter(|_| inner.next().is_none())
        }
        _ => None,
    }
}

/// How the body of a function runs.
pub(crate) enum Body {
    /// When the function is called.
    Sync,
    /// When the future of an `async fn` is polled.
    Async,
    /// When the future that the last expression makes is polled, as `async_trait` writes it.
    Future(Box<FutureBody>),
}

/// `statements; Box::pin(async move { body })`, or the `async` block alone.
pub(crate) struct FutureBody {
    pub(crate) statements: Vec<Stmt>,
    /// The path of `Box::pin`.
    pub(crate) pin: Option<Box<Expr>>,
    pub(crate) capture: Option<Token![move]>,
    pub(crate) block: Block,
}

impl Function {
    /// How the body runs; none if it makes a future in a way that can't be seen.
    pub(crate) fn body(&self) -> Option<Body> {
        if self.sig.asyncness.is_some() {
            return Some(Body::Async);
        }
        if !self.returns_future() {
            return Some(Body::Sync);
        }
        let block: TokenStream = self.brace.to_token_stream();
        let Block { mut stmts, .. } = syn::parse2(block).ok()?;
        let Some(Stmt::Expr(last, None)) = stmts.pop() else {
            return None;
        };
        let (pin, future) = match last {
            Expr::Call(ExprCall { func, args, .. }) if is_pin(&func) && args.len() == 1 => {
                (Some(func), args.into_iter().next()?)
            }
            other => (None, other),
        };
        let Expr::Async(future) = future else {
            return None;
        };
        Some(Body::Future(Box::new(FutureBody {
            statements: stmts,
            pin,
            capture: future.capture,
            block: future.block,
        })))
    }

    fn returns_future(&self) -> bool {
        let ReturnType::Type(_, ty) = &self.sig.output else {
            return false;
        };
        is_future(ty)
    }

    /// The type that a returned future is ready with, as far as it is written.
    pub(crate) fn future_output(&self) -> Type {
        let mut output = FutureOutput(None);
        if let ReturnType::Type(_, ty) = &self.sig.output {
            output.visit_type(ty);
        }
        let mut ty = output.0.unwrap_or_else(|| syn::parse_quote!(_));
        EraseImplTrait.visit_type_mut(&mut ty);
        ty
    }

    /// The return type with `_` for what only the body knows; `()` if none is written.
    pub(crate) fn returned(&self) -> Type {
        match &self.sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => {
                let mut ty = (**ty).clone();
                EraseImplTrait.visit_type_mut(&mut ty);
                ty
            }
        }
    }

    /// Where a returned value has to be made an axum response for its status to be known.
    pub(crate) fn response(&self) -> ResponsePlace {
        let ReturnType::Type(_, ty) = &self.sig.output else {
            return ResponsePlace::default();
        };
        if is_into_response(ty) {
            return ResponsePlace {
                whole: true,
                ..ResponsePlace::default()
            };
        }
        let Type::Path(path) = &**ty else {
            return ResponsePlace::default();
        };
        let Some(last) = path
            .path
            .segments
            .last()
            .filter(|last| last.ident == "Result")
        else {
            return ResponsePlace::default();
        };
        let PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return ResponsePlace::default();
        };
        let mut each = arguments
            .args
            .iter()
            .map(|argument| matches!(argument, GenericArgument::Type(ty) if is_into_response(ty)));
        ResponsePlace {
            whole: false,
            value: each.next().unwrap_or_default(),
            error: each.next().unwrap_or_default(),
        }
    }
}

/// Which parts of a returned value are an `impl IntoResponse`.
#[derive(Clone, Copy, Default)]
pub(crate) struct ResponsePlace {
    pub(crate) whole: bool,
    pub(crate) value: bool,
    pub(crate) error: bool,
}

fn is_into_response(ty: &Type) -> bool {
    match ty {
        // A response has no other trait to offer than those of its own.
        Type::ImplTrait(ty) => {
            ty.bounds.len() == 1
                && ty
                    .bounds
                    .iter()
                    .all(|bound| bound_is(bound, "IntoResponse"))
        }
        _ => false,
    }
}

fn bound_is(bound: &TypeParamBound, name: &str) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last();
            last.is_some_and(|last| last.ident == name)
        }
        _ => false,
    }
}

fn is_pin(function: &Expr) -> bool {
    match function {
        Expr::Path(path) => {
            let mut segments = path.path.segments.iter().rev();
            let (last, before) = (segments.next(), segments.next());
            last.is_some_and(|last| last.ident == "pin")
                && before.is_some_and(|before| before.ident == "Box")
        }
        _ => false,
    }
}

struct EraseImplTrait;

impl VisitMut for EraseImplTrait {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::ImplTrait(_) = ty {
            *ty = syn::parse_quote!(_);
        } else {
            visit_mut::visit_type_mut(self, ty);
        }
    }
}

/// `impl Future`, `Pin<Box<dyn Future>>` and the aliases of the crate `futures`.
fn is_future(ty: &Type) -> bool {
    match ty {
        Type::ImplTrait(ty) => ty.bounds.iter().any(|bound| bound_is(bound, "Future")),
        Type::TraitObject(ty) => ty.bounds.iter().any(|bound| bound_is(bound, "Future")),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return false;
            };
            let mut types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            match last.ident.to_string().as_str() {
                "BoxFuture" | "LocalBoxFuture" => true,
                "Pin" | "Box" => types.any(is_future),
                _ => false,
            }
        }),
        _ => false,
    }
}

/// Finds `Output = T`, or the type argument of a boxed future's alias.
struct FutureOutput(Option<Type>);

impl<'ast> Visit<'ast> for FutureOutput {
    fn visit_assoc_type(&mut self, output: &'ast AssocType) {
        if output.ident == "Output" && self.0.is_none() {
            self.0 = Some(output.ty.clone());
        }
    }

    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        let is_alias = segment.ident == "BoxFuture" || segment.ident == "LocalBoxFuture";
        if is_alias
            && self.0.is_none()
            && let PathArguments::AngleBracketed(arguments) = &segment.arguments
            && let Some(GenericArgument::Type(ty)) = arguments.args.last()
        {
            self.0 = Some(ty.clone());
        }
        visit::visit_path_segment(self, segment);
    }
}

/// Writes the function with another body.
pub(crate) fn with_body(function: &Function, body: TokenStream) -> TokenStream {
    let mut tokens = TokenStream::new();
    tokens.append_all(&function.attrs);
    function.vis.to_tokens(&mut tokens);
    function.default.to_tokens(&mut tokens);
    function.sig.to_tokens(&mut tokens);
    let mut brace = Group::new(Delimiter::Brace, {
        let mut inner = TokenStream::new();
        inner.append_all(&function.inner);
        inner.extend(body);
        inner
    });
    brace.set_span(function.brace.span());
    brace.to_tokens(&mut tokens);
    tokens
}
