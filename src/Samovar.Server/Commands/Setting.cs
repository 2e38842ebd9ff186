using System.CommandLine;
using System.Globalization;

namespace Samovar.Server.Commands;

/// <summary>A command-line option that stands for one key of the configuration.</summary>
internal abstract class Setting(string key)
{
    public string Key { get; } = key;
    public abstract Option Option { get; }

    /// <summary>The value as configuration text; null when the option was not given.</summary>
    public abstract string? Read(ParseResult parsed);

    public static Setting Of<T>(string name, string key, string description, string? valueName = null) =>
        new Typed<T>(name, key, description, valueName);

    private sealed class Typed<T>(string name, string key, string description, string? valueName) : Setting(key)
    {
        private readonly Option<T> _option = new(name) { Description = description, HelpName = valueName };

        public override Option Option => _option;

        public override string? Read(ParseResult parsed) =>
            parsed.GetResult(_option) is { Implicit: false } ? Convert.ToString(parsed.GetValue(_option), CultureInfo.InvariantCulture)
                : null;
    }
}
