using System.CommandLine;

namespace Samovar.Cli.Agents;

/// <summary>The options that every client command shares: which server, which model, which key.</summary>
internal sealed class ConnectionOptions
{
    private readonly Option<string> _baseUrl = new("--base-url") 
    {
        Description = "Responses server to talk to.",
        DefaultValueFactory = _ => "http://127.0.0.1:8787/v1",
    };
    private readonly Option<string> _model = new("--model") 
    {
        Description = "Model name, where the server has several.",
        DefaultValueFactory = _ => "default",
    };
    private readonly Option<string?> _keyName = new("--key-env") { Description = "Environment variable that holds the API key." };
    private readonly Option<int?> _outputMax = CountOption.Of("--max-output-tokens", "Most tokens of one answer.");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _baseUrl, _model, _keyName, _outputMax }) command.Options.Add(option);
    }

    /// <summary>Throws <see cref="UsageException"/> for an invalid base URL or a missing key.</summary>
    public ConversationSettings Read(ParseResult parsed, string? instructions, string? tools)
    {
        var url = ServerOption.Address("--base-url", parsed.GetValue(_baseUrl)!, "http://127.0.0.1:8787/v1");
        var key = ServerOption.Key(key: null, parsed.GetValue(_keyName));
        return new ConversationSettings(url, key, parsed.GetValue(_model)!, instructions, tools, parsed.GetValue(_outputMax));
    }
}
