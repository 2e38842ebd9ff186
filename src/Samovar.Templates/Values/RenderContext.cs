namespace Samovar.Templates.Values;

/// <summary>What filters, tests and functions may use during one render.</summary>
internal sealed class RenderContext(RenderBuffer buffer, RenderMeter meter, TimeProvider time)
{
    public RenderBuffer Buffer => buffer;

    public RenderMeter Meter => meter;

    public TimeProvider Time => time;

    /// <summary>Notes which way the render goes; null where nobody asks.</summary>
    public RenderTrace? Trace { get; init; }

    /// <summary>Reads an attribute (where the flag is set) or an item of a value, for holes in texts.</summary>
    public required Func<TemplateValue, string, bool, TemplateValue> Read { get; init; }

    /// <summary>Whether what is printed is escaped, inside of <c>autoescape</c>.</summary>
    public bool Escapes { get; set; }

    /// <summary>Wraps a text that was just made, and counts it.</summary>
    public TemplateValue.Text Made(string text)
    {
        meter.ChargeChars(text.Length);
        return text.Length == 0 ? TemplateValue.Text.Empty : new TemplateValue.Text(text);
    }

    /// <summary>As <see cref="Made(string)"/>; markup where what is printed is escaped.</summary>
    public TemplateValue.Text Printed(string text) => Escapes ? Made(text) with { IsMarkup = true } : Made(text);

    /// <summary>Wraps a list that was just made, and counts it.</summary>
    public TemplateValue.List Made(List<TemplateValue> items, bool isTuple = false)
    {
        meter.ChargeItems(items.Count);
        return new TemplateValue.List(items, isTuple);
    }
}
