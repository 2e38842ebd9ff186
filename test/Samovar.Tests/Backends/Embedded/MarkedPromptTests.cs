using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Protocol.Chat;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using Samovar.Testing.Core;
using Samovar.Testing.Models;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Clients whose system prompt begins with a mark that is another one each time, on libllama itself.</summary>
public sealed class MarkedPromptTests : IAsyncLifetime
{
    private const double CachedMin = 0.99;
    private static readonly string Rules = "You are an agent that looks at things, one by one, until all of them are seen. "
        + string.Concat(Enumerable.Range(0, 300).Select(rule => $"Rule {rule} is as good as any other. "));

    private string _folder = "";
    private LlamaEngine _engine = null!;
    private EmbeddedBackend _backend = null!;
    private int _marks;

    public static TheoryData<string> Starts => new(VolatileMarks.Rows.Select(row => row.Start.ToString()));

    public ValueTask InitializeAsync()
    {
        _folder = Directory.CreateTempSubdirectory("samovar-marks-").FullName;
        var path = Path.Combine(_folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(path, "look", "at", "the next one", "step-1", "ALL SEEN", areFound: true);
        _engine = LlamaEngine.Load(
            new EngineOptions { ModelPath = path, ContextTokens = 16_384, Streams = 2, Threads = 2 }, TimeProvider.System);
        _backend = new EmbeddedBackend(_engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(),
            NullLogger<EmbeddedBackend>.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The second turn of a session, and the first of another one, find what was computed.</summary>
    [Theory, MemberData(nameof(Starts))]
    public async Task SecondTurn_AndTheFirstOfAnotherSession_AreCached(string start)
    {
        using var house = new CoreHouse(backends: _ => [_backend]);
        var first = await TurnAsync(house, Request(start, "go", null));
        Assert.Equal(0, Usage(first).Cached);
        var call = first.Output[^1];
        AssertCached(await TurnAsync(house, Request(start, "go", call)));
        Assert.Equal("content", house.Requests.Records[^1].Matched);
        AssertCached(await TurnAsync(house, Request(start, "look", null)));
    }

    private static void AssertCached(SeenEvents seen)
    {
        var (input, cached) = Usage(seen);
        Assert.True(cached >= CachedMin * input, $"{cached} of {input} tokens were cached");
    }

    private static async Task<SeenEvents> TurnAsync(CoreHouse house, CreateRequest request)
    {
        var turn = house.Begin(request, TenantId.Local, CancellationToken.None);
        var seen = await SeenEvents.ReadAsync(await turn.Began, TestContext.Current.CancellationToken);
        await turn.Ended;
        return seen;
    }

    private static (int Input, int Cached) Usage(SeenEvents seen)
    {
        var usage = seen.Last.GetProperty("usage");
        return (usage.GetProperty("input_tokens").GetInt32(),
            usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32());
    }

    /// <param name="call">The call that the model made and that is answered; null for the first turn.</param>
    private CreateRequest Request(string start, string user, JsonElement? call)
    {
        var mark = $"x-anthropic-billing-header: cc_version=2.1.{++_marks}.fa{_marks}; cc_entrypoint=cli; cch=fa69{_marks};";
        var (id, arguments) = call is { } made
            ? (made.GetProperty("call_id").GetString()!, made.GetProperty("arguments").GetString()!) : ("", "{}");
        return Enum.Parse<PromptStart>(start) switch
        {
            PromptStart.MessagesSystem => MessagesRequestReader.Read(Bytes(Messages(mark, user, id, arguments)), Limits).Request,
            PromptStart.ChatSystem => ChatRequestReader.Read(Bytes(Chat(mark, user, id, arguments)), Limits).Request,
            PromptStart.Instructions => Read(new
            {
                store = false, temperature = 0, tools = Tools, instructions = $"{mark}\n{Rules}", input = Items(user, id, arguments),
            }),
            _ => Read(new
            {
                store = false, temperature = 0, tools = Tools,
                input = Items(user, id, arguments).Prepend(new { role = "developer", content = $"{mark}\n{Rules}" }),
            }),
        };
    }

    private static object Messages(string mark, string user, string id, string arguments)
    {
        object[] asked = [new { role = "user", content = user }];
        object[] answered =
        [
            new
            {
                role = "assistant",
                content = new[] { new { type = "tool_use", id, name = "look", input = JsonDocument.Parse(arguments).RootElement } },
            },
            new { role = "user", content = new[] { new { type = "tool_result", tool_use_id = id, content = "step-1" } } },
        ];
        return new
        {
            max_tokens = 100, temperature = 0,
            system = new[] { new { type = "text", text = mark }, new { type = "text", text = Rules } },
            tools = new[] { new { name = "look", input_schema = Schema } }, messages = id.Length > 0 ? [.. asked, .. answered] : asked,
        };
    }

    private static object Chat(string mark, string user, string id, string arguments)
    {
        object[] asked = [new { role = "system", content = $"{mark}\n{Rules}" }, new { role = "user", content = user }];
        object[] answered =
        [
            new { role = "assistant", tool_calls = new[] { new { id, type = "function", function = new { name = "look", arguments } } } },
            new { role = "tool", tool_call_id = id, content = "step-1" },
        ];
        return new
        {
            temperature = 0, tools = new[] { new { type = "function", function = new { name = "look", parameters = Schema } } },
            messages = id.Length > 0 ? [.. asked, .. answered] : asked,
        };
    }

    private static IEnumerable<object> Items(string user, string id, string arguments)
    {
        yield return new { role = "user", content = user };
        if (id.Length == 0) yield break;
        yield return new { type = "function_call", call_id = id, name = "look", arguments };
        yield return new { type = "function_call_output", call_id = id, output = "step-1" };
    }

    private static readonly object Schema = new { type = "object", properties = new { at = new { type = "string" } } };
    private static readonly object[] Tools = [new { type = "function", name = "look", parameters = Schema }];
    private static readonly ProtocolLimits Limits = ProtocolLimits.Default;

    private static CreateRequest Read(object body) => CreateRequestReader.Read(Bytes(body), CreateRequestOrigin.Http, Limits);

    private static byte[] Bytes(object body) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body));
}
