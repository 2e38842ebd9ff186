using Samovar.Engine;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded;

/// <summary>Which of a file's templates are used, as their source, and their names where there are several.</summary>
internal static class TemplateSources
{
    private const string Default = "default", ToolUse = "tool_use";

    /// <summary>The sources to be tried, best first; none where the file has no template.</summary>
    /// <exception cref="TemplateException">The file has no template of the name that the operator chose.</exception>
    public static IReadOnlyList<(string Source, string? Name)> Of(ModelFacts model, string? name)
    {
        var own = model.ChatTemplate is { Length: > 0 } text ? text : null;
        if (name is not null)
        {
            var chosen = model.NamedTemplates.GetValueOrDefault(name) ?? (name == Default ? own : null);
            return chosen is not null ? [(chosen, name)] : throw new TemplateException(
                $"The model's file has no template named '{name}'. It has: {string.Join(", ", Names(model))}.");
        }
        var (plain, withTools) = (own ?? model.NamedTemplates.GetValueOrDefault(Default), model.NamedTemplates.GetValueOrDefault(ToolUse));
        if (withTools is null) return plain is null ? [] : [(plain, model.NamedTemplates.Count > 0 ? Default : null)];
        return plain is null ? [(withTools, ToolUse)] : [(Joined(plain, withTools), $"{Default} and {ToolUse}"), (plain, Default)];
    }

    private static IEnumerable<string> Names(ModelFacts model) =>
        model.NamedTemplates.Keys.Concat(model.ChatTemplate is { Length: > 0 } ? [Default] : []).Order(StringComparer.Ordinal);

    /// <summary>
    /// Both as one: <c>tool_use</c> renders where there are tools, as transformers chooses it. The empty texts keep white space at the
    /// edges of each from being taken for the statement's own.
    /// </summary>
    private static string Joined(string plain, string withTools) =>
        $"{{% if tools %}}{{{{ '' }}}}{Body(withTools)}{{{{ '' }}}}{{% else %}}{{{{ '' }}}}{Body(plain)}{{{{ '' }}}}{{% endif %}}";

    private static string Body(string source)
    {
        source = source.ReplaceLineEndings("\n");
        return source.EndsWith('\n') ? source[..^1] : source;
    }
}
