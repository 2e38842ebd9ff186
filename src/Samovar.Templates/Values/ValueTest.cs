namespace Samovar.Templates.Values;

/// <summary>What follows <c>is</c>.</summary>
internal delegate bool ValueTest(RenderContext context, TemplateValue value, CallArguments arguments);
