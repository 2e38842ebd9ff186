namespace Samovar.Templates.Values;

/// <summary>Equality, order and membership of values.</summary>
internal static class ValueOrder
{
    public static bool Holds(RenderContext context, Comparison comparison, TemplateValue left, TemplateValue right) => comparison switch
    {
        Comparison.Equal => AreEqual(context.Meter, left, right),
        Comparison.NotEqual => !AreEqual(context.Meter, left, right),
        Comparison.In => IsIn(context, left, right),
        Comparison.NotIn => !IsIn(context, left, right),
        _ when IsUnordered(left) || IsUnordered(right) => Numbers.IsNumber(left) && Numbers.IsNumber(right)
            ? false : throw NoOrder(left, right),
        Comparison.Less => Compare(context.Meter, left, right) < 0,
        Comparison.LessOrEqual => Compare(context.Meter, left, right) <= 0,
        Comparison.Greater => Compare(context.Meter, left, right) > 0,
        _ => Compare(context.Meter, left, right) >= 0,
    };

    public static bool AreEqual(RenderMeter meter, TemplateValue left, TemplateValue right)
    {
        meter.Enter();
        var equal = (left, right) switch
        {
            (TemplateValue.Text a, TemplateValue.Text b) => string.Equals(a.Value, b.Value, StringComparison.Ordinal),
            (TemplateValue.List a, TemplateValue.List b) => AreEqual(meter, a, b),
            (TemplateValue.Map a, TemplateValue.Map b) => AreEqual(meter, a.Entries, b.Entries),
            (TemplateValue.None, TemplateValue.None) or (TemplateValue.Undefined, TemplateValue.Undefined) => true,
            _ when IsUnordered(left) || IsUnordered(right) => false,
            _ when Numbers.IsNumber(left) && Numbers.IsNumber(right) => Numbers.Compare(left, right) == 0,
            _ => ReferenceEquals(left, right),
        };
        meter.Leave();
        return equal;
    }

    public static int Compare(RenderMeter meter, TemplateValue left, TemplateValue right)
    {
        meter.Enter();
        var order = (left, right) switch
        {
            (TemplateValue.Text a, TemplateValue.Text b) => CompareTexts(a.Value, b.Value),
            (TemplateValue.List { View: null } a, TemplateValue.List { View: null } b) when a.IsTuple == b.IsTuple =>
                Compare(meter, a.Items, b.Items),
            _ when Numbers.IsNumber(left) && Numbers.IsNumber(right) => Numbers.Compare(left, right),
            (TemplateValue.Undefined missing, _) => throw missing.Fault(),
            (_, TemplateValue.Undefined missing) => throw missing.Fault(),
            _ => throw NoOrder(left, right),
        };
        meter.Leave();
        return order;
    }

    public static bool IsIn(RenderContext context, TemplateValue one, TemplateValue many)
    {
        switch (many)
        {
            case TemplateValue.Text text when one is TemplateValue.Text part:
                context.Meter.ChargeChars(text.Value.Length);
                return text.Value.Contains(part.Value, StringComparison.Ordinal);
            case TemplateValue.Text:
                throw new TemplateException($"Only a text can be in a text, not {PythonText.TypeName(one)}.");
            case TemplateValue.Map map:
                return map.Entries.ContainsKey(one);
            case TemplateValue.Stream stream:
                return IsAhead(context, stream, one);
            default:
                return IndexOf(context, context.ItemsOf(many), one) >= 0;
        }
    }

    public static int IndexOf(RenderContext context, IReadOnlyList<TemplateValue> items, TemplateValue one)
    {
        for (var at = 0; at < items.Count; at++)
        {
            if (ReferenceEquals(items[at], one) || AreEqual(context.Meter, items[at], one))
                return at;
        }
        return -1;
    }

    /// <summary>By code points: a surrogate sorts after every other character.</summary>
    public static int CompareTexts(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
            return a.Length.CompareTo(b.Length);
        return (char.IsSurrogate(a[same]), char.IsSurrogate(b[same])) switch
        {
            (true, false) => 1,
            (false, true) => -1,
            _ => a[same].CompareTo(b[same]),
        };
    }

    private static bool IsUnordered(TemplateValue value) => value is TemplateValue.Float { Value: double.NaN };

    /// <summary>Walks on as far as the value, so that what follows it can still be walked.</summary>
    private static bool IsAhead(RenderContext context, TemplateValue.Stream stream, TemplateValue one)
    {
        while (stream.Items.MoveNext())
        {
            if (AreEqual(context.Meter, stream.Items.Current, one))
                return true;
        }
        return false;
    }

    private static bool AreEqual(RenderMeter meter, TemplateValue.List a, TemplateValue.List b)
    {
        if (ReferenceEquals(a, b))
            return true;
        var isOneKind = (a.View, b.View) switch
        {
            (SequenceView.MapPart one, SequenceView.MapPart other) =>
                ReferenceEquals(one, other) && !ReferenceEquals(one, SequenceView.Values),
            (SequenceView.Range, SequenceView.Range) => true,
            (null, null) => a.IsTuple == b.IsTuple,
            _ => false,
        };
        if (!isOneKind || a.Items.Count != b.Items.Count)
            return false;
        if (a.View is SequenceView.MapPart)
            return a.Items.TrueForAll(item => b.Items.Exists(other => AreEqual(meter, item, other)));
        for (var at = 0; at < a.Items.Count; at++)
        {
            if (!ReferenceEquals(a.Items[at], b.Items[at]) && !AreEqual(meter, a.Items[at], b.Items[at]))
                return false;
        }
        return true;
    }

    private static bool AreEqual(RenderMeter meter, MapEntries a, MapEntries b)
    {
        if (a.Count != b.Count)
            return false;
        foreach (var (key, value) in a)
        {
            if (!b.TryGetValue(key, out var other) || !AreEqual(meter, value, other))
                return false;
        }
        return true;
    }

    private static int Compare(RenderMeter meter, List<TemplateValue> a, List<TemplateValue> b)
    {
        for (var at = 0; at < Math.Min(a.Count, b.Count); at++)
        {
            if (!AreEqual(meter, a[at], b[at]))
                return Compare(meter, a[at], b[at]);
        }
        return a.Count.CompareTo(b.Count);
    }

    private static TemplateException NoOrder(TemplateValue left, TemplateValue right) =>
        new($"There is no order between {PythonText.TypeName(left)} and {PythonText.TypeName(right)}.");
}
