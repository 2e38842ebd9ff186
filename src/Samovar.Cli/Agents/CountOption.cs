using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Samovar.Cli.Agents;

/// <summary>An option that takes a count: a whole number from 1 on; anything else is reported as an error.</summary>
internal static class CountOption
{
    public static Option<int> Of(string name, string description, int otherwise) => new(name)
    {
        Description = description, DefaultValueFactory = _ => otherwise, CustomParser = read => Read(read) ?? otherwise,
    };

    public static Option<int?> Of(string name, string description) => new(name) { Description = description, CustomParser = Read };

    private static int? Read(ArgumentResult read)
    {
        var text = read.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0) return count;
        read.AddError($"{(read.Parent as OptionResult)?.Option.Name} must be a whole number from 1 on, not '{text}'.");
        return null;
    }
}
