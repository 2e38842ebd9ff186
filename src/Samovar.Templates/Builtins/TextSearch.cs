using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The methods that look for one text in another, between bounds that are given in characters.</summary>
internal static class TextSearch
{
    private readonly record struct Window(int Start, string Text);

    public static int Find(string self, CallArguments arguments) => Within(self, arguments) is { } window
        && window.Text.IndexOf(arguments.RequireText(0, "sub"), StringComparison.Ordinal) is >= 0 and var at
        ? window.Start + CodePoints.IndexAt(window.Text, at)
        : Missing(arguments);

    public static int FindLast(string self, CallArguments arguments) => Within(self, arguments) is { } window
        && window.Text.LastIndexOf(arguments.RequireText(0, "sub"), StringComparison.Ordinal) is >= 0 and var at
        ? window.Start + CodePoints.IndexAt(window.Text, at)
        : Missing(arguments);

    public static int Count(string self, CallArguments arguments)
    {
        var part = arguments.RequireText(0, "sub");
        if (Within(self, arguments) is not { } window)
            return 0;
        return part.Length == 0 ? CodePoints.Count(window.Text) + 1 : window.Text.AsSpan().Count(part);
    }

    public static TemplateValue.Bool Affix(string self, CallArguments arguments, Func<string, string, bool> has)
    {
        var window = Within(self, arguments);
        return TemplateValue.Bool.Of(arguments.Require(0, "prefix") switch
        {
            TemplateValue.Text part => window is { } one && has(one.Text, part.Value),
            TemplateValue.List { IsTuple: true } parts => parts.Items.Exists(part => part is TemplateValue.Text text
                ? window is { } one && has(one.Text, text.Value)
                : throw NoText(part)),
            var other => throw NoText(other),
        });
    }

    /// <summary>Replaces at most so many times; below zero means always. An empty text stands before every character and at the
    /// end.</summary>
    public static TemplateValue.Text Replace(RenderContext context, string text, string old, string fresh, int most)
    {
        var count = most < 0 ? int.MaxValue : most;
        var mark = context.Buffer.Length;
        var remaining = text.AsSpan();
        if (old.Length == 0)
            remaining = Weave(context, text, fresh, count);
        for (; count > 0 && old.Length > 0 && remaining.IndexOf(old) is >= 0 and var at; count--)
        {
            context.Buffer.Write(remaining[..at]);
            context.Buffer.Write(fresh);
            remaining = remaining[(at + old.Length)..];
        }
        context.Buffer.Write(remaining);
        return context.Made(context.Buffer.Cut(mark));
    }

    private static ReadOnlySpan<char> Weave(RenderContext context, string text, string fresh, int count)
    {
        var parts = CodePoints.Split(text);
        context.Meter.ChargeItems(parts.Count);
        var at = 0;
        for (; at < parts.Count && at < count; at++)
        {
            context.Buffer.Write(fresh);
            context.Buffer.Write(parts[at]);
        }
        if (at < count)
            context.Buffer.Write(fresh);
        return string.Concat(parts.Skip(at));
    }

    /// <summary>What lies between the bounds; null where the first is behind the second, or behind the end.</summary>
    private static Window? Within(string self, CallArguments arguments)
    {
        if (arguments.Count == 1)
            return new Window(0, self);
        var count = CodePoints.Count(self);
        var start = Bound(arguments.FindInt(1, "start") ?? 0);
        var end = Math.Min(count, Bound(arguments.FindInt(2, "end") ?? count));
        if (start > end)
            return null;
        var from = CodePoints.OffsetOf(self, start);
        return new Window(start, self[from..CodePoints.OffsetOf(self, end)]);

        int Bound(int given) => given < 0 ? Math.Max(0, given + count) : given;
    }

    private static int Missing(CallArguments arguments)
    {
        arguments.RequireText(0, "sub");
        return -1;
    }

    private static TemplateException NoText(TemplateValue value) =>
        new($"A text is compared with texts, not with {PythonText.TypeName(value)}.");
}
