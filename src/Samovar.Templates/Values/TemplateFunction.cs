namespace Samovar.Templates.Values;

/// <summary>A function, macro or bound method that a template may call.</summary>
internal sealed record TemplateFunction(string Name, Func<RenderContext, CallArguments, TemplateValue> Invoke)
    : TemplateValue.Callable(Name);
