using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Samovar.Cli.Commands;

/// <summary>A command-line option that stands for one key of the configuration.</summary>
internal abstract class Setting(string key)
{
    public string Key { get; } = key;
    public abstract Option Option { get; }

    /// <summary>The value as configuration text; null when the option was not given.</summary>
    public abstract string? Read(ParseResult parsed);

    /// <summary>All that the option says, as keys and values of the configuration.</summary>
    public virtual IEnumerable<KeyValuePair<string, string>> ReadAll(ParseResult parsed) =>
        Read(parsed) is { } value ? [new(Key, value)] : [];

    public static Setting Of<T>(string name, string key, string description, string? valueName = null) =>
        new Typed<T>(key, new Option<T>(name) { Description = description, HelpName = valueName });

    /// <summary>A whole number; how large it may be, the configuration knows.</summary>
    public static Setting Number(string name, string key, string description, string valueName) =>
        new Typed<long>(key, new Option<long>(name) { Description = description, HelpName = valueName, CustomParser = Whole });

    private static long Whole(ArgumentResult read)
    {
        var text = read.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        read.AddError($"{(read.Parent as OptionResult)?.Option.Name} must be a whole number, not '{text}'.");
        return 0;
    }

    private sealed class Typed<T>(string key, Option<T> option) : Setting(key)
    {
        public override Option Option => option;

        public override string? Read(ParseResult parsed) =>
            parsed.GetResult(option) is { Implicit: false }
                ? Convert.ToString(parsed.GetValue(option), CultureInfo.InvariantCulture)
                : null;
    }
}
