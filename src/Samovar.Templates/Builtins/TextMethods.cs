using System.Collections.Frozen;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

internal delegate TemplateValue TextMethod(RenderContext context, string self, CallArguments arguments);

/// <summary>The methods of Python's <c>str</c>.</summary>
internal static class TextMethods
{
    private const int PaddingMax = 10_000;

    public static readonly FrozenDictionary<string, TextMethod> All = new Dictionary<string, TextMethod>(StringComparer.Ordinal)
    {
        ["strip"] = (context, self, arguments) => context.Made(Strip(self, arguments, start: true, end: true)),
        ["lstrip"] = (context, self, arguments) => context.Made(Strip(self, arguments, start: true, end: false)),
        ["rstrip"] = (context, self, arguments) => context.Made(Strip(self, arguments, start: false, end: true)),
        ["split"] = TextSplits.Split,
        ["rsplit"] = TextSplits.SplitFromEnd,
        ["splitlines"] = TextSplits.SplitLines,
        ["partition"] = TextSplits.Partition,
        ["rpartition"] = TextSplits.PartitionFromEnd,
        ["startswith"] = (_, self, arguments) => Affix(self, arguments, (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        ["endswith"] = (_, self, arguments) => Affix(self, arguments, (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        ["removeprefix"] = (context, self, arguments) => context.Made(RemovePrefix(self, arguments.RequireText(0, "prefix"))),
        ["removesuffix"] = (context, self, arguments) => context.Made(RemoveSuffix(self, arguments.RequireText(0, "suffix"))),
        ["upper"] = (context, self, _) => context.Made(self.ToUpperInvariant()),
        ["lower"] = (context, self, _) => context.Made(self.ToLowerInvariant()),
        ["casefold"] = (context, self, _) => context.Made(self.ToLowerInvariant()),
        ["title"] = (context, self, _) => context.Made(TextCases.Title(self)),
        ["capitalize"] = (context, self, _) => context.Made(TextCases.Capitalize(self)),
        ["swapcase"] = (context, self, _) => context.Made(TextCases.Swap(self)),
        ["replace"] = (context, self, arguments) => TextFilters.Replace(context, self, arguments),
        ["find"] = (_, self, arguments) => new TemplateValue.Int(Find(self, arguments)),
        ["rfind"] = (_, self, arguments) => new TemplateValue.Int(FindLast(self, arguments)),
        ["index"] = (_, self, arguments) => Found(Find(self, arguments)),
        ["rindex"] = (_, self, arguments) => Found(FindLast(self, arguments)),
        ["count"] = (_, self, arguments) => new TemplateValue.Int(Count(self, arguments.RequireText(0, "sub"))),
        ["join"] = (context, self, arguments) => Join(context, self, arguments.Require(0, "iterable")),
        ["format"] = (context, self, arguments) => context.Made(TextFormats.Braces(context, self, arguments)),
        ["zfill"] = (context, self, arguments) => context.Made(ZeroFill(self, Width(arguments))),
        ["ljust"] = (context, self, arguments) => context.Made(self.PadRight(Width(arguments))),
        ["rjust"] = (context, self, arguments) => context.Made(self.PadLeft(Width(arguments))),
        ["center"] = (context, self, arguments) => context.Made(TextFilters.Center(self, Width(arguments))),
        ["isdigit"] = (_, self, _) => Are(self, char.IsDigit),
        ["isdecimal"] = (_, self, _) => Are(self, char.IsDigit),
        ["isnumeric"] = (_, self, _) => Are(self, char.IsNumber),
        ["isalpha"] = (_, self, _) => Are(self, char.IsLetter),
        ["isalnum"] = (_, self, _) => Are(self, one => char.IsLetter(one) || char.IsNumber(one)),
        ["isspace"] = (_, self, _) => Are(self, char.IsWhiteSpace),
        ["islower"] = (_, self, _) => TextCases.IsLower(self),
        ["isupper"] = (_, self, _) => TextCases.IsUpper(self),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static TemplateValue.Text Join(RenderContext context, string separator, TemplateValue items)
    {
        var mark = context.Buffer.Length;
        var parts = context.ItemsOf(items);
        for (var at = 0; at < parts.Count; at++)
        {
            if (parts[at] is not TemplateValue.Text part)
                throw new TemplateException($"Only texts can be joined, not {PythonText.TypeName(parts[at])}.");
            if (at > 0)
                context.Buffer.Write(separator);
            context.Buffer.Write(part.Value);
        }
        return context.Made(context.Buffer.Cut(mark));
    }

    private static string Strip(string self, CallArguments arguments, bool start, bool end)
    {
        var chars = arguments.FindText(0, "chars")?.ToCharArray();
        var remaining = self.AsSpan();
        if (start)
            remaining = chars is null ? remaining.TrimStart() : remaining.TrimStart(chars);
        if (end)
            remaining = chars is null ? remaining.TrimEnd() : remaining.TrimEnd(chars);
        return remaining.Length == self.Length || chars is [] ? self : remaining.ToString();
    }

    private static TemplateValue.Bool Affix(string self, CallArguments arguments, Func<string, string, bool> has)
    {
        return TemplateValue.Bool.Of(arguments.Require(0, "prefix") switch
        {
            TemplateValue.Text part => has(self, part.Value),
            TemplateValue.List { IsTuple: true } parts =>
                parts.Items.Exists(part => part is TemplateValue.Text text && has(self, text.Value)),
            var other => throw new TemplateException($"A text is compared with texts, not with {PythonText.TypeName(other)}."),
        });
    }

    private static string RemovePrefix(string self, string prefix) =>
        self.StartsWith(prefix, StringComparison.Ordinal) ? self[prefix.Length..] : self;

    private static string RemoveSuffix(string self, string suffix) =>
        suffix.Length > 0 && self.EndsWith(suffix, StringComparison.Ordinal) ? self[..^suffix.Length] : self;

    private static int Find(string self, CallArguments arguments) =>
        CodePoints.IndexAt(self, self.IndexOf(arguments.RequireText(0, "sub"), StringComparison.Ordinal));

    private static int FindLast(string self, CallArguments arguments) =>
        CodePoints.IndexAt(self, self.LastIndexOf(arguments.RequireText(0, "sub"), StringComparison.Ordinal));

    private static TemplateValue.Int Found(int at) =>
        at >= 0 ? new TemplateValue.Int(at) : throw new TemplateException("The text that is looked for is not there.");

    private static int Count(string self, string part) =>
        part.Length == 0 ? CodePoints.Count(self) + 1 : self.AsSpan().Count(part);

    private static int Width(CallArguments arguments) => Math.Clamp(arguments.FindInt(0, "width") ?? 0, 0, PaddingMax);

    private static string ZeroFill(string self, int width) =>
        self is ['-' or '+', ..] ? self[..1] + self[1..].PadLeft(Math.Max(0, width - 1), '0') : self.PadLeft(width, '0');

    private static TemplateValue.Bool Are(string self, Func<char, bool> predicate) =>
        TemplateValue.Bool.Of(self.Length > 0 && self.All(predicate));
}
