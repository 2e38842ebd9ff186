using System.CommandLine;

namespace Samovar.Cli.Agents;

/// <summary>The options of commands about a running server: which one it is, and a key of it.</summary>
/// <param name="whoseKey">What <c>--key</c> says in the help.</param>
/// <param name="alias">Another name of <c>--server</c>.</param>
internal sealed class ServerChoice(string whoseKey, params string[] alias)
{
    private const string Name = "--server", Local = "http://127.0.0.1:8787";
    private readonly Option<string> _server = new(Name, alias) { Description = "The server.", DefaultValueFactory = _ => Local };
    private readonly Option<string?> _key = new("--key") { Description = whoseKey };
    private readonly Option<string?> _keyName = new("--key-env") { Description = "Environment variable that holds the key." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_server, _key, _keyName]) command.Add(option);
    }

    /// <summary>The environment variable that holds the key; null where none was named.</summary>
    public string? KeyName(ParseResult parsed) => parsed.GetValue(_keyName);

    /// <param name="open">Makes what speaks with it.</param>
    /// <exception cref="UsageException">The address or the key cannot be read.</exception>
    public TClient Open<TClient>(ParseResult parsed, Func<Uri, string?, TClient> open) => open(
        ServerOption.Address(Name, parsed.GetValue(_server)!, Local), ServerOption.Key(parsed.GetValue(_key), parsed.GetValue(_keyName)));
}
