using System.CommandLine;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Prefixes;

/// <summary>The options that say which server has the prefixes.</summary>
internal sealed class PrefixServer
{
    private const string Local = "http://127.0.0.1:8787";
    private readonly Option<string> _server = new("--server") { Description = "The server.", DefaultValueFactory = _ => Local };
    private readonly Option<string?> _key = new("--key") { Description = "The key of the prefixes' tenant." };
    private readonly Option<string?> _keyName = new("--key-env") { Description = "Environment variable that holds the key." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_server, _key, _keyName]) command.Add(option);
    }

    /// <exception cref="UsageException">The address or the key cannot be read.</exception>
    public PrefixClient Open(ParseResult parsed) => new(
        ServerOption.Address("--server", parsed.GetValue(_server)!, Local),
        ServerOption.Key(parsed.GetValue(_key), parsed.GetValue(_keyName)));
}
