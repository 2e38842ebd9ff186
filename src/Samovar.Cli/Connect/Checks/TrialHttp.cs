using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Setups;
using Samovar.Client.Transports;

namespace Samovar.Cli.Connect.Checks;

/// <summary>The two turns over HTTP: each sends the whole conversation, as these agents do, and reads a stream.</summary>
internal sealed class TrialHttp(ConnectTarget target, AgentWire wire)
{
    private const int LinesMax = 100_000;

    public async Task<TrialReport> RunAsync(string transport, CancellationToken userGone)
    {
        using var http = ProxyBeyondLoopback.Client(Timeout.InfiniteTimeSpan);
        var said = new List<(string Role, string Text)>();
        var answer = new TrialAnswer();
        foreach (var question in TrialWords.Questions)
        {
            said.Add(("user", question));
            answer = await AskAsync(http, Body(said), userGone);
            if (answer.Trouble is { } trouble) return new TrialReport(transport, answer.Model, 0, 0, trouble);
            if (!answer.HasEnded) return new TrialReport(transport, answer.Model, 0, 0, "the stream ended in the middle");
            said.Add(("assistant", answer.Text.Length > 0 ? answer.Text : "yes"));
        }
        return new TrialReport(transport, answer.Model, answer.InputTokens, answer.CachedTokens, null);
    }

    private string Path => wire switch { AgentWire.Chat => "chat/completions", AgentWire.Messages => "messages", _ => "responses" };

    private JsonObject Body(List<(string Role, string Text)> said)
    {
        var messages = new JsonArray([.. said.Select(one => new JsonObject { ["role"] = one.Role, ["content"] = one.Text })]);
        var body = new JsonObject { ["model"] = target.Model, ["stream"] = true };
        switch (wire)
        {
            case AgentWire.Messages:
                (body["max_tokens"], body["system"], body["messages"]) = (TrialWords.OutputTokensMax, TrialWords.Instructions, messages);
                return body;
            case AgentWire.Chat:
                messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = TrialWords.Instructions });
                (body["max_tokens"], body["messages"]) = (TrialWords.OutputTokensMax, messages);
                body["stream_options"] = new JsonObject { ["include_usage"] = true };
                return body;
            default:
                (body["max_output_tokens"], body["instructions"]) = (TrialWords.OutputTokensMax, TrialWords.Instructions);
                body["input"] = messages;
                body["store"] = false;
                return body;
        }
    }

    private async Task<TrialAnswer> AskAsync(HttpClient http, JsonObject body, CancellationToken userGone)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{target.V1}/{Path}"))
        {
            Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", target.FileKey);
        if (wire == AgentWire.Messages) request.Headers.Add("anthropic-version", "2023-06-01");
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, userGone);
        await using var stream = await reply.Content.ReadAsStreamAsync(userGone);
        using var reader = new StreamReader(stream);
        var answer = new TrialAnswer();
        if (reply.StatusCode != HttpStatusCode.OK)
        {
            answer.Note(await reader.ReadToEndAsync(userGone));
            answer.Trouble ??= NoServerException.Sentence(target.Server, reply.StatusCode, null, "--key or --key-env", "--server");
            return answer;
        }
        for (var lines = 0; lines < LinesMax && await reader.ReadLineAsync(userGone) is { } line; lines++)
            if (line.StartsWith("data:", StringComparison.Ordinal)) answer.Note(line[5..].Trim());
        return answer;
    }
}

/// <summary>What a stream said of a turn, whichever protocol it is of.</summary>
internal sealed class TrialAnswer
{
    public string Text { get; private set; } = "";
    public string? Model { get; private set; }
    public int InputTokens { get; private set; }
    public int CachedTokens { get; private set; }
    public bool HasEnded { get; private set; }
    public string? Trouble { get; set; }

    public void Note(string data)
    {
        if (data == "[DONE]")
        {
            HasEnded = true;
            return;
        }
        try
        {
            using var json = JsonDocument.Parse(data);
            if (json.RootElement.ValueKind == JsonValueKind.Object) Note(json.RootElement);
        }
        catch (JsonException) { /* what is no event says nothing */ }
    }

    private void Note(JsonElement json)
    {
        var error = Member(json, "error") ?? Member(Member(json, "response"), "error");
        Trouble ??= Member(error, "message")?.AnyString();
        var whole = Member(json, "response") ?? Member(json, "message") ?? json;
        Model = Member(whole, "model")?.AnyString() ?? Model;
        Text += json.TryGetProperty("delta"u8, out var delta)
            ? delta.ValueKind == JsonValueKind.String && TypeOf(json) == "response.output_text.delta" ? delta.AnyString()
                : Member(delta, "text")?.AnyString()
            : Member(json, "choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0
                ? Member(Member(choices[0], "delta"), "content")?.AnyString() : null;
        HasEnded |= TypeOf(json) is "response.completed" or "response.incomplete" or "message_stop";
        if (Member(whole, "usage") is { } usage) Count(usage);
    }

    private void Count(JsonElement usage)
    {
        var details = Member(usage, "input_tokens_details") ?? Member(usage, "prompt_tokens_details");
        var (read, written) = (Number(usage, "cache_read_input_tokens"), Number(usage, "cache_creation_input_tokens"));
        CachedTokens = Math.Max(CachedTokens, Number(details, "cached_tokens") + read);
        InputTokens = Math.Max(InputTokens, Number(usage, "prompt_tokens") + Number(usage, "input_tokens") + read + written);
    }

    private static string? TypeOf(JsonElement json) => Member(json, "type")?.AnyString();
    private static int Number(JsonElement? json, string name) => Member(json, name) is { ValueKind: JsonValueKind.Number } number
        && number.TryGetInt32(out var value) ? value : 0;

    private static JsonElement? Member(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty(name, out var member)
            && member.ValueKind != JsonValueKind.Null ? member : null;
}
