namespace Samovar.Templates.Values;

/// <summary>What stands after a <c>|</c>.</summary>
internal delegate TemplateValue TemplateFilter(RenderContext context, TemplateValue input, CallArguments arguments);
