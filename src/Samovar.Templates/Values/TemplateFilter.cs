namespace Samovar.Templates.Values;

/// <summary>What follows a <c>|</c>.</summary>
internal delegate TemplateValue TemplateFilter(RenderContext context, TemplateValue input, CallArguments arguments);
