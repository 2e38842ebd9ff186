namespace Samovar.Templates.Values;

/// <summary>A function, macro or bound method that a template may call.</summary>
internal sealed record TemplateFunction(string Name, Func<RenderContext, CallArguments, TemplateValue> Invoke)
    : TemplateValue.Callable(Name)
{
    /// <summary>Its attributes by their names, where it has some.</summary>
    public Func<string, TemplateValue?>? Find { get; init; }

    /// <summary>Its length, where it has one.</summary>
    public int? Length { get; init; }

    /// <summary>What it prints as, where that says anything.</summary>
    public Func<string>? Printed { get; init; }
}
