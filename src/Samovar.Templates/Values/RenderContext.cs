namespace Samovar.Templates.Values;

/// <summary>What filters, tests and functions may use during one render.</summary>
internal sealed class RenderContext(RenderBuffer buffer, RenderMeter meter, TimeProvider time)
{
    public RenderBuffer Buffer => buffer;

    public RenderMeter Meter => meter;

    public TimeProvider Time => time;

    /// <summary>Wraps a text that was just made, and counts it.</summary>
    public TemplateValue.Text Made(string text)
    {
        meter.ChargeChars(text.Length);
        return text.Length == 0 ? TemplateValue.Text.Empty : new TemplateValue.Text(text);
    }

    /// <summary>Wraps a list that was just made, and counts it.</summary>
    public TemplateValue.List Made(List<TemplateValue> items, bool isTuple = false)
    {
        meter.ChargeItems(items.Count);
        return new TemplateValue.List(items, isTuple);
    }

    /// <summary>The text of a value as <c>str()</c> gives it.</summary>
    public string TextOf(TemplateValue value)
    {
        if (value is TemplateValue.Text text)
            return text.Value;
        var mark = buffer.Length;
        PythonText.Write(this, value);
        return buffer.Cut(mark);
    }

    public IReadOnlyList<TemplateValue> ItemsOf(TemplateValue value) => Sequences.ItemsOf(this, value);
}
