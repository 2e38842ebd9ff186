using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Samovar.Engine;
using Samovar.Gateway.Destinations;
using Samovar.Server.Hosting;
using Samovar.Storage.Sql;
using Samovar.Tests.Tidy;
using Samovar.Turns;

namespace Samovar.Tests.Documents;

/// <summary>docs/options.md, from the options classes: keys, types and bounds from their properties, sentences from their source.</summary>
internal static partial class OptionsPage
{
    /// <summary>Where each class opens, by its name.</summary>
    private static readonly ILookup<string, (SourceFile File, int Line)> Classes = SourceTree.Files
        .SelectMany(file => file.Lines.Select((line, at) => (file, at, Opens: Class().Match(line))))
        .Where(row => row.Opens.Success)
        .ToLookup(row => row.Opens.Groups[1].Value, row => (row.file, row.at));

    private const string Head = """
        # Options

        Generated from the options classes; a test compares them. To regenerate this page: `SAMOVAR_REGENERATE=1 ./samovar test`.

        - In `samovar.json` of the working folder, or the file of `--config`: `{"Server":{"Port":8788}}`.
        - In the environment, which wins over the file: `SAMOVAR_Server__Port=8788`; a list's or a map's entries by one more name:
          `SAMOVAR_Http__ExtraResponsesPaths__0=/llm/responses`.
        - On the command line, which wins over both: `samovar serve --help` lists the options that have a switch.

        A key that is not here, or a value out of its range, ends the start with a sentence that names it. Time spans are
        `[days.]hours:minutes:seconds`. The log's levels are `Logging:LogLevel:Default` and so on, as usual in .NET.

        """;

    public static string Markdown()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var (type, section) in Sections()) Append(page, type, section);
        return page.ToString();
    }

    private static void Append(StringBuilder page, Type type, string section)
    {
        page.Append(CultureInfo.InvariantCulture, $"\n## {section}\n\n| key | type | default | range | what it is |\n");
        page.Append("| --- | --- | --- | --- | --- |\n");
        var defaults = Activator.CreateInstance(type);
        foreach (var property in Properties(type))
            page.Append(CultureInfo.InvariantCulture,
                $"| `{section}:{property.Name}` | {Kind(property)} | {Default(property, defaults)} | {Bounds(property)} | ")
                .Append(Sentence(type, property)).Append(" |\n");
    }

    /// <summary>Every table of the page; a list or a map of objects is one of its own, <c>N</c> and <c>NAME</c> standing for
    /// an entry's.</summary>
    public static IEnumerable<(Type Type, string Section)> Sections() =>
        Roots().SelectMany(root => WithParts(root.Type, root.Section));

    private static IEnumerable<(Type Type, string Section)> WithParts(Type type, string section) =>
        Properties(type).Where(property => PartOf(property) is not null)
            .SelectMany(property => WithParts(PartOf(property)!, $"{section}:{property.Name}:{KeyOf(property)}")).Prepend((type, section));

    private static string KeyOf(PropertyInfo property) => typeof(IDictionary).IsAssignableFrom(property.PropertyType) ? "NAME" : "N";

    /// <summary>The class of a list's or a map's entries, where they are objects.</summary>
    private static Type? PartOf(PropertyInfo property) =>
        property.PropertyType is { IsGenericType: true } type && type.GetGenericArguments() is [.., var part] && part != typeof(string)
            && Nullable.GetUnderlyingType(type) is null
            ? part
            : null;

    private static IEnumerable<(Type Type, string Section)> Roots() =>
        new[] { typeof(ServerOptions), typeof(UpstreamOptions), typeof(TurnOptions), typeof(EngineOptions), typeof(StoreOptions) }
            .Select(type => type.Assembly)
            .SelectMany(assembly => assembly.GetTypes())
            .Select(type => (Type: type, Section: type.GetField("Section")?.GetRawConstantValue() as string))
            .Where(row => row.Section is not null).Select(row => (row.Type, row.Section!))
            .OrderBy(row => row.Item2, StringComparer.Ordinal);

    public static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .OrderBy(property => property.MetadataToken);

    /// <summary>The summary above the property; empty when there is none.</summary>
    public static string Sentence(Type type, PropertyInfo property)
    {
        var (file, from) = Classes[type.Name].Single();
        var declares = new Regex($@"^    (\[.*\] )?public \S+ {property.Name} \{{", RegexOptions.NonBacktracking);
        var at = Array.FindIndex(file.Lines, from, line => declares.IsMatch(Map().Replace(line, "Map")));
        var comment = file.Lines.Take(at).Reverse().TakeWhile(line => line.StartsWith("    ///", StringComparison.Ordinal)).Reverse();
        var text = string.Join(' ', comment.Select(line => line.Trim()[3..].Trim())).Replace("<summary>", "").Replace("</summary>", "");
        text = Code().Replace(text, "`$1`");
        return Reference().Replace(text, "`$1`").Trim();
    }

    private static string Kind(PropertyInfo property) => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) switch
    {
        var type when type == typeof(int) || type == typeof(long) => "integer",
        var type when type == typeof(float) || type == typeof(double) => "number",
        var type when type == typeof(bool) => "`true`, `false`",
        var type when type == typeof(TimeSpan) => "time span",
        var type when type == typeof(string) => "text",
        var type when typeof(IDictionary).IsAssignableFrom(type) => "map",
        var type when typeof(IEnumerable).IsAssignableFrom(type) => "list",
        var type => throw new InvalidOperationException($"No word for {type}."),
    };

    private static string Default(PropertyInfo property, object? defaults) => (property.Name, property.GetValue(defaults)) switch
    {
        (nameof(ServerOptions.DataPath), _) =>
            "`samovar` in `$XDG_DATA_HOME`, or where the platform keeps data ([folders](install.md#folders))",
        (_, null or "") => "",
        (_, bool value) => value ? "`true`" : "`false`",
        (_, string value) => $"`{value}`",
        (_, IEnumerable) => "empty",
        (_, var value) => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    private static string Bounds(PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            return range.Maximum is long.MaxValue or "9223372036854775807" or 9.2233720368547758E+18
                ? string.Create(CultureInfo.InvariantCulture, $"from {range.Minimum}")
                : string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}");
        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } words)
            return words.Pattern.Trim('^', '$', '(', ')').Replace("|", ", ");
        if (property.GetCustomAttribute<StringLengthAttribute>() is { } length)
            return string.Create(CultureInfo.InvariantCulture, $"at most {length.MaximumLength} characters");
        return property.GetCustomAttribute<RequiredAttribute>() is null ? "" : "not empty";
    }

    [GeneratedRegex(@"^(?:public|internal) sealed class (\w+)\b")]
    private static partial Regex Class();

    [GeneratedRegex(@"Dictionary<string, \w+>")]
    private static partial Regex Map();

    [GeneratedRegex("<c>(.*?)</c>")] private static partial Regex Code();
    [GeneratedRegex("<see cref=\"(.*?)\" ?/>")] private static partial Regex Reference();
}
