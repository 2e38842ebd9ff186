using System.Collections.Frozen;
using System.Text;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

internal delegate TemplateValue TextMethod(RenderContext context, string self, CallArguments arguments);

/// <summary>The methods of Python's <c>str</c>.</summary>
internal static class TextMethods
{
    public static readonly FrozenDictionary<string, TextMethod> All = new Dictionary<string, TextMethod>(StringComparer.Ordinal)
    {
        ["strip"] = (context, self, arguments) => context.Made(TextPadding.Strip(self, arguments.FindText(0, "chars"), start: true,
            end: true)),
        ["lstrip"] = (context, self, arguments) => context.Made(TextPadding.Strip(self, arguments.FindText(0, "chars"), start: true,
            end: false)),
        ["rstrip"] = (context, self, arguments) => context.Made(TextPadding.Strip(self, arguments.FindText(0, "chars"), start: false,
            end: true)),
        ["split"] = TextSplits.Split,
        ["rsplit"] = TextSplits.SplitFromEnd,
        ["splitlines"] = TextSplits.SplitLines,
        ["partition"] = TextSplits.Partition,
        ["rpartition"] = TextSplits.PartitionFromEnd,
        ["startswith"] = (_, self, arguments) =>
            TextSearch.Affix(self, arguments, (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        ["endswith"] = (_, self, arguments) => TextSearch.Affix(self, arguments, (text, part) => text.EndsWith(part,
            StringComparison.Ordinal)),
        ["removeprefix"] = (context, self, arguments) => context.Made(RemovePrefix(self, arguments.RequireText(0, "prefix"))),
        ["removesuffix"] = (context, self, arguments) => context.Made(RemoveSuffix(self, arguments.RequireText(0, "suffix"))),
        ["upper"] = (context, self, _) => context.Made(TextCases.Upper(self)),
        ["lower"] = (context, self, _) => context.Made(TextCases.Lower(self)),
        ["casefold"] = (context, self, _) => context.Made(TextCases.Fold(self)),
        ["title"] = (context, self, _) => context.Made(TextCases.Title(self)),
        ["capitalize"] = (context, self, _) => context.Made(TextCases.Capitalize(self)),
        ["swapcase"] = (context, self, _) => context.Made(TextCases.Swap(self)),
        ["replace"] = Replace,
        ["find"] = (_, self, arguments) => new TemplateValue.Int(TextSearch.Find(self, arguments)),
        ["rfind"] = (_, self, arguments) => new TemplateValue.Int(TextSearch.FindLast(self, arguments)),
        ["index"] = (_, self, arguments) => Found(TextSearch.Find(self, arguments)),
        ["rindex"] = (_, self, arguments) => Found(TextSearch.FindLast(self, arguments)),
        ["count"] = (_, self, arguments) => new TemplateValue.Int(TextSearch.Count(self, arguments)),
        ["join"] = (context, self, arguments) => Join(context, self, arguments.Require(0, "iterable")),
        ["format"] = (context, self, arguments) => context.Made(new BraceFormat(context, arguments, isMarkup: false).Fill(self)),
        ["format_map"] = FormatMap,
        ["zfill"] = TextPadding.ZeroFill,
        ["ljust"] = (context, self, arguments) => TextPadding.Pad(context, self, arguments, '<'),
        ["rjust"] = (context, self, arguments) => TextPadding.Pad(context, self, arguments, '>'),
        ["center"] = (context, self, arguments) => TextPadding.Pad(context, self, arguments, '^'),
        ["expandtabs"] = TextPadding.ExpandTabs,
        ["translate"] = Translate,
        ["isdigit"] = (_, self, _) => Are(self, PythonChars.IsDigit),
        ["isdecimal"] = (_, self, _) => Are(self, PythonChars.IsDecimal),
        ["isnumeric"] = (_, self, _) => Are(self, PythonChars.IsNumeric),
        ["isalpha"] = (_, self, _) => Are(self, PythonChars.IsLetter),
        ["isalnum"] = (_, self, _) => Are(self, PythonChars.IsLetterOrNumber),
        ["isspace"] = (_, self, _) => Are(self, rune => rune.IsBmp && PythonChars.IsSpace((char)rune.Value)),
        ["isascii"] = (_, self, _) => TemplateValue.Bool.Of(Ascii.IsValid(self)),
        ["isprintable"] = (_, self, _) => TemplateValue.Bool.Of(self.Length == 0 || Are(self, PythonChars.IsPrintable).Value),
        ["isidentifier"] = (_, self, _) => TemplateValue.Bool.Of(PythonChars.IsIdentifier(self)),
        ["istitle"] = (_, self, _) => TemplateValue.Bool.Of(TextCases.IsTitle(self)),
        ["islower"] = (_, self, _) => TemplateValue.Bool.Of(TextCases.IsLower(self)),
        ["isupper"] = (_, self, _) => TemplateValue.Bool.Of(TextCases.IsUpper(self)),
    }.ToFrozenDictionary(method => method.Key, method => Checked(method.Key, method.Value), StringComparer.Ordinal);

    private static TextMethod Checked(string name, TextMethod method)
    {
        var signature = Signatures.OfTextMethod(name);
        return (context, self, arguments) =>
        {
            signature.Check(arguments);
            return method(context, self, arguments);
        };
    }

    private static TemplateValue.Text Join(RenderContext context, string separator, TemplateValue items)
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

    private static TemplateValue.Text Replace(RenderContext context, string self, CallArguments arguments) => TextSearch.Replace(
        context, self, arguments.RequireText(0, "old"), arguments.RequireText(1, "new"), arguments.RequireInt(2, "count", -1));

    private static TemplateValue.Text FormatMap(RenderContext context, string self, CallArguments arguments)
    {
        if (arguments.Require(0, "mapping") is not TemplateValue.Map map)
            throw new TemplateException("'format_map' takes a map.");
        var named = map.Entries.Where(entry => entry.Key is TemplateValue.Text)
            .Select(entry => KeyValuePair.Create(((TemplateValue.Text)entry.Key).Value, entry.Value));
        return context.Made(new BraceFormat(context, new CallArguments([], [.. named]), isMarkup: false).Fill(self));
    }

    private static TemplateValue.Text Translate(RenderContext context, string self, CallArguments arguments)
    {
        if (arguments.Require(0, "table") is not TemplateValue.Map map)
            throw new TemplateException("'translate' takes a map of characters' numbers.");
        var text = new StringBuilder();
        foreach (var rune in self.EnumerateRunes())
        {
            context.Meter.Step();
            if (!map.Entries.TryGetValue(new TemplateValue.Int(rune.Value), out var other))
                text.Append(rune.ToString());
            else if (other is TemplateValue.Text replacement)
                text.Append(replacement.Value);
            else if (other is not TemplateValue.None)
                text.Append(WholeFormat.Character(
                    Numbers.Whole(other) ?? throw new TemplateException("A character becomes a text, a number or nothing.")));
        }
        return context.Made(text.ToString());
    }

    private static string RemovePrefix(string self, string prefix) =>
        self.StartsWith(prefix, StringComparison.Ordinal) ? self[prefix.Length..] : self;

    private static string RemoveSuffix(string self, string suffix) =>
        suffix.Length > 0 && self.EndsWith(suffix, StringComparison.Ordinal) ? self[..^suffix.Length] : self;

    private static TemplateValue.Int Found(int at) =>
        at >= 0 ? new TemplateValue.Int(at) : throw new TemplateException("The text that is looked for is not there.");

    private static TemplateValue.Bool Are(string self, Func<Rune, bool> predicate)
    {
        foreach (var rune in self.EnumerateRunes())
        {
            if (!predicate(rune))
                return TemplateValue.Bool.False;
        }
        return TemplateValue.Bool.Of(self.Length > 0);
    }
}
