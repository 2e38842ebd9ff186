using System.CommandLine;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Traces;

/// <summary>What the commands about one turn are asked with: the turn, and the server that knows it.</summary>
internal sealed class TraceOptions
{
    private const string Local = "http://127.0.0.1:8787";
    private readonly Option<string> _server = new("--server") { Description = "The server.", DefaultValueFactory = _ => Local };
    private readonly Option<string?> _key = new("--key") { Description = "The key of the turn's tenant, or an operator's." };
    private readonly Option<string?> _keyName = new("--key-env") { Description = "Environment variable that holds the key." };

    public Argument<string> Response { get; } = new("response") { Description = "The response's id: resp_…" };

    public void AddTo(Command command)
    {
        command.Add(Response);
        foreach (var option in (Option[])[_server, _key, _keyName]) command.Add(option);
    }

    /// <exception cref="UsageException">The address or the key cannot be read.</exception>
    public TraceClient Open(ParseResult parsed) => new(
        ServerOption.Address("--server", parsed.GetValue(_server)!, Local),
        ServerOption.Key(parsed.GetValue(_key), parsed.GetValue(_keyName)));
}
